import math

import numpy as np
import pandas as pd

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


def test_collect_keeps_the_order_given(tmp_path):
    table = pd.DataFrame({"strength": ["0", "1"], "value": [1.0, 2.0]})
    paths = [tmp_path / "0.csv", tmp_path / "1.csv"]
    tables.write_by_strength(table, ["0", "1"], paths)
    assert tables.collect(reversed(paths))["value"].tolist() == [2.0, 1.0]


def test_collect_datasets(tmp_path, pairs):
    store.save(pairs, tmp_path / "d.safetensors")
    table = tables.collect_datasets([tmp_path / "d.safetensors"])
    assert list(table.columns) == ["dataset", "modality", "fact", "value"]
    assert set(table["fact"]) >= {"n_train", "classes", "bayes_accuracy", "redundancy"}


def test_history(trained):
    table = tables.history(trained)
    assert len(table) == 9 * 3 * 4
    wide = table.pivot_table(
        index=["strength", "seed", "epoch"], columns="loss", values="value", sort=False
    )
    np.testing.assert_allclose(wide["align_over_ln_batch"], wide["align"] / math.log(128))
    assert wide.loc[("0.4", 1, 3), "task_b"] == trained.history[4, 2, 1]
