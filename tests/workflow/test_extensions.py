"""One of each, added by one file, without touching another."""

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.workflow

EXTENSIONS = {
    "my_data": """
        import numpy as np
        from alignsweep.data.kinds import KINDS
        from alignsweep.data.store import Pairs, split_codes
        from alignsweep.options import Count, Seed

        def noise(name, *, features: Count = 4, seed: Seed = 0) -> Pairs:
            \"\"\"Return noise that tells the label.

            Parameters
            ----------
            features
                Features of each modality.
            seed
                Seed of the noise.
            \"\"\"
            rng = np.random.default_rng(seed)
            labels = rng.integers(0, 2, 400)
            x = {m: rng.normal(size=(400, features)) + labels[:, None] for m in "ab"}
            return Pairs(name, x, labels, split_codes(200, 100, 100), 2)

        KINDS["noise"] = noise
    """,
    "my_encoder": """
        from dataclasses import dataclass
        import torch
        from alignsweep.options import Count
        from alignsweep.training import stack
        from alignsweep.training.encoders import ENCODERS

        @dataclass(frozen=True)
        class Tanh:
            \"\"\"One layer with a tanh.

            Attributes
            ----------
            width
                Width of the embedding.
            \"\"\"

            width: Count = 4

            def initialise(self, shape, generators):
                weight, bias = stack.initialise_linear(generators, shape[0], self.width)
                return {"weight": weight, "bias": bias}

            def __call__(self, weights, x, mask=None):
                h = stack.linear(x.flatten(2).transpose(1, 2), weights["weight"], weights["bias"])
                return torch.tanh(h)

        ENCODERS["tanh"] = Tanh
    """,
    "my_loss": """
        from dataclasses import dataclass
        from alignsweep.training.objectives import OBJECTIVES, Objective

        @dataclass(frozen=True)
        class Distance(Objective):
            \"\"\"Mean squared distance of a pair.\"\"\"

            def __call__(self, a, b, batch):
                return (a - b).square().mean(dim=(1, 2))

        OBJECTIVES["distance"] = Distance
    """,
    "my_probe": """
        from dataclasses import dataclass
        import torch
        from alignsweep.probe import PROBES

        @dataclass(frozen=True)
        class Centroids:
            \"\"\"The nearest class mean.\"\"\"

            def fit(self, x, y, x_validation, y_validation, classes):
                means = torch.stack([x[:, y == c].mean(dim=1) for c in range(classes)], dim=1)
                return lambda z: torch.log_softmax(-torch.cdist(z, means) ** 2, dim=2)

        PROBES["centroids"] = Centroids
    """,
    "my_metric": """
        import numpy as np
        from alignsweep.metrics import METRICS, Metric

        def trace(x, y):
            return float(np.abs(np.corrcoef(x[:, 0], y[:, 0])[0, 1]))

        METRICS["first_column"] = Metric("first_column", trace, label="first columns")
    """,
    "my_figure": """
        import matplotlib.pyplot as plt
        from alignsweep.figures import FIGURES, Entry

        def draw(tables, datasets):
            figure, axes = plt.subplots()
            own = tables["gains"][tables["gains"]["dataset"].isin(datasets)]
            axes.hist(own["gain"])
            return figure

        FIGURES["gain_histogram"] = Entry(
            label="Histogram of gains", category="Mine", caption="All gains of {source}.",
            tables=("gains",), draw=draw,
        )
    """,
}
STUDY = {
    "study": "mine",
    "extensions": [f"{name}.py" for name in EXTENSIONS],
    "strengths": ["0", "1"],
    "seeds": 3,
    "training": {"epochs": 2, "batch_size": 50, "min_steps": 0},
    "information": False,
    "encoder": {"kind": "tanh", "width": 3},
    "alignments": {"distance": {"objective": "distance"}, "infonce": {}},
    "probe": {"kind": "centroids"},
    "metrics": {"names": ["first_column", "cka_debiased"], "samples": 100},
    "datasets": {"own": {"kind": "noise", "features": 5}, "digits": {
        "kind": "digits", "pairs": ["left-right"], "encoder": {"kind": "mlp"}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def ready(clone):
    copy = clone()
    for name, text in EXTENSIONS.items():
        lines = text.splitlines()[1:]
        (copy.folder / f"{name}.py").write_text("\n".join(line[8:] for line in lines) + "\n")
    (copy.folder / "mine.yaml").write_text(yaml.safe_dump(STUDY))
    copy.snakemake(config="mine.yaml")
    return copy


def test_each_takes_part_like_what_is_there(ready):
    results = ready.folder / "results/mine"
    probe = pd.read_csv(results / "tables/probe.csv")
    assert set(probe["dataset"]) == {"own", "digits-left-right"}
    assert set(probe["alignment"]) == {"distance", "infonce"}
    accuracy = probe.query("dataset == 'own' and metric == 'accuracy' and split == 'test'")
    assert accuracy["value"].mean() > 0.7
    assert set(pd.read_csv(results / "tables/alignment.csv")["metric"]) == {
        "first_column", "cka_debiased",
    }  # fmt: skip
    for source in ("own", "digits"):
        assert (results / f"figures/gain_histogram-{source}.png").stat().st_size > 1000
        assert (results / f"figures/alignment_curve-{source}.png").stat().st_size > 1000
    # for one seed, strength 0 is the same for every alignment
    zero = probe.query("strength == 0").pivot_table(
        index=["dataset", "seed", "modality", "split", "metric"],
        columns="alignment",
        values="value",
    )
    pd.testing.assert_series_equal(zero["distance"], zero["infonce"], check_names=False)


@pytest.mark.parametrize(
    ("name", "again", "not_again"),
    [
        ("my_data", {"prepare_dataset": 1}, set()),
        ("my_encoder", {"train_encoders": 1, "probe_encoders": 1}, {"prepare_dataset"}),
        ("my_loss", {"train_encoders": 2}, {"prepare_dataset"}),
        ("my_probe", {"probe_encoders": 2}, {"train_encoders"}),
        ("my_metric", {"measure_alignment": 2}, {"train_encoders", "probe_encoders"}),
        ("my_figure", {"plot_figure": 2}, {"collect_table"}),
    ],
)
def test_editing_one_runs_again_what_uses_it(ready, name, again, not_again):
    path = ready.folder / f"{name}.py"
    before = path.read_text()
    path.write_text(before + "# edited\n")
    planned = ready.planned(config="mine.yaml")
    path.write_text(before)
    assert {job: planned.get(job) for job in again} == again
    assert not not_again & set(planned)
    assert ready.planned(config="mine.yaml") == {}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"extensions": ["none.py"]}, "extensions: none.py: there is no such Python file."),
        ({"extensions": ["broken.py"]}, "extensions: broken.py: NameError: name 'x' is not"),
        ({"extensions": ["empty.py"]}, "extensions: empty.py: adds no entry to any registry."),
        ({"encoder": {"kind": "tanh", "depth": 2}}, "encoder.depth is not a key (its value is 2)"),
        ({"encoder": {"kind": "tanh", "width": 0}}, "encoder.width is 0; allowed: an integer of"),
        ({"datasets": {"own": {"kind": "noise", "features": 0}}}, "datasets.own.features is 0; a"),
    ],
)
def test_a_mistake_in_or_about_one_is_named(ready, change, sentence):
    (ready.folder / "broken.py").write_text("x\n")
    (ready.folder / "empty.py").write_text("x = 1\n")
    (ready.folder / "bad.yaml").write_text(yaml.safe_dump(STUDY | change))
    process = ready.snakemake("-n", config="bad.yaml", check=False)
    assert process.returncode != 0
    assert sentence in process.stderr
    assert "Traceback" not in process.stderr


def test_it_works_as_a_module_of_another_workflow(clone, tmp_path):
    copy = clone()
    smoke = yaml.safe_load((copy.folder / "config/smoke.yaml").read_text())
    smoke["datasets"] = {"digits": smoke["datasets"]["digits"]}
    (tmp_path / "outer.yaml").write_text(yaml.safe_dump({"inner": smoke | {"information": False}}))
    (tmp_path / "Snakefile").write_text(
        "configfile: 'outer.yaml'\n"
        f"module alignsweep:\n    snakefile: '{copy.folder}/Snakefile'\n"
        "    config: config['inner']\n"
        "use rule * from alignsweep as alignsweep_*\n"
        "rule mine:\n    default_target: True\n"
        "    input: 'results/smoke/digits-left-right/optimum.csv'\n"
        "    output: 'mine.txt'\n    shell: 'cp {input} {output}'\n"
    )
    outer = object.__new__(type(copy))
    outer.folder = tmp_path
    outer.snakemake(config=None)
    assert (tmp_path / "mine.txt").read_text().startswith("dataset,alignment,modality")
