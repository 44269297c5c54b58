"""What the rules share: the study, its wildcards, and the helpers they call.

Provides: STUDY and what follows from it, code(), grows(), side_by_side(), of_dataset(), only(), of_source(), widths(),
answers(), shown(), captioned(), drawn(); begin() and end() of a run.
"""

import math
import re
import shutil
import sys
from functools import cache
from itertools import product
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

ROOT = Path(workflow.current_basedir).parents[1]

# Scripts import the package from here, whatever environment they run in.
sys.path.insert(0, str(ROOT / "src"))
os.environ |= {"PYTHONPATH": str(ROOT / "src")}

import alignsweep.code  # what is imported here is light: no torch, no pandas, no numpy
from alignsweep import figures, provenance, runs, study
from alignsweep.answers import overview
from alignsweep.data.checks import SIMULATED
from alignsweep.data.resources import needed

try:
    if not workflow.modifier.skip_configfile:  # a module's configuration is given
        study.check_files(workflow.overwrite_configfiles or workflow.configfiles)
    STUDY = study.resolve(config)
except study.ConfigError as error:
    raise WorkflowError(str(error)) from None

# The same command goes on after a kill: a lock that no run has is a killed one's. Not with nodes (a cluster), where
# jobs outlive the run.
if workflow.is_main_process and not (
    workflow.output_settings.dryrun or workflow.resource_settings.nodes
):
    if runs.begin(".snakemake/runs"):
        shutil.rmtree(".snakemake/locks", ignore_errors=True)

RESULTS, LOGS = f"results/{STUDY['study']}", f"logs/{STUDY['study']}"
STRENGTHS = STUDY["strengths"]
ALIGNMENTS = STUDY["alignments"]
CELLS = list(product(ALIGNMENTS, STRENGTHS))
DATASETS = STUDY["datasets"]
SEED_BLOCKS = study.seed_blocks(STUDY["seeds"], STUDY["seeds_per_job"])
SYNTHETIC = [name for name, d in DATASETS.items() if d["kind"] == "synthetic"]
MADE_UP = [name for name, d in DATASETS.items() if d["kind"] in SIMULATED]
REAL = [name for name in DATASETS if name not in MADE_UP]
INFORMED = [name for name, d in DATASETS.items() if d["information"]]
SOURCES = list(dict.fromkeys(d["source"] for d in DATASETS.values()))
DOWNLOADS = {name: needed(d["kind"], d["options"]) for name, d in DATASETS.items()}
ADAPTIVE = STUDY["search"] == "adaptive"
# A logger that knows what a study is (--logger alignsweep) says more than jobs.
logger.info("", extra={"study": (STUDY, RESULTS, LOGS)})
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

    @cache  # many datasets use the same
    def digest(*entries):
        return alignsweep.code.digest(path, entries, STUDY["added"])

    return lambda wildcards: digest(*study.entries(STUDY, registries, **wildcards))


def grows(base, per_mb=0):
    """A resource (MB of memory, minutes) that grows with the size of the inputs, and with every attempt.

    Sizes are asked of the file system (input.size_mb warns of coroutines while inputs are still to be made): a file
    that is not there yet raises, and Snakemake asks again when it is.
    """
    return lambda wildcards, input, attempt: math.ceil(
        (base + per_mb * sum(map(os.path.getsize, input)) / 2**20) * attempt
    )


def side_by_side(jobs, seeds):
    """Threads of each of so many jobs that score so many seeds, side by side. On a cluster: --set-threads."""
    local = workflow.is_main_process and not workflow.resource_settings.nodes
    cores = (local and workflow.resource_settings.cores) or 1
    return max(1, min(cores // jobs, seeds))


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


def shown(source):
    """The figure of a source that the report shows."""
    return report(
        f"<results>/figures/{{figure}}-{source}.svg",
        caption="../report/figure.rst",
        category=lambda wildcards: FIGURES[wildcards.figure].category,
        labels=lambda wildcards: {
            "figure": FIGURES[wildcards.figure].label,
            "data": source,
        },
    )


def captioned(sources):
    """What stands under a figure, of each of these sources, as a parameter."""
    wide = "; ".join(f"{s} {', '.join(widths(of_source(s)))}" for s in sources)
    return lambda wildcards: FIGURES[wildcards.figure].caption.format(
        source=", ".join(sources), width=wide
    )


def drawn(stems):
    """The files of these figures."""
    return expand(
        "<results>/figures/{stem}.{ending}", stem=stems, ending=("pdf", "png", "svg")
    )


def begin():
    """Say what is asked otherwise than in earlier runs, and refuse files that are not what was written."""
    if not workflow.resource_settings.nodes:
        # With it Snakemake looks at all jobs that are ready again and again: a second after each that has ended, and
        # then every second, for as long as any wait.
        workflow.scheduler.job_rate_limiter = None
    try:
        threads = workflow.resource_settings.cores
        for said in provenance.begin(STUDY, config, RESULTS, threads):
            logger.warning(said)
    except (ValueError, OSError) as error:
        raise WorkflowError(str(error)) from None


def end():
    """Write what made the results, and all answers on one page."""
    own = [
        options["path"]
        for d in DATASETS.values()
        if "path" in (options := d["options"])
    ]
    downloads = [f"resources/{file}" for files in DOWNLOADS.values() for file in files]
    try:
        provenance.end(RESULTS, f"benchmarks/{STUDY['study']}", [*own, *downloads])
    except (ValueError, OSError) as error:
        logger.error(f"What made the results could not be noted: {error}")
    overview.write(STUDY, RESULTS, LOGS, CAPTIONS)
