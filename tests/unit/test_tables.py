import json

import numpy as np
import pandas as pd
import pytest

from alignsweep import tables
from alignsweep.data import store


def test_round_trip_keeps_strengths_as_text_and_missing_values(tmp_path):
    table = pd.DataFrame(
        {"strength": ["0", "1", "0.4"], "value": [1 / 3, np.nan, 2e-5], "seed": [0, 1, 2]}
    )
    tables.write(table, tmp_path / "t.csv")
    again = tables.read(tmp_path / "t.csv")
    assert again["strength"].tolist() == ["0", "1", "0.4"]
    np.testing.assert_allclose(again["value"], table["value"], rtol=1e-8)
    assert (tmp_path / "t.csv").read_bytes().startswith(b"strength,value,seed\n0,0.333333333,0\n")


@pytest.mark.parametrize(
    "names", [["NA", "1", "null", "nan", "None", "True", "a, b"], ["1", "007", "1e3"], ["NA"]]
)
@pytest.mark.parametrize(
    "column", ["dataset", "alignment", "modality", "modality_a", "modality_b", "strength"]
)
def test_a_name_is_text_whatever_it_looks_like(tmp_path, column, names):
    tables.write(pd.DataFrame({column: names, "value": 1.5}), tmp_path / "t.csv")
    again = tables.read(tmp_path / "t.csv")
    assert again[column].tolist() == names
    assert again["value"].tolist() == [1.5] * len(names)


def test_what_is_empty_is_missing(tmp_path):
    table = pd.DataFrame({"plateau": ["1", None], "value": [np.nan, 2.0], "metric": ["NA", None]})
    tables.write(table, tmp_path / "t.csv")
    assert tables.read(tmp_path / "t.csv").isna().to_numpy().tolist() == [
        [False, True, False],
        [True, False, True],
    ]


def test_cells_have_files_of_their_own(tmp_path):
    cells = [("x", "0"), ("x", "1"), ("y", "0")]
    table = pd.DataFrame(
        [{"alignment": a, "strength": s, "seed": k} for k in (0, 1) for a, s in cells]
    )
    paths = [tmp_path / f"{a}-{s}.csv" for a, s in cells]
    tables.write_cells(table, cells, paths)
    for cell, path in zip(cells, paths, strict=True):
        rows = [(*cell, 0), (*cell, 1)]
        assert list(tables.read(path).itertuples(index=False, name=None)) == rows


def test_a_cell_without_a_file_is_an_error(tmp_path):
    table = pd.DataFrame({"alignment": ["x"], "strength": ["0"]})
    with pytest.raises(ValueError, match="shorter"):
        tables.write_cells(table, [("x", "0"), ("x", "1")], [tmp_path / "0.csv"])


def test_collect_keeps_the_order_given(tmp_path):
    table = pd.DataFrame({"alignment": "x", "strength": ["0", "1"], "value": [1.0, 2.0]})
    paths = [tmp_path / "0.csv", tmp_path / "1.csv"]
    tables.write_cells(table, [("x", "0"), ("x", "1")], paths)
    assert tables.collect(reversed(paths))["value"].tolist() == [2.0, 1.0]


def test_collect_rows_of_json_files(tmp_path):
    found = {"x": [{"dataset": "x", "bits": 1.0}, {"dataset": "x", "bits": None}], "empty": []}
    for name, rows in found.items():
        tables.write_json({"table": rows, "other": 3}, tmp_path / f"{name}.json")
    table = tables.collect([tmp_path / "x.json", tmp_path / "empty.json"], "table")
    assert table["dataset"].tolist() == ["x", "x"]
    assert table["bits"].isna().tolist() == [False, True]


def test_json_has_no_value_that_others_cannot_read(tmp_path):
    tables.write_json({"x": [1, None]}, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text())["x"] == [1, None]
    assert tables.read_json(tmp_path / "x.json") == {"x": [1, None]}
    with pytest.raises(ValueError, match="not JSON compliant"):
        tables.write_json({"x": float("nan")}, tmp_path / "y.json")


def test_collect_the_facts_of_datasets(tmp_path, pairs):
    store.save(pairs, tmp_path / "d.safetensors")
    tables.write_rows(store.summary(store.load(tmp_path / "d.safetensors")), tmp_path / "d.csv")
    table = tables.collect([tmp_path / "d.csv"])
    assert list(table.columns) == ["dataset", "modality", "fact", "value"]
    assert set(table["fact"]) >= {"n_train", "classes", "bayes_accuracy", "redundancy"}
