import pytest

from alignsweep.atoms import preferred
from alignsweep.figures.atoms import redundancy_share


def test_redundancy_share_is_of_the_atoms_that_are_positive(study_tables):
    share = redundancy_share(study_tables["information"])
    assert share["synthetic-R4"] == pytest.approx(0.6 / 1.2)


def test_a_dataset_is_shown_by_what_is_exact_else_by_the_first_estimate(study_tables):
    table = study_tables["information"]
    assert set(preferred(table[::-1], "other-x")["method"]) == {"exact"}
    assert set(preferred(table[table["method"] != "exact"], "other-x")["method"]) == {"discrete"}
    assert preferred(table, "no-such") is None
