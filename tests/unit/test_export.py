"""Which encoders are exported, and what is written of them."""

import numpy as np
import pandas as pd
import pytest

import alignsweep
from alignsweep import export, probe, recommend
from alignsweep.data import files, store
from alignsweep.data.resampling import Resampling
from alignsweep.data.store import Pairs, split_codes
from alignsweep.selection.optimum import DO_NOT, UNKNOWN
from alignsweep.selection.uses import uses
from alignsweep.training import sweep
from alignsweep.training.encoders import MLP, Transformer

STRENGTHS = ["0", "0.4", "2"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A file of the user's, a dataset and trained encoders of it, and its tables."""
    folder, rng = tmp_path_factory.mktemp("study"), np.random.default_rng(0)
    label = np.arange(150) % 3
    table = {f"{m}_{i}": rng.normal(i, 5, 150) + 5 * label for m in ("image", "text")
             for i in range(4)}  # fmt: skip
    pd.DataFrame({**table, "text_kind": label}).to_csv(folder / "my.csv", index=False)
    options = {"path": str(folder / "my.csv"), "modalities": ["image", "text"],
               "pair": "image-text", "label": "text_kind", "split": None,
               "group": None}  # fmt: skip
    pairs = files.load("my-image-text", **options)
    store.save(pairs, folder / "data.safetensors")
    training = sweep.Training(epochs=8, min_steps=0, batch_size=32)
    trained = sweep.train(pairs, STRENGTHS, range(3), training=training)
    for strength in STRENGTHS:
        trained.save(folder / f"{strength}.safetensors", strength)
    scores = probe.linear_probe(trained, pairs)
    tables = {"scores": scores, "optimum": recommend.recommend(scores), "uses": uses(scores)}
    return folder, options, trained, pairs, tables


def exported(study, **changes):
    folder, options, _, _, tables = study
    files_of_cells = [folder / f"{s}.safetensors" for s in STRENGTHS]
    path = folder / "encoders.safetensors"
    inputs = export.originals("files", options)
    export.export(folder / "data.safetensors", files_of_cells, tables | changes, path, inputs)
    return path


def test_the_winner_is_the_best_on_validation(study):
    *_, tables = study
    scores = tables["scores"]
    found = export.winner(**tables | {"optimum": verdict(tables, UNKNOWN)})
    own = scores[(scores["split"] == "validation") & (scores["metric"] == "accuracy")]
    means = own.groupby("strength")["value"].mean()
    assert found.alignment == "infonce"
    assert means[found.strength] == means.max()
    of_seed = own[own["strength"] == found.strength].groupby("seed")["value"].mean()
    assert of_seed[found.seed] == of_seed.max()
    for modality, checkpoint in found.checkpoints.items():
        row = own[(own["strength"] == found.strength) & (own["seed"] == found.seed)
                  & (own["modality"] == modality)].iloc[0]  # fmt: skip
        assert checkpoint == (row["epoch"], row["learning_rate"], row["weight_decay"])


def verdict(tables, said):
    return tables["optimum"].assign(verdict=said)


def test_where_the_answer_is_not_to_align_strength_0_is_exported(study):
    *_, tables = study
    aligned = tables["uses"].assign(strength="2")
    assert (
        export.winner(**tables | {"uses": aligned, "optimum": verdict(tables, UNKNOWN)})[1] == "2"
    )
    found = export.winner(**tables | {"uses": aligned, "optimum": verdict(tables, DO_NOT)})
    assert found.strength == "0"
    nothing = tables["uses"].assign(alignment=None, strength=None)
    with pytest.raises(ValueError, match="my-image-text: training diverged at strength 0"):
        export.winner(**tables | {"uses": nothing})


def test_embeddings_of_the_dataset_and_of_the_users_file_are_those_of_training(study, tmp_path):
    folder, _, trained, pairs, _ = study
    path = exported(study)
    out = [tmp_path / f"x{ending}" for ending in (".npz", ".parquet")]
    export.embed(path, folder / "data.safetensors", *out)
    own = alignsweep.load(path)
    with np.load(out[0]) as file:
        found = dict(file)
    draw = pairs.draw(own.seed)
    assert found["split"].tolist() == np.array(store.SPLITS)[draw.split].tolist()
    np.testing.assert_array_equal(found["label"], pairs.labels)
    model = [m[:2] for m in trained.models].index((own.strength, own.seed))
    for modality in ("image", "text"):
        any_of = [trained.embed(modality, draw.inputs[modality], at=c)[model]
                  for c in trained.checkpoints]  # fmt: skip
        assert min(np.abs(found[modality] - one).max() for one in any_of) < 1e-5
    table = pd.read_parquet(out[1])
    assert list(table.columns) == ["label", "split", *(f"image_{i}" for i in range(6)),
                                   *(f"text_{i}" for i in range(6))]  # fmt: skip
    np.testing.assert_array_equal(table["text_2"], found["text"][:, 2])
    export.embed(path, folder / "my.csv", out[0])
    with np.load(out[0]) as file:
        assert set(file) == {"image", "text"}
        for modality in file:
            np.testing.assert_allclose(file[modality], found[modality], rtol=1e-3, atol=1e-3)


def test_new_data_may_have_one_modality_and_needs_no_labels(study, tmp_path):
    path = exported(study)
    rng = np.random.default_rng(1)
    new = pd.DataFrame({f"text_{i}": rng.normal(size=5) for i in (3, 2, 1, 0)})
    new.to_csv(tmp_path / "new.csv", index=False)
    export.embed(path, tmp_path / "new.csv", tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as file:
        assert list(file) == ["text"]
        expected = alignsweep.load(path).embed("text", new[[f"text_{i}" for i in range(4)]])
        np.testing.assert_allclose(file["text"], expected, atol=1e-6)
    spoilt = new.assign(text_2=["1", "?", "3", "4", "5"])
    spoilt.to_csv(tmp_path / "spoilt.csv", index=False)
    with pytest.raises(ValueError, match=r"'text_2' has 1 cell that is no number, .* in row 1"):
        export.embed(path, tmp_path / "spoilt.csv", tmp_path / "out.npz")
    new.rename(columns={"text_2": "other"}).to_csv(tmp_path / "lacks.csv", index=False)
    with pytest.raises(ValueError, match=r"lacks\.csv: no 'text_2'; there are"):
        export.embed(path, tmp_path / "lacks.csv", tmp_path / "out.npz")
    new.add_prefix("x").to_csv(tmp_path / "none.csv", index=False)
    with pytest.raises(ValueError, match=r"none\.csv: has nothing .* needed: image_0, image_1"):
        export.embed(path, tmp_path / "none.csv", tmp_path / "out.npz")


def test_what_does_not_fit_is_said(study, tmp_path, pairs):
    folder, *_ = study
    path = exported(study)
    with pytest.raises(ValueError, match=r"x\.txt: its ending is none of \.npz, \.parquet"):
        export.embed(path, folder / "data.safetensors", tmp_path / "x.txt")
    store.save(pairs, tmp_path / "data.safetensors")
    with pytest.raises(ValueError, match="is synthetic-R4; needed: my-image-text"):
        export.embed(path, tmp_path / "data.safetensors", tmp_path / "x.npz")
    with pytest.raises(ValueError, match="no such file"):
        export.embed(path, tmp_path / "gone.safetensors", tmp_path / "x.npz")


def test_encoders_that_are_not_there_are_missed(study):
    folder, _, _, _, tables = study
    other = tables["scores"].assign(seed=tables["scores"]["seed"] + 7)
    with pytest.raises(ValueError, match="my-image-text: no encoders of"):
        exported(study, scores=other)


@pytest.mark.parametrize("how", ["split", "choice"])
def test_data_that_are_not_the_users_are_embedded_as_the_dataset_has_them(how, rng):
    assert export.originals("synthetic", {}) is None
    x = {"image": rng.normal(9, 3, size=(90, 4, 4)), "text": rng.normal(5, 2, size=(90, 6, 3))}
    mask = np.arange(6) < rng.integers(1, 7, size=(90, 1))
    x["text"][~mask] = 0
    sizes = (20, 20, 20) if how == "choice" else (30, 30, None)
    pairs = Pairs(
        "made", {m: own.astype(np.float32) for m, own in x.items()}, np.arange(90) % 2,
        split_codes(30, 30, 30), 2, masks={"text": mask},
        resampling=Resampling(how, sizes, 0, {"image": "values", "text": "features"}),
    )  # fmt: skip
    training = sweep.Training(epochs=1, min_steps=0, batch_size=8)
    encoder = {"image": MLP(), "text": Transformer(dimension=4)}
    trained = sweep.train(pairs, ["0"], [0, 1], training=training, encoder=encoder)
    chosen = export.Winner("infonce", "0", 1, dict.fromkeys(x, trained.end))
    own, draw = export.freeze(trained, pairs, chosen), pairs.draw(1)
    rows = [np.flatnonzero((pairs.inputs["image"] == one).all(axis=(1, 2)))[0] for one in
            export._not_scaled(pairs, 1).inputs["image"]]  # fmt: skip
    assert len(rows) == len(draw.labels) < 91
    for modality, there in (("image", None), ("text", mask[rows])):
        expected = trained.embed(modality, draw.inputs[modality], draw.masks.get(modality))[1]
        found = own.embed(modality, pairs.inputs[modality][rows], there)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
        assert np.abs(found).max() > 0.1


@pytest.mark.parametrize("kind", ["images", "sequences"])
def test_inputs_are_taken_as_they_are_read(kind, tmp_path):
    """Images with channels first; padding; a feature that float32 cannot hold."""
    rng, label = np.random.default_rng(0), np.arange(90) % 3
    image = rng.integers(0, 255, (90, 3, 8, 8)).astype(np.uint8)
    if kind == "sequences":
        image = (
            rng.normal(size=(90, 5, 3)) * (np.arange(5) < 1 + np.arange(90)[:, None] % 5)[..., None]
        )
    text = np.stack([1.7e9 + 20 * rng.normal(size=90), rng.normal(size=90)], axis=1)
    np.savez(tmp_path / "my.npz", image=image, text=text, label=label)
    options = {"path": str(tmp_path / "my.npz"), "modalities": ["image", "text"],
               "pair": "image-text", "label": "label", "split": None, "group": None}  # fmt: skip
    pairs = files.load("my-image-text", **options)
    training = sweep.Training(epochs=1, batch_size=16, min_steps=0)
    encoders = {"image": Transformer(layers=1) if pairs.masks else MLP(), "text": MLP()}
    assert bool(pairs.masks) == (kind == "sequences")
    trained = sweep.train(pairs, ["0"], 1, training=training, encoder=encoders)
    chosen = export.Winner(trained.alignment, "0", 0, dict.fromkeys(pairs.inputs, trained.end))
    found = export.freeze(trained, pairs, chosen, export.originals("files", options))
    for modality, x in (("image", image), ("text", text)):
        draw = pairs.draw(0)
        expected = trained.embed(modality, *draw.of(modality, np.arange(90)))[0]
        np.testing.assert_allclose(found.embed(modality, x), expected, atol=1e-5)


def test_a_file_is_embedded_with_the_lengths_of_training(tmp_path):
    """What stands at padding is not zero, and no step."""
    rng, label = np.random.default_rng(0), np.arange(90) % 3
    lengths = rng.integers(1, 6, 90)
    own = {"audio": rng.normal(size=(90, 5, 2)), "text": rng.normal(size=(90, 3)),
           "audio_lengths": lengths}  # fmt: skip
    np.savez(tmp_path / "my.npz", **own, label=label)
    options = {"path": str(tmp_path / "my.npz"), "modalities": ["audio", "text"],
               "pair": "audio-text", "label": "label", "split": None, "group": None,
               "masks": {"audio": "audio_lengths"}}  # fmt: skip
    pairs = files.load("my-audio-text", **options)
    encoder = {"audio": Transformer(layers=1), "text": MLP()}
    training = sweep.Training(epochs=1, batch_size=16, min_steps=0)
    trained = sweep.train(pairs, ["0"], 1, training=training, encoder=encoder)
    chosen = export.Winner(trained.alignment, "0", 0, dict.fromkeys(pairs.inputs, trained.end))
    inputs = export.originals("files", options)
    export.freeze(trained, pairs, chosen, inputs).save(tmp_path / "encoders.safetensors")
    export.embed(tmp_path / "encoders.safetensors", tmp_path / "my.npz", tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as found:
        expected = trained.embed("audio", *pairs.draw(0).of("audio", np.arange(90)))[0]
        np.testing.assert_allclose(found["audio"], expected, atol=1e-5)
    np.savez(tmp_path / "lacks.npz", audio=own["audio"])
    with pytest.raises(ValueError, match=r"lacks\.npz: no 'audio_lengths'; there are: audio"):
        export.embed(tmp_path / "encoders.safetensors", tmp_path / "lacks.npz", tmp_path / "o.npz")
