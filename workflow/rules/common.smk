"""What the rules share: the study, its wildcards, and the helpers they call.

Provides: STUDY and what follows from it, code(), grows(), of_dataset(), only(), of_source(), widths(), answers().
"""

import math
import re
import sys
from itertools import product
from pathlib import Path

from snakemake.exceptions import WorkflowError

ROOT = Path(workflow.current_basedir).parents[1]

# Scripts import the package from here, whatever environment they run in.
sys.path.insert(0, str(ROOT / "src"))
os.environ |= {"PYTHONPATH": str(ROOT / "src")}

import alignsweep.code  # what is imported here is light: no torch, no pandas, no numpy
from alignsweep import figures, study
from alignsweep.answers import overview
from alignsweep.data.resources import needed

try:
    if not workflow.modifier.skip_configfile:  # a module's configuration is given
        study.check_files(workflow.overwrite_configfiles or workflow.configfiles)
    STUDY = study.resolve(config)
except study.ConfigError as error:
    raise WorkflowError(str(error)) from None

RESULTS, LOGS = f"results/{STUDY['study']}", f"logs/{STUDY['study']}"
STRENGTHS = STUDY["strengths"]
ALIGNMENTS = STUDY["alignments"]
CELLS = list(product(ALIGNMENTS, STRENGTHS))
DATASETS = STUDY["datasets"]
SEED_BLOCKS = study.seed_blocks(STUDY["seeds"], STUDY["seeds_per_job"])
SYNTHETIC = [name for name, d in DATASETS.items() if d["kind"] == "synthetic"]
REAL = [name for name in DATASETS if name not in SYNTHETIC]
INFORMED = [name for name, d in DATASETS.items() if d["information"]]
SOURCES = list(dict.fromkeys(d["source"] for d in DATASETS.values()))
DOWNLOADS = {name: needed(d["kind"], d["options"]) for name, d in DATASETS.items()}
ADAPTIVE = STUDY["search"] == "adaptive"
EVERY = "all"  # in place of a source: the figures over all datasets
CELL = "<results>/{dataset}/alignment={alignment}/strength={strength}/seeds={seeds}"
CELL_PATHS = expand(CELL, alignment=ALIGNMENTS, strength=STRENGTHS, allow_missing=True)


def only(names):
    """A wildcard constraint that admits these names, or none at all."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    dataset=only(DATASETS),
    source=only([*SOURCES, EVERY]),
    alignment=only(ALIGNMENTS),
    strength=only(STRENGTHS),
    seeds=r"\d+-\d+",


def code(script, *registries):
    """Digest of the library code behind a script, as a parameter: editing it re-runs the rule, and nothing else.

    Of these registries, only the entries count that the dataset (or the figure) uses.
    """
    path = ROOT / "workflow/scripts" / f"{script}.py"
    if not registries:
        return alignsweep.code.digest(path)
    return lambda wildcards: alignsweep.code.digest(
        path, study.uses(STUDY, registries, **wildcards), STUDY["added"]
    )


def grows(base, per_mb=0):
    """A resource (MB of memory, minutes) that grows with the size of the inputs, and with every attempt."""
    return lambda wildcards, input, attempt: math.ceil(
        (base + per_mb * input.size_mb) * attempt
    )


def of_dataset(option):
    """An option of the dataset, as a parameter."""
    return lambda wildcards: DATASETS[wildcards.dataset][option]


def of_source(source):
    """The datasets of a source, or all."""
    return [name for name, d in DATASETS.items() if source in (EVERY, d["source"])]


def widths(datasets):
    """The widths of the embeddings of these datasets."""
    encoders = (e for name in datasets for e in DATASETS[name]["encoder"].values())
    return [str(w) for w in sorted({e["width"] for e in encoders if "width" in e})]


def answers(datasets):
    """The answers for these datasets."""
    return expand("<results>/{dataset}/recommendation.md", dataset=datasets)
