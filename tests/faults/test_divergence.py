"""Models that diverge: real trainings, up to the page, which says it of those concerned."""

import itertools
from types import SimpleNamespace

import pytest
import torch

from alignsweep import baseline, metrics, sample_scores, tables
from alignsweep.answers import claims, page, recommendation
from alignsweep.data import store, synthetic
from alignsweep.figures.plotting import plot
from alignsweep.probe import make
from alignsweep.probe.encoders import probe_samples
from alignsweep.scores import USES
from alignsweep.selection import evaluator, evidence, gains, optimum
from alignsweep.training import alignment, models, sweep

STRENGTHS, SEEDS = ["0", "0.4", "1"], range(3)
CELLS = [("infonce", s) for s in STRENGTHS]
FIGURES = ("strength_curve", "alignment_curve", "alignment_tradeoff", "gain_heatmap")


@pytest.fixture(scope="module")
def pairs():
    sizes = {"train": 128, "validation": 128, "test": 256}
    return synthetic.generate("s", redundancy=4, **sizes)


@pytest.fixture
def study(pairs, tmp_path, monkeypatch):
    """Return a function that makes all of a dataset's files, from a training to its page."""
    store.save(pairs, tmp_path / "data.safetensors")

    def run(lost=(), **options):
        training = sweep.Training(epochs=4, min_steps=0, **options)
        if lost:
            spoil(monkeypatch, lost)
        ways = {"infonce": alignment.make("infonce")}
        trained = sweep.train_alignments(
            pairs, CELLS, SEEDS, alignments=ways, training=training, device="cpu"
        )
        places = [tmp_path / strength for strength in STRENGTHS]
        for place in places:
            place.mkdir()
        files = {
            ending: [place / f"{ending}.safetensors" for place in places]
            for ending in ("encoders", "samples")
        }
        models.save(trained, CELLS, files["encoders"], [p / "history.csv" for p in places])
        trained = models.load(files["encoders"])
        probed = [probe_samples(stack, pairs, make("linear"), list(USES)) for stack in trained]
        kept = sample_scores.merged(p.samples for p in probed)
        for cell, path in zip(CELLS, files["samples"], strict=True):
            kept.save(path, cell)
        written = {
            "probe": tables.join(p.table for p in probed),
            "alignment": tables.join(metrics.measure_alignment(t, pairs) for t in trained),
            "baseline": baseline.baseline(pairs, SEEDS),
        }
        tables.write_rows(store.summary(pairs), tmp_path / "datasets.csv")
        for name, table in written.items():
            tables.write(table, tmp_path / f"{name}.csv")
        needed = (tmp_path / "data.safetensors", tmp_path / "probe.csv", files["samples"])
        found = evidence.load(*needed)
        tables.write(gains.gains(*found.known), tmp_path / "gains.csv")
        candidates = optimum.candidates(*found.known, found.choices)
        controlled = tmp_path / "controls.csv", tmp_path / "controls.safetensors"
        evaluator.evaluate_controls(
            pairs, candidates, ways, probe=make("linear"), uses=list(USES), training=training
        ).save(*controlled)
        found = evidence.load(*needed, controls=controlled)
        tables.write(found.recommend(0.005), tmp_path / "optimum.csv")
        tables.write(found.uses(0.005), tmp_path / "uses.csv")
        known = {p.stem: tables.read(p) for p in tmp_path.glob("*.csv") if p.stem != "controls"}
        answer = recommendation.advise(
            known["probe"], *(known[n] for n in ("gains", "optimum", "uses", "datasets")),
            baseline=known["baseline"],
        )  # fmt: skip
        paths = {"json": "a.json", "figure": "a.svg", "page": "a.md", "html": "a.html"}
        paths = {k: str(tmp_path / name) for k, name in paths.items()}
        shown = {**known, "facts": known["datasets"], "scores": known["probe"]}
        page.write(answer, shown, paths)
        checked = claims.check(
            known["datasets"], known["alignment"], known["probe"], {"infonce": "infonce"}
        )
        for figure in FIGURES:
            plot(figure, {**known, "claims": checked}, ["s"], [tmp_path / f"{figure}.svg"])
        text = (tmp_path / "a.md").read_text()
        return SimpleNamespace(answer=answer, text=text, scores=known["probe"], folder=tmp_path)

    return run


def spoil(monkeypatch, lost):
    """Break the loss of these models (strength, seed) from some step on, as bad luck does."""
    whole = sweep.losses

    def losses(run, weights, data, rows, order):
        a, b, aligned = whole(run, weights, data, rows, order)
        named = list(itertools.product(SEEDS, STRENGTHS))
        if len(a) == len(named):  # not where the memory of one model is tried
            a = a * torch.tensor([torch.nan if (x, k) in lost else 1.0 for k, x in named])
        return a, b, aligned

    monkeypatch.setattr(sweep, "losses", losses)


def gone(scores):
    """Return the models of which there is no score."""
    alone = scores[scores["modality"].isin(["a", "b"]) & (scores["metric"] == "accuracy")]
    lost = alone[alone["value"].isna()]
    return set(zip(lost["strength"], lost["seed"], strict=True))


@pytest.mark.parametrize(
    "lost",
    [
        {("0", 1)},
        pytest.param({("1", 0), ("1", 2)}, marks=pytest.mark.faults),
        {("1", s) for s in SEEDS},
        pytest.param({("0", s) for s in SEEDS}, marks=pytest.mark.faults),
        pytest.param({(x, 0) for x in STRENGTHS}, marks=pytest.mark.faults),
    ],
    ids=["a seed at 0", "two at 1", "all at 1", "all at 0", "all of a seed"],
)
def test_the_page_says_which_models_were_lost(study, lost):
    found = study(lost)
    assert gone(found.scores) == lost
    assert "diverged" in found.text


@pytest.mark.faults
@pytest.mark.parametrize("rate", [1e30, 1e308])
def test_where_all_diverge_there_is_a_page_that_says_so(study, rate):
    found = study(learning_rate=rate)
    assert len(gone(found.scores)) == len(STRENGTHS) * len(SEEDS)
    assert "diverged" in found.text


@pytest.mark.parametrize("options", [{"learning_rate": 1e6}, {"weight_decay": 1e38}])
def test_weights_beyond_all_measure_end_in_a_page(study, options):
    found = study(**options)
    assert found.text


@pytest.mark.faults
def test_a_learning_rate_that_diverges_beside_one_that_does_not_costs_nothing(study):
    found = study(learning_rate=[3e-3, 1e30])
    assert not gone(found.scores)
