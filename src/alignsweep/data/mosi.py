"""CMU-MOSI: is an utterance positive? Features per utterance of its words, voice and face.

The features are those of Poria et al. ("Context-Dependent Sentiment Analysis in User-Generated
Videos", ACL 2017) for the corpus of Zadeh et al. (arXiv 1606.06259): 2,199 utterances of 93 videos.

Only their test part is used here: 752 utterances of 31 videos. The features of text and video are
activations of networks that were trained, with the labels, on the training part. There they carry
the label itself: within that part a linear classifier on text has an AUC of 0.997, from it to the
test part 0.83. Whatever measures what modalities share would measure this copy.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import sequences
from alignsweep.data.readers import archives
from alignsweep.data.resampling import Resampling, drawn
from alignsweep.data.store import Pairs, split_codes
from alignsweep.options import Resources, Seed, Share

ARCHIVE = "mosi/mosi_utterance_csv.tar.gz"
SOURCES = {"vision": "video", "audio": "audio", "text": "text"}  # modality -> its name there
MAX_BYTES = 2**26  # of a table; the largest has 3 MB

Rows = list[list[str]]


def load(
    name: str | None = None,
    *,
    pair: sequences.Pair,
    validation: Share = 0.2,
    test: Share = 0.3,
    resample: Literal["split", "none"] = "split",
    seed: Seed = 0,
    resources: Resources = "resources",
) -> Pairs:
    """Return two modalities of the utterances of MOSI's test part.

    Parameters
    ----------
    name
        Name of the dataset; by default ``mosi-{pair}``.
    pair
        ``vision-text``, ``vision-audio`` or ``audio-text``.
    validation, test
        Shares of the utterances, about, since videos stay whole; the rest is the training split.
    resample
        ``split``: every seed has a split of its own, so that intervals hold for new videos;
        ``none``: all seeds share one. Videos are split, not utterances: none is in two splits.
    seed
        Seed of the splits.
    resources
        Folder of the data; the archive lies in it as ``mosi/mosi_utterance_csv.tar.gz``.

    Returns
    -------
    Pairs
        Inputs ``(752, features)`` float32, standardised by the training split: vision 100, audio
        73, text 100. Two classes, 1 is positive.

    Raises
    ------
    FileNotFoundError
        If the archive is not there.
    ValueError
        If an option is out of range, the tables of the archive do not fit together, or every
        split would lack a class.
    """
    wanted = sequences.modalities(pair)
    if not (validation > 0 and test > 0 and validation + test < 1):
        raise ValueError(
            f"validation is {validation}, test {test}; allowed: above 0, below 1 together"
        )
    name = name or f"mosi-{pair}"
    path = Path(resources, ARCHIVE)
    features, labels, videos = _utterances(path)
    everything = split_codes(len(labels) - 2, 1, 1)  # until it is drawn
    inputs, masks, facts = sequences.prepare(name, {m: features[m] for m in wanted}, everything)
    groups = np.unique(videos, return_inverse=True)[1].astype(np.int64)
    pairs = Pairs(name, inputs, labels, everything, 2, masks, facts, groups)
    scaling = dict.fromkeys(wanted, "features")
    return drawn(pairs, Resampling("split", (None, validation, test), seed, scaling), resample)


def _utterances(
    path: Path,
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.int64], NDArray[np.str_]]:
    """Return features per modality, labels, and videos of the test part, in the files' order."""
    files = {m: f"data/{source}/{source}_test0.csv" for m, source in SOURCES.items()}
    index_file, transcripts_file = "data/text_test.csv", "data/transcripts.csv"
    tables = _tables(path, [*files.values(), index_file, transcripts_file])
    indexed = _numbers(path, index_file, tables[index_file])
    transcripts = tables[transcripts_file]
    rows = indexed[:, 0]
    known = np.isin(rows, np.arange(len(transcripts)))
    if not known.all() or len(np.unique(rows)) != len(rows):
        raise ValueError(
            f"{path}: {index_file}: its first column must name each row of {transcripts_file} "
            f"at most once, 0 to {len(transcripts) - 1}"
        )
    lines = [transcripts[i] for i in rows.astype(int)]
    if any(len(line) != 4 or line[3] not in ("0", "1") for line in lines):
        raise ValueError(f"{path}: {transcripts_file}: needed: id, words, video, label 0 or 1")
    labels = np.array([int(line[3]) for line in lines])
    features = {}
    for modality, file in files.items():
        table = _numbers(path, file, tables[file])
        if len(table) != len(rows):
            raise ValueError(
                f"{path}: {file} has {len(table)} rows; needed: {len(rows)}, as {index_file}"
            )
        wrong = int((table[:, -1] != labels).sum())
        if wrong:
            raise ValueError(
                f"{path}: {file}: {wrong} labels differ from those of {transcripts_file}"
            )
        features[modality] = table[:, :-1]
    # the index stands beside a second copy of the text, so this ties it to the rows
    text = indexed[:, 1:]
    if text.shape != features["text"].shape or not np.allclose(text, features["text"]):
        raise ValueError(f"{path}: {files['text']} and {index_file} hold different features")
    return features, labels, np.array([line[0].rsplit("_", 1)[0] for line in lines])


def _tables(path: Path, names: list[str]) -> dict[str, Rows]:
    """Return the named tables of the archive as rows of cells."""
    tables: dict[str, Rows] = {}
    for name, file in archives.members(path, "|".join(map(re.escape, names))):
        content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError(f"{path}: {name} is larger than {MAX_BYTES} bytes; refused")
        try:
            tables[name] = list(csv.reader(io.StringIO(content.decode(), newline="")))
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: {name} is not a table of text ({error})") from error
    missing = [name for name in names if not tables.get(name)]
    if missing:
        raise ValueError(f"{path}: no {', '.join(missing)}, or empty; needed: all of them")
    return tables


def _numbers(path: Path, name: str, rows: Rows) -> NDArray[np.float64]:
    try:
        table = np.array(rows, dtype=np.float64)  # ragged rows raise too
    except ValueError as error:
        raise ValueError(f"{path}: {name} is not a table of numbers ({error})") from error
    if not np.isfinite(table[:, -1]).all():
        raise ValueError(f"{path}: {name}: its last column has values that are not finite")
    return table
