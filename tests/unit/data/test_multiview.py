from itertools import pairwise

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from alignsweep.data import multiview, store
from alignsweep.data.checks import MULTIVIEW
from alignsweep.data.resources import RESOURCES, needed

EACH = 6  # samples of a class
N = 10 * EACH
WIDTHS = {"fou": 5, "kar": 3}


def tables():
    """Made-up tables of two views, in the order of the classes; a row begins with its number."""
    rng = np.random.default_rng(0)
    made = {}
    for scale, (view, width) in zip((1, 1e4), WIDTHS.items(), strict=True):
        x = rng.normal(3, scale, (N, width))
        x[:, 0] = np.arange(N)
        x[:, 2] = 7  # constant
        made[view] = [[*row, i // EACH] for i, row in enumerate(x.tolist())]
    return made


def write(folder, made):
    """Write them as the files are: the columns are numbered, but the last is called 0 as well."""
    (folder / "multiview").mkdir()
    for view, rows in made.items():
        header = [*range(WIDTHS[view]), 0]
        lines = [",".join(map(str, row)) + "\r\n" for row in [header, *rows]]
        (folder / "multiview" / f"mfeat-{view}.csv").write_bytes("".join(lines).encode())
    return str(folder)


def load(resources, **options):
    sizes = {"train": 20, "validation": 10}
    return multiview.load(**{"set": "mfeat", "pair": "fou-kar", **sizes, **options},
                          resources=resources)  # fmt: skip


@pytest.mark.parametrize("pair", ["fou-kar", "kar-fou"])
def test_every_seed_has_a_split_of_its_own_within_classes(tmp_path, pair):
    pairs = load(write(tmp_path, tables()), pair=pair)
    assert pairs.name == f"mfeat-{pair}"
    assert "-".join(pairs.modalities) == pair
    assert pairs.classes == 10
    assert pairs.labels.tolist() == [i // EACH for i in range(N)]
    for seed in range(3):
        draw = pairs.draw(seed)
        train = draw.rows("train")
        for split, each in (("train", 2), ("validation", 1), ("test", 3)):
            assert np.bincount(draw.labels[draw.rows(split)]).tolist() == [each] * 10
        for view, x in draw.inputs.items():
            assert (x.shape, x.dtype) == ((N, WIDTHS[view]), np.float32)
            np.testing.assert_allclose(x[train].mean(axis=0), 0, atol=1e-5)
            expected = np.ones(WIDTHS[view])
            expected[2] = 0
            np.testing.assert_allclose(x[train].std(axis=0), expected, atol=1e-5)
            assert (np.diff(x[:, 0]) > 0).all()  # rows are as in the file
    assert len({pairs.draw(seed).split.tobytes() for seed in range(3)}) == 3


def test_the_class_is_no_feature(tmp_path):
    made = tables()
    pairs = load(write(tmp_path, made), resample="none")
    raw = np.array(made["kar"])[:, :-1]
    train = raw[pairs.rows("train")]
    expected = (raw - train.mean(axis=0)) / np.where(train.std(axis=0) > 0, train.std(axis=0), 1)
    np.testing.assert_allclose(pairs.inputs["kar"], expected, rtol=1e-4, atol=1e-5)


def test_the_seed_draws_the_split(tmp_path):
    resources = write(tmp_path, tables())
    options = [(0, "none"), (0, "none"), (1, "none"), (0, "split")]
    loaded = [load(resources, seed=s, resample=r) for s, r in options]
    first, again, other, resampled = loaded
    assert (first.split == again.split).all()
    assert (first.split != other.split).any()
    assert (first.draw(3).split == first.split).all()
    assert (resampled.draw(0).split == first.split).all()
    assert (resampled.draw(3).split != first.split).any()


def test_sizes(tmp_path):
    pairs = load(write(tmp_path, tables()), train=30, validation=20, name="mine")
    assert pairs.name == "mine"
    assert [len(pairs.rows(s)) for s in store.SPLITS] == [30, 20, 10]


def test_only_the_files_of_the_pair_are_needed(tmp_path):
    load(write(tmp_path, tables()))
    made = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.csv")}
    assert set(needed("multiview", {"set": "mfeat", "pair": "fou-kar"})) == made


def test_every_view_is_a_resource():
    tables = {f"multiview/mfeat-{view}.csv" for view in MULTIVIEW["mfeat"].views}
    assert tables == {r for r in RESOURCES if r.startswith("multiview/mfeat")}
    for name, known in MULTIVIEW.items():
        for a, b in pairwise(known.views):
            assert set(needed("multiview", {"set": name, "pair": f"{a}-{b}"})) <= set(RESOURCES)


def change(view, i, row):
    def changed(made):
        made[view][i] = row(made[view][i])

    return changed


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            change("kar", 7, lambda row: [*row[:-1], 0]),
            r"kar.csv: 1 classes differ from those of .*fou.csv, the first in row 7; needed: the",
        ),
        (lambda m: m["kar"].pop(), r"kar.csv: 59 rows; needed: 60, as .*mfeat-fou.csv$"),
        (
            change("fou", 0, lambda row: [*row[:-1], 10]),
            "fou.csv: the classes in its last column are 0, .*, 10; needed: each of 0 to 9",
        ),
        (change("fou", 0, lambda row: [*row[:-1], 0.5]), "the classes in its last column are 0, 0"),
        (
            change("fou", 0, lambda row: row[:-1]),
            "the classes in its last column are .*nan; needed",
        ),
        (lambda m: m["fou"].__delitem__(slice(EACH)), "column are 1, .*; needed: each of 0 to 9"),
        (
            change("kar", 3, lambda row: ["x", *row[1:]]),
            "kar.csv: '0' has 1 cell that is no number, the first, 'x', in row 3; needed: numbers",
        ),
        (change("kar", 3, lambda row: ["nan", *row[1:]]), "kar.csv: 1 values are missing or infin"),
        (change("kar", 3, lambda row: [1e300, *row[1:]]), "kar.csv: 1 values are missing or infin"),
        (change("kar", 3, lambda row: [*row, 1, 2]), "kar.csv: not a .csv file, or damaged"),
        (lambda m: m["kar"].clear(), "kar.csv: "),
        (lambda m: m.pop("kar"), "mfeat-kar.csv: there is no such file"),
    ],
)
def test_files_that_do_not_fit(tmp_path, spoil, message):
    made = tables()
    spoil(made)
    resources = write(tmp_path, made)
    with pytest.raises(ValueError, match=message) as error:
        load(resources)
    assert "\n" not in str(error.value)


def test_a_file_of_one_column(tmp_path):
    resources = write(tmp_path, tables())
    (tmp_path / "multiview" / "mfeat-kar.csv").write_text("0\n1\n")
    with pytest.raises(ValueError, match=r"kar\.csv: 1 column; needed: features, and last"):
        load(resources)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"set": "other"}, "set is 'other'; allowed: mfeat, msrc-v1, 3-sources, webkb"),
        ({"pair": "fou"}, "pair is 'fou'; allowed: two of fac, fou, kar, mor, pix, zer, joined"),
        ({"pair": "fou-fou"}, "pair is 'fou-fou'; allowed: two of"),
        ({"pair": "fou-left"}, "pair is 'fou-left'; allowed: two of"),
        ({"train": 50}, r"train \+ validation is 60; allowed: below 60, the samples of mfeat"),
    ],
)
def test_bad_options(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        load(write(tmp_path, tables()), **options)


def words(folder, classes=None, **changes):
    """Make up a file as that of 3-Sources: sparse counts of words, and topics from 1."""
    rng = np.random.default_rng(0)
    views = MULTIVIEW["3-sources"].views
    counts = {view: rng.poisson(0.3, (120, 40 + i)) for i, view in enumerate(views)}
    sparse = {view: scipy.sparse.csc_matrix(x.astype(float)) for view, x in counts.items()}
    (folder / "multiview").mkdir()
    topics = np.repeat(np.arange(1, 7), 20) if classes is None else classes
    made = {**sparse, "truth": topics[:, None], **changes}
    made = {k: v for k, v in made.items() if v is not None}
    scipy.io.savemat(folder / "multiview/3-sources.mat", made)
    return counts


def stories(folder, **options):
    asked = {"set": "3-sources", "pair": "bbc-reuters", "train": 60, "validation": 30}
    return multiview.load(**asked | options, resources=str(folder))


def test_words_are_leading_components_of_the_logarithm_of_their_counts(tmp_path):
    counts = words(tmp_path)
    pairs = stories(tmp_path)
    assert (pairs.name, pairs.classes) == ("3-sources-bbc-reuters", 6)
    assert pairs.labels.tolist() == np.repeat(np.arange(6), 20).tolist()
    logs = np.log1p(counts["reuters"])
    logs -= logs.mean(axis=0)
    variance = np.linalg.svd(logs, compute_uv=False)[: multiview.WORD_COMPONENTS] ** 2
    x = pairs.inputs["reuters"].astype(float)
    assert x.shape == (120, multiview.WORD_COMPONENTS)
    scale = np.linalg.lstsq(x, logs, rcond=None)[0]
    explained = ((x - x.mean(axis=0)) @ scale).var(axis=0).sum() * 120
    assert explained == pytest.approx(variance.sum(), rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"truth": None}, "3-sources.mat: it has no truth; needed: one array of this name"),
        ({"bbc": None}, "3-sources.mat: it has no bbc"),
        ({"classes": np.full(120, 2)}, "120 rows of bbc and 120 classes of 1 kinds; needed: as ma"),
        ({"classes": np.arange(1, 7)}, "120 rows of bbc and 6 classes of 6 kinds; needed"),
        ({"bbc": np.array([["text"]])}, "bbc is <U4 .*; needed: a table of numbers"),
        ({"bbc": np.full((120, 3), np.nan)}, "360 values of bbc are missing or infinite"),
    ],
)
def test_a_matlab_file_that_does_not_fit(tmp_path, changes, message):
    words(tmp_path, **changes)
    with pytest.raises(ValueError, match=message):
        stories(tmp_path)


def test_a_matlab_file_that_is_damaged_or_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"3-sources.mat: there is no such file"):
        stories(tmp_path)
    words(tmp_path)
    path = tmp_path / "multiview/3-sources.mat"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match=r"3-sources.mat: not a .mat file, or damaged"):
        stories(tmp_path)
