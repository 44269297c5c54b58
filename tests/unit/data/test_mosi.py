import io
import tarfile

import numpy as np
import pytest

from alignsweep.data import mosi, store

VIDEOS, EACH = 10, 4
N = VIDEOS * EACH
RNG = np.random.default_rng(0)


def tables():
    """The tables as in the archive: 10 videos of 4 utterances for testing, and one for training."""
    ids = [f"v_{v}_{u}" for v in range(VIDEOS) for u in range(EACH)] + ["train_1", "train_2"]
    labels = [i % 2 for i in range(len(ids))]
    order = RNG.permutation(N)
    features = {s: RNG.normal(size=(N, d)) for s, d in (("video", 5), ("audio", 3), ("text", 4))}
    features["video"][:, 1] = 0
    features["text"][:, 0] = order  # so that a row can be recognised
    made = {"transcripts": [(i, "SOME, WORDS", 1, y) for i, y in zip(ids, labels, strict=True)]}
    made["text_test"] = [(i, *row) for i, row in zip(order, features["text"], strict=True)]
    for source, x in features.items():
        made[f"{source}/{source}_test0"] = [
            (*row, labels[i]) for i, row in zip(order, x, strict=True)
        ]
    return made


def write(folder, made):
    (folder / "mosi").mkdir()
    with tarfile.open(folder / mosi.ARCHIVE, "w:gz") as archive:
        # what is not used is not read
        for name, rows in [("text/text_train0", [("not", "numbers")]), *made.items()]:
            lines = [",".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows]
            content = "".join(lines).encode()
            info = tarfile.TarInfo(f"mosi_utterance/data/{name}.csv")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return str(folder)


@pytest.mark.parametrize("pair", ["vision-text", "vision-audio", "audio-text"])
def test_the_test_part_is_split_again_by_video(tmp_path, pair):
    made = tables()
    pairs = mosi.load(pair=pair, resources=write(tmp_path, made))
    assert pairs.name == f"mosi-{pair}"
    assert "-".join(pairs.modalities) == pair
    assert pairs.classes == 2
    width = {"vision": 5, "audio": 3, "text": 4}
    rows = np.array([row[0] for row in made["text_test"]])
    assert pairs.labels.tolist() == (rows % 2).tolist()
    assert pairs.masks == {}
    for seed in range(3):
        draw = pairs.draw(seed)
        train = draw.rows("train")
        for modality, x in draw.inputs.items():
            assert (x.shape, x.dtype) == ((N, width[modality]), np.float32)
            np.testing.assert_allclose(x[train].mean(axis=0), 0, atol=1e-6)
            expected = np.ones(width[modality])
            if modality == "vision":
                expected[1] = 0
            np.testing.assert_allclose(x[train].std(axis=0), expected, atol=1e-6)
        assert (draw.labels == pairs.labels).all()
        # no video is in two splits, and the sizes are about those wanted
        for video in range(VIDEOS):
            assert len(np.unique(draw.split[rows // EACH == video])) == 1
        assert [len(draw.rows(s)) for s in store.SPLITS] == [20, 8, 12]
        if pair == "audio-text":  # the first text feature is the row number
            order = draw.inputs["text"][:, 0].argsort()
            assert (rows[order] == np.arange(N)).all()


def test_the_seed_draws_the_split(tmp_path):
    resources = write(tmp_path, tables())
    options = [(0, "none"), (0, "none"), (1, "none"), (0, "split")]
    loaded = [
        mosi.load(pair="audio-text", seed=s, resample=r, resources=resources) for s, r in options
    ]
    first, again, other, resampled = loaded
    assert (first.split == again.split).all()
    assert (first.split != other.split).any()
    assert (first.draw(3).split == first.split).all()
    assert (resampled.draw(0).split == first.split).all()
    assert (resampled.draw(3).split != first.split).any()


def test_shares(tmp_path):
    pairs = mosi.load(
        pair="audio-text", validation=0.4, test=0.5, resources=write(tmp_path, tables())
    )
    assert [len(pairs.rows(s)) for s in store.SPLITS] == [4, 16, 20]


def change(name, i, row):
    def changed(made):
        made[name][i] = row(made[name][i])

    return changed


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda m: m.pop("text_test"), r"no data/text_test.csv, or empty; needed: all of them"),
        (lambda m: m["audio/audio_test0"].clear(), r"no data/audio/audio_test0.csv, or empty"),
        (
            lambda m: m["audio/audio_test0"].pop(),
            "data/audio/audio_test0.csv has 39 rows; needed: 40, as data/text_test.csv",
        ),
        (
            change("video/video_test0", 3, lambda row: (*row[:-1], 1 - row[-1])),
            "video_test0.csv: 1 labels differ from those of data/transcripts.csv",
        ),
        (
            change("audio/audio_test0", 3, lambda row: ("x", *row[1:])),
            "audio_test0.csv is not a table of numbers",
        ),
        (
            change("audio/audio_test0", 3, lambda row: row[1:]),
            "audio_test0.csv is not a table of numbers",
        ),
        (change("audio/audio_test0", 3, lambda row: (*row[:-1], "nan")), "are not finite"),
        (change("text_test", 3, lambda row: (99, *row[1:])), "text_test.csv: its first column"),
        (change("text_test", 3, lambda row: (0.5, *row[1:])), "text_test.csv: its first column"),
        (change("text_test", 3, lambda row: (0, *row[1:])), "at most once, 0 to 41"),
        (change("text_test", 3, lambda row: (row[0], 7, *row[2:])), "hold different features"),
        (change("transcripts", 3, lambda row: (*row[:3], 2)), "id, words, video, label 0 or 1"),
        (change("transcripts", 3, lambda row: row[:3]), "id, words, video, label 0 or 1"),
    ],
)
def test_tables_that_do_not_fit(tmp_path, spoil, message):
    made = tables()
    spoil(made)
    resources = write(tmp_path, made)
    with pytest.raises(ValueError, match=rf"mosi_utterance_csv.tar.gz: .*{message}"):
        mosi.load(pair="vision-text", resources=resources)


def test_a_row_named_twice(tmp_path):
    made = tables()
    made["text_test"][3] = (made["text_test"][4][0], *made["text_test"][3][1:])
    with pytest.raises(ValueError, match="at most once"):
        mosi.load(pair="vision-text", resources=write(tmp_path, made))


def test_a_split_without_a_class(tmp_path):
    made = tables()
    for name, rows in made.items():
        if name != "text_test":
            rows[:] = [(*row[:-1], 1) for row in rows]
    with pytest.raises(ValueError, match="of 200 splits of its 10 groups each lacked a cl"):
        mosi.load(pair="vision-text", resources=write(tmp_path, made))


def test_a_table_that_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(mosi, "MAX_BYTES", 100)
    with pytest.raises(ValueError, match="is larger than 100 bytes; refused"):
        mosi.load(pair="vision-text", resources=write(tmp_path, tables()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pair": "text"}, "allowed: vision-text, vision-audio, audio-text"),
        ({"test": 0.8}, "validation is 0.2, test 0.8; allowed: above 0, below 1 together"),
        ({"validation": 0}, "allowed: above 0"),
    ],
)
def test_bad_options(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        mosi.load(**{"pair": "vision-text", "resources": str(tmp_path)} | options)


def test_a_missing_archive(tmp_path):
    with pytest.raises(FileNotFoundError):
        mosi.load(pair="vision-text", resources=str(tmp_path))
