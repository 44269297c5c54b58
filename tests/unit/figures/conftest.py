"""The tables of a made-up study, as they are when read from files."""

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from alignsweep import tables

DATASETS = ("synthetic-R4", "other-x")
STRENGTHS = ("0", "0.4", "2")
ALIGNMENTS = ("infonce", "another")  # of which figures draw the first
ALIGNMENT_METRICS = ("cka_debiased", "svcca_var99", "median_rank", "uniformity")
KEYS = ["dataset", "alignment", "modality", "metric"]


def gain(strength, peak=0.4):
    """A curve that rises to a peak of 0.04, and falls."""
    return 0.1 * (peak - abs(float(strength) - peak))


def make_gains(metrics, strengths=STRENGTHS, alignments=ALIGNMENTS):
    """The table of datasets with these metrics (dataset -> names)."""
    curves = [
        {"dataset": d, "alignment": how, "modality": m, "metric": metric, "base": base}
        for d, own in metrics.items()
        for how in alignments
        for m, base in (("a", 0.5), ("b", 0.58), ("both", 0.54))
        for metric in own
    ]
    table = pd.DataFrame(curves).merge(pd.DataFrame({"strength": strengths}), how="cross")
    change = table["strength"].map(gain) * (table["alignment"] == ALIGNMENTS[0])
    score = table.pop("base") + change
    return table.assign(
        validation=score + 0.01,
        score=score,
        score_low=score - 0.02,
        score_high=score + 0.02,
        gain=change,
        gain_low=change - 0.01,
        gain_high=change + 0.01,
        p_value=table["strength"].map(lambda s: 0.01 if s == "2" else 0.5),
        seeds=5,
        use="unimodal",
    )


def make_retrieval(gains):
    """The rows of retrieval of the same models: the stronger, the more is found."""
    own = gains.drop_duplicates(["dataset", "alignment", "strength"]).assign(
        use="retrieval", metric="recall_at_1"
    )
    found = own["strength"].astype(float) / 4 * own["alignment"].map({"infonce": 1, "another": 0.5})
    own = own.assign(score=found, gain=found)
    return pd.concat([own.assign(modality=m) for m in ("a>b", "b>a", "a<>b")], ignore_index=True)


def make_optimum(gains):
    """For each curve, the row of its best strength."""
    best = gains.loc[gains.groupby(KEYS, sort=False)["score"].idxmax()]
    best = best.rename(columns={"strength": "optimum"}).drop(columns="validation")
    return best.assign(optimum_low="0", optimum_high=best["optimum"], plateau=best["optimum"])


def make_alignment(datasets, strengths=STRENGTHS, alignments=ALIGNMENTS):
    return pd.DataFrame(
        [
            {
                "dataset": dataset,
                "alignment": alignment,
                "strength": strength,
                "seed": seed,
                "split": "test",
                "metric": metric,
                "value": (0.8 - 0.4 * how) * float(strength) / 2 + 0.02 * seed + 0.03 * where,
                "chance": 0.05,
            }
            for where, dataset in enumerate(datasets)
            for how, alignment in enumerate(alignments)
            for metric in ALIGNMENT_METRICS
            for strength in strengths
            for seed in range(3)
        ]
    )


def make_information(datasets, methods=("exact", "discrete"), redundancy=0.6):
    bits = {"unique_a": 0.1, "unique_b": 0.5, "synergy": -0.1, "total": 1.1}
    return pd.DataFrame(
        [
            {
                "dataset": dataset,
                "modality_a": "a",
                "modality_b": "b",
                "method": method,
                "atom": atom,
                "bits": value,
                "null_bits": None if method == "exact" else 0.1,
                "low_bits": value - 0.05,
                "high_bits": value + 0.05,
                "corrected_bits": value,
            }
            for dataset in datasets
            for method in methods
            for atom, value in {"redundancy": redundancy, **bits}.items()
        ]
    )


def make_probe(datasets):
    """What figures read of it: how the encoders were trained."""
    return pd.DataFrame(
        [
            {"dataset": d, "width": 6 * (i + 1), "learning_rate": 0.003, "steps": 640}
            for i, d in enumerate(datasets)
        ]
    )


def make_tables(**changed):
    gains = make_gains(dict.fromkeys(DATASETS, ("accuracy", "cross_entropy")))
    return {
        "gains": pd.concat([gains, make_retrieval(gains)], ignore_index=True),
        "optimum": make_optimum(gains),
        "alignment": make_alignment(DATASETS),
        "information": make_information(DATASETS),
        "probe": make_probe(DATASETS),
        "datasets": pd.DataFrame(
            [
                ("synthetic-R4", "a+b", "redundancy", 4),
                ("other-x", "a+b", "redundancy", 4),
                ("synthetic-R4", "a+b", "nuisance", 4),
                ("other-x", "a+b", "nuisance", 0),
                ("synthetic-R4", None, "n_test", 400),
                ("synthetic-R4", "a", "bayes_accuracy", 0.7),
                ("synthetic-R4", "b", "bayes_accuracy", 0.8),
            ],
            columns=["dataset", "modality", "fact", "value"],
        ),
        **changed,
    }


def as_read(made, folder):
    """Return tables as they are when read from the files they were written to."""
    for name, table in made.items():
        tables.write(table, folder / f"{name}.csv")
    return {name: tables.read(folder / f"{name}.csv") for name in made}


@pytest.fixture(scope="session")
def study_tables(tmp_path_factory):
    """Two datasets of two modalities, three strengths, two ways to align."""
    return as_read(make_tables(), tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="session")
def mixed_tables(tmp_path_factory):
    """The same, but the score of the second dataset is a correlation."""
    own = {"synthetic-R4": ("accuracy", "macro_f1"), "other-x": ("correlation", "mae")}
    gains = make_gains(own)
    made = make_tables(gains=pd.concat([gains, make_retrieval(gains)]), optimum=make_optimum(gains))
    return as_read(made, tmp_path_factory.mktemp("mixed"))


@pytest.fixture(scope="session")
def odd_tables(tmp_path_factory):
    """One seed, so no intervals; `other-x` diverged at strength 0, and has no information."""
    made = make_tables(information=make_information(["synthetic-R4"]))
    for name in ("gains", "optimum"):
        table = made[name]
        ends = [c for c in table if c.endswith(("_low", "_high", "p_value"))]
        table[ends] = float("nan")
        table.loc[table["dataset"] == "other-x", "gain"] = float("nan")
    made["optimum"].loc[made["optimum"]["dataset"] == "other-x", "optimum"] = None
    made["alignment"] = made["alignment"].query("seed == 0")
    return as_read(made, tmp_path_factory.mktemp("odd"))


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")
