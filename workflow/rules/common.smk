"""What the rules share: the study, its wildcards, and the helpers they call.

Provides: STUDY and what follows from it (STRENGTHS, DATASETS, SYNTHETIC, REAL, SOURCES, SEED_BLOCKS, DOWNLOADS,
ADAPTIVE), code(), code_of(), grows(), per_strength(), datasets_of(), only(), searched(), scores().
"""

import hashlib
import math
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(workflow.basedir)
LIBRARY = ROOT / "src"

# Scripts import the package from here, whatever environment they run in.
sys.path.insert(0, str(LIBRARY))
os.environ |= {"PYTHONPATH": str(LIBRARY)}

from alignsweep import study  # light: no torch, no pandas
from alignsweep.resources import needed

try:
    STUDY = study.resolve(config, ROOT / "workflow/schemas/config.schema.yaml")
except study.ConfigError as error:
    raise WorkflowError(str(error)) from None

STRENGTHS = STUDY["strengths"]
DATASETS = STUDY["datasets"]
SEED_BLOCKS = study.seed_blocks(STUDY["seeds"], STUDY["seeds_per_job"])
SYNTHETIC = [name for name, d in DATASETS.items() if d["kind"] == "synthetic"]
REAL = [name for name in DATASETS if name not in SYNTHETIC]
SOURCES = list(dict.fromkeys(d["source"] for d in DATASETS.values()))
DOWNLOADS = {name: needed(d["kind"], d["options"]) for name, d in DATASETS.items()}
ADAPTIVE = STUDY["search"] == "adaptive"
EVERY = "all"  # in place of a source: the figures over all datasets


wildcard_constraints:
    dataset="|".join(DATASETS),
    source="|".join([*SOURCES, EVERY]),
    strength="|".join(s.replace(".", r"\.") for s in STRENGTHS),
    seeds=r"\d+-\d+",


def code(*files):
    """Digest of library files (or patterns), as a parameter of the rules that use them: editing one re-runs those.

    Not as inputs: Snakemake looks at the inputs of all waiting jobs whenever one ends, and a fresh clone has new times.
    """
    digest = hashlib.sha256()
    for pattern in files:
        paths = sorted((LIBRARY / "alignsweep").glob(pattern))
        if not paths:
            raise WorkflowError(f"no library file is called {pattern}")
        for path in paths:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def code_of(wildcards):
    """Digest of the library files behind a kind of dataset: its own, and what those that read files share."""
    own = DATASETS[wildcards.dataset]["kind"].replace("-", "_")
    shared = ["data/readers/*.py", "data/audio.py", "data/sequences.py"]
    reads = DOWNLOADS[wildcards.dataset] or own == "files"
    return code(f"data/{own}.py", "data/store.py", *(shared if reads else []))


def grows(base, per_mb=0):
    """A resource (MB of memory, minutes) that grows with the size of the inputs, and with every attempt."""
    return lambda wildcards, input, attempt: math.ceil(
        (base + per_mb * input.size_mb) * attempt
    )


def per_strength(file, apart=False):
    """A file of each strength of a seed block; apart, of the strength that is asked for."""
    cell = f"<results>/{{dataset}}/strength={{strength}}/seeds={{seeds}}/{file}"
    return [cell] if apart else expand(cell, strength=STRENGTHS, allow_missing=True)


def datasets_of(wildcards):
    """The datasets of a source, or all, in the order of the configuration."""
    wanted = SOURCES if wildcards.source == EVERY else [wildcards.source]
    return [n for n, d in DATASETS.items() if d["source"] in wanted]


def only(datasets):
    """A wildcard constraint that admits these datasets, or none at all."""
    return "|".join(datasets) or "(?!)"


def searched(datasets):
    """What an adaptive search found for these datasets; nothing if the whole grid is trained."""
    return (
        [f"<results>/{name}/search/optimum.csv" for name in datasets]
        if ADAPTIVE
        else []
    )


def scores(datasets):
    """All probe and alignment scores of these datasets."""
    return expand(
        "<results>/{dataset}/strength={strength}/seeds={seeds}/{file}.csv",
        dataset=datasets,
        strength=STRENGTHS,
        seeds=SEED_BLOCKS,
        file=["probe", "alignment"],
    )
