"""Tables are held against their columns, ranges and rows; a few of the damages of tests/faults."""

from itertools import product
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pandas as pd
import pytest

from alignsweep import checking, columns, scores, study, tables
from alignsweep.columns import Asked
from alignsweep.damage import DamagedError
from alignsweep.data.store import SPLITS
from alignsweep.selection import design, optimum

ROOT = Path(__file__).parents[2]
ASKED = Asked({"x": ["a", "b"]}, ["infonce"], ["0", "1"], ["unimodal", "retrieval"], seeds=2)
CELL = Path("x/alignment=infonce/strength=1/seeds=0-1")


def made(strengths=("0", "1"), **changes):
    """Make a probe table of 2 seeds with everything that is asked."""
    rows = [
        {"use": use, "modality": modality, "split": split, "metric": score.name}
        for use, modalities in (("unimodal", ("a", "b")), ("retrieval", ("a>b", "b>a")))
        for modality in modalities
        for split in (SPLITS if use == "unimodal" else SPLITS[1:])
        for score in scores.scores_of(use, "classification")
    ]
    models = [
        {"dataset": "x", "alignment": "infonce", "strength": s, "seed": k}
        for s, k in product(strengths, range(2))
    ]
    rest = {"value": 1.0, "n": 9, "fixed_epochs": 1.0, "epoch": 5, "learning_rate": 0.1,
            "weight_decay": 0, "steps": 9, "width": 6, "shared_width": 6, "task_loss_ratio": 0.5,
            "diverged_at": np.nan}  # fmt: skip
    return pd.DataFrame([{**model, **row, **rest, **changes} for model in models for row in rows])


def check(table, path="scores.csv", asked=ASKED):
    checking.check(table, path, asked)


def at(table, **values):
    own = np.all([table[name] == value for name, value in values.items()], axis=0)
    return table.index[own][0]


def test_a_table_that_holds_all_that_is_asked_once_is_taken_in_any_order():
    check(made())
    check(made().sample(frac=1, random_state=0))
    check(made(["1"]), CELL / "probe.csv")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda t: t.drop(index=3), "lacks 1 of 136 rows, the first of dataset x, alignment "
         "infonce, strength 0, seed 0, use unimodal, modality a, split validation, metric acc"),
        (lambda t: t.iloc[: len(t) // 2], "lacks 68 of 136 rows, the first of .* strength 1"),
        (lambda t: t.iloc[:0], "has no rows"),
        (lambda t: t.drop(columns="split"), "has no column split"),
        (lambda t: pd.concat([t, t.iloc[[5]]]), "has more than one row of dataset x"),
        (lambda t: t.assign(dataset="y"), "has rows of dataset y"),
        (lambda t: t.assign(seed=t["seed"] + 1), "has rows of .*seed 2, which the study has not"),
        (lambda t: t.assign(use="fused"), "has rows of .*use fused.*, which the study has not"),
        (lambda t: t.assign(metric="acuracy"), "has metric acuracy in .*; allowed: accuracy, "),
        (lambda t: t.assign(n="many"), "has n many in .*; allowed: a number"),
        (lambda t: t.assign(n=np.nan), "has no n in "),
        (lambda t: t.assign(epoch=-1), "has epoch -1 in .*; allowed: a finite number from 0"),
        (lambda t: t.assign(value=np.nan), "has no value in .*, whose training did not diverge"),
        (lambda t: t.assign(diverged_at=3), "has a value in .*, whose training diverged"),
        (lambda t: t.assign(value=7.0), "has value 7 in .*allowed for accuracy: 0 to 1"),
    ],
)  # fmt: skip
def test_a_damage_is_named(damage, said):
    with pytest.raises(DamagedError, match=rf"^scores\.csv ({said}).*; remove it \(rm scores\.csv"):
        check(damage(made()))


def test_a_model_that_diverged_is_no_missing_row():
    table = made()
    gone = table["seed"] == 1
    table.loc[gone, ["value", "fixed_epochs"]] = np.nan
    table.loc[gone, "diverged_at"] = 17
    check(table)
    with pytest.raises(DamagedError, match="lacks 68 of 136"):
        check(table[~gone])


def test_rows_of_another_cell_are_named():
    with pytest.raises(DamagedError, match="has rows of strength 0, and stands at strength 1"):
        check(made(["0"]), CELL / "probe.csv")
    later = CELL.with_name("seeds=2-3") / "probe.csv"
    with pytest.raises(DamagedError, match="strength 1, seed 0, which the study has not"):
        check(made(["1"]), later)


def test_a_search_may_have_any_strengths_but_each_with_all_rows():
    searched = Asked({"x": ["a", "b"]}, ["infonce"], ["0", "1"], ASKED.uses, 2, searched=True)
    check(made(["0", "0.7"]), asked=searched)
    with pytest.raises(DamagedError, match="lacks 1 of"):
        check(made(["0", "0.7"]).drop(index=0), asked=searched)


def test_a_file_in_the_folder_of_a_dataset_is_of_that_dataset_alone():
    both = Asked(
        {"x": ["a", "b"], "y": ["a", "b"]}, ASKED.alignments, ASKED.strengths, ASKED.uses, 2
    )
    check(made(), "results/x/scores.csv", both)
    with pytest.raises(DamagedError, match="has rows of dataset x"):
        check(made(), "results/y/scores.csv", both)
    with pytest.raises(DamagedError, match="has no rows of dataset y"):
        check(made(), "results/tables/probe.csv", both)


def test_an_interval_upside_down_is_named():
    row = {"dataset": "x", "alignment": "infonce", "strength": "1", "gain": 0.4, "low": 0.6,
           "high": 0.5, "loses": 0.1, "because": "", "outside": ""}  # fmt: skip
    rows = [row | {"modality": m} for m in "ab"]
    with pytest.raises(DamagedError, match="has low above high in dataset x"):
        check(pd.DataFrame(rows), "predictions.csv")


def test_facts_may_be_more_than_those_that_all_have():
    sizes = [("a+b", f"n_{split}") for split in SPLITS]
    more = [("a", "components"), ("b", "components"), ("a+b", "other")]
    rows = [{"dataset": "x", "modality": m, "fact": f, "value": 3.0} for m, f in [*sizes, *more]]
    check(pd.DataFrame(rows), "facts.csv")
    with pytest.raises(DamagedError, match=r"lacks 1 of 6 rows, .*fact n_train"):
        check(pd.DataFrame(rows[1:]), "facts.csv")


def test_a_table_of_no_rows_is_taken_where_there_may_be_none(tmp_path):
    for name in ("predictions", "information", "controls"):
        tables.write_rows([], tmp_path / f"{name}.csv")
        assert tables.read(tmp_path / f"{name}.csv", ASKED).empty
    (tmp_path / "controls.csv").write_bytes(b"")
    with pytest.raises(DamagedError, match=r"controls\.csv cannot be read"):
        tables.read(tmp_path / "controls.csv", ASKED)


def test_json_of_another_dataset_or_with_another_digit_is_named(tmp_path):
    path = tmp_path / "information.json"
    tables.write_json({"dataset": "y", "bits": 1.25}, path)
    assert tables.read_json(path) == {"dataset": "y", "bits": 1.25}
    with pytest.raises(DamagedError, match=r"information\.json is of dataset y"):
        tables.read_json(path, ASKED)
    path.write_text(path.read_text().replace("1.25", "1.35"))
    with pytest.raises(DamagedError, match="has other values than were written"):
        tables.read_json(path)


def test_what_is_asked_follows_from_the_study():
    resolved = study.resolve(study.read(ROOT / "config" / "smoke.yaml"))
    found = Asked(**study.asked(resolved, ["digits-left-right"], metrics=True))
    assert found.modalities == {"digits-left-right": ["left", "right"]}
    assert found.models(("strength", "seed")) == set(product(["0", "0.4", "2"], range(4)))
    assert found.metrics[0] == "cka_debiased"
    assert study.asked(resolved, resolved["datasets"])["metrics"] == []


def test_the_names_are_those_of_the_parts_that_write_them():
    verdicts = (optimum.ALIGN, optimum.REGULARISES, optimum.DO_NOT, optimum.NO_DIFFERENCE)
    assert (*verdicts, optimum.UNKNOWN) == columns.VERDICTS
    assert columns.SPLITS == SPLITS
    intervals = get_type_hints(design.Design)["interval"]
    assert set(get_args(intervals)) == set(columns.INTERVALS)


def test_results_readme_has_every_column():
    text = (ROOT / "results" / "README.md").read_text()
    for name in ("probe", "baseline", "alignment", "datasets", "information", "gains", "optimum",
                 "uses", "features", "predictions", "history"):  # fmt: skip
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{name}.csv`")]
        listed = row.split("|")[2].replace(" ", "").split(",")
        assert set(columns.TABLES[name].columns) <= set(listed), name
