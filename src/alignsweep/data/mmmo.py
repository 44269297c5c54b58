"""ICT-MMMO: how much does a reviewer like a film? Sequences of face and voice.

Word by word features of film reviews on video (Wöllmer et al., "YouTube Movie Reviews", IEEE
Intelligent Systems, 2013), as published with the memory fusion network (Zadeh et al., AAAI 2018,
arXiv 1802.00927). Text is not offered: that of the training part is not available.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import sequences
from alignsweep.data.readers import hdf5
from alignsweep.data.store import Pairs, split_codes
from alignsweep.options import Each, Resources

FOLDER = "affect_h5/mmmo"
PAIR = "vision-audio"
SOURCES = {"vision": "video", "audio": "audio"}  # modality -> its name in the files
PARTS = ("train", "valid", "test")
NEUTRAL = 3.0


def load(
    name: str | None = None,
    *,
    pair: Annotated[Literal["vision-audio"], Each("pairs", "{}")],
    resources: Resources = "resources",
) -> Pairs:
    """Return vision and audio of the film reviews, with the score as label.

    Parameters
    ----------
    name
        Name of the dataset; by default ``mmmo-vision-audio``.
    pair
        The one pair that is there for all samples, ``vision-audio``: the text of the training part
        was not published.
    resources
        Folder of the data; the files lie in it as
        ``affect_h5/mmmo/{video,audio,y}_{train,valid,test}.h5``.

    Returns
    -------
    Pairs
        Inputs ``(n, 20, features)`` float32 (vision 36, audio 74), standardised by the training
        split, with masks where lengths differ. Labels are the score, 1 to 5, minus 3 (neutral).
        Splits as given: 220, 40 and 80.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If the pair is unknown, or the files do not fit together.
    """
    if pair != PAIR:
        raise ValueError(
            f"pair is {pair!r}; allowed: {PAIR} (text of the training part is missing)"
        )
    folder = Path(resources, FOLDER)
    name = name or f"mmmo-{pair}"
    files = {part: folder / f"y_{part}.h5" for part in PARTS}
    scores = [sequences.labels(hdf5.load(file), f"{file}: {p}") for p, file in files.items()]
    sizes = [len(part) for part in scores]
    split = split_codes(*sizes)
    whole = {m: _whole(folder, source, sizes) for m, source in SOURCES.items()}
    inputs, masks, facts = sequences.prepare(name, whole, split)
    labels = np.concatenate(scores) - NEUTRAL
    return Pairs(name, inputs, labels, split, classes=None, masks=masks, facts=facts)


def _whole(folder: Path, source: str, sizes: list[int]) -> NDArray[Any]:
    """Return the sequences of all parts, one after the other."""
    arrays: list[NDArray[Any]] = []
    for part, size in zip(PARTS, sizes, strict=True):
        file = folder / f"{source}_{part}.h5"
        x = hdf5.load(file)
        if x.ndim != 3 or len(x) != size or (arrays and x.shape[1:] != arrays[0].shape[1:]):
            rest = arrays[0].shape[1:] if arrays else ("steps", "features")
            needed = ", ".join(map(str, (size, *rest)))
            raise ValueError(f"{file}: shape is {x.shape}; needed: ({needed})")
        arrays.append(x)
    return np.concatenate(arrays)
