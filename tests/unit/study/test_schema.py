"""One source of truth: schema and README follow from the code, and are up to date."""

import difflib
import json

import pytest

from alignsweep.options import describe
from alignsweep.study import schema
from alignsweep.study.registries import REGISTRIES

REPAIR = "out of date; `make schema` writes it anew:\n"


def difference(old, new):
    return REPAIR + "\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm=""))


def test_the_stored_schema_is_that_of_the_code():
    stored = schema.STORED.read_text()
    made = json.dumps(schema.build(), indent=1) + "\n"
    assert stored == made, difference(stored, made)


def test_the_tables_of_the_readme_are_those_of_the_code():
    text = schema.README.read_text()
    assert schema.readme(text) == text, difference(text, schema.readme(text))


def test_the_readme_has_a_table_for_everything_that_has_options():
    places = [m[2] for m in schema._PLACE.finditer(schema.README.read_text())]
    assert set(places) == {*schema.sources(), "names"}
    assert len(places) == len(set(places))


@pytest.mark.parametrize("place", schema.sources())
def test_every_option_is_explained_and_has_a_rule(place):
    for option in describe(schema.sources()[place]):
        assert option.meaning.endswith((".", ";")), option.name
        assert set(option.schema) & {"type", "enum", "anyOf"}, option.name


@pytest.mark.parametrize("registry", REGISTRIES)
def test_names_of_entries_can_stand_in_a_configuration(registry):
    for name in REGISTRIES[registry].entries():
        assert name == name.lower().strip()
        assert "/" not in name
