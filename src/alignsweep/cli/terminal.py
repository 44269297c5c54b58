"""What a run of the workflow says on the terminal: a line per dataset and step, then what came out.

`snakemake --logger alignsweep` and with it the default profile show it; the plugin that Snakemake
finds, ``snakemake_logger_plugin_alignsweep``, hands on what happens.
"""

from __future__ import annotations

import csv
import shutil
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from tqdm import tqdm

from alignsweep.answers import overview
from alignsweep.cli.progress import EARLY, Progress, bar
from alignsweep.log import FAILED, failure

#: rule -> what was done, once per dataset; ``{models}`` are those of its jobs.
OF_DATASET = {
    "prepare_dataset": "data prepared",
    "generate_synthetic": "data drawn",
    "train_encoders": "{models} models trained",
    "search_strength": "optimum searched",
    "probe_encoders": "encoders probed",
    "measure_alignment": "alignment measured",
    "estimate_information": "information decomposed",
    "fit_baseline": "plain models fitted",
    "train_controls": "controls trained",
    "select_strength": "strength selected",
    "export_encoders": "encoders exported",
    "recommend_dataset": "{answer}",
}
#: rule -> what was done, once per study; ``{jobs}`` are those of this rule.
OF_STUDY = {"collect_table": "{jobs} tables collected", "plot_figure": "{jobs} figures drawn"}
#: Name that the lines of the whole study begin with.
STUDY = "study"
#: Seconds between two looks at how far the run is.
TICK = 1.0
#: Lines shown of a log.
LAST = 6


class Job(NamedTuple):
    """A job that has begun: its rule, its dataset (or the study), and the models it trains."""

    rule: str
    dataset: str
    models: int


class Terminal:
    """What is said of a run.

    Parameters
    ----------
    study
        The study, resolved (`study.resolve`).
    results, logs
        Its folders.
    stream
        Where to say it. Where it is a terminal, a last line says what is being done, and the time
        that is left.
    """

    def __init__(
        self, study: Mapping[str, Any], results: str | Path, logs: str | Path, stream: TextIO
    ) -> None:
        self._study, self._stream = study, stream
        self._results, self._logs = Path(results), Path(logs)
        self._progress = Progress(study["datasets"], study["seeds"], self._logs)
        self._jobs: dict[int, Job] = {}
        self._planned: dict[str, int] = {}
        self._ended: Counter[str] = Counter()
        self._waiting: Counter[tuple[str, str]] = Counter()  # jobs ended, of which nothing was said
        self._models: Counter[str] = Counter()
        self._failed: dict[int, tuple[Job, Sequence[str]]] = {}
        self._begun = time.monotonic()
        self._bar: tqdm[Any] | None = None
        self._closed = threading.Event()

    def plan(self, jobs: Mapping[str, int]) -> None:
        """Say what is to be done: jobs by rule, and in `total`."""
        self._planned = dict(jobs)
        for rule, count in jobs.items():
            self._progress.plan(rule, count)
        datasets = len(self._study["datasets"])
        self._say(
            f"Study {self._study['study']}: {datasets} dataset{'s' * (datasets > 1)}, "
            f"{self._progress.total} jobs"
        )
        self._bar = bar(self._stream)
        if not self._bar.disable:
            threading.Thread(target=self._tick, daemon=True).start()

    def begin(
        self, job: int, rule: str, wildcards: Mapping[str, str], said: str, outputs: Sequence[str]
    ) -> None:
        """Take in that a job begins, and what is said of it."""
        first, _, last = wildcards.get("seeds", "0-0").partition("-")
        trained = [path for path in outputs if path.endswith("/encoders.safetensors")]
        models = len(trained) * (int(last) - int(first) + 1) if rule == "train_encoders" else 0
        self._jobs[job] = Job(rule, wildcards.get("dataset", STUDY), models)
        self._progress.begin(str(job), said)

    def end(self, job: int) -> None:
        """Say that a job is finished, if with it a dataset's step, or the study's, is."""
        found = self._jobs.pop(job, None)
        self._failed.pop(job, None)
        if found is None:
            return
        rule, dataset, models = found
        self._progress.end(str(job), rule)
        self._ended[rule] += 1
        self._waiting[rule, dataset] += 1
        self._models[dataset] += models
        everywhere = self._ended[rule] == self._planned.get(rule, 0)
        if rule in OF_STUDY and everywhere:
            self._line(STUDY, OF_STUDY[rule].format(jobs=self._ended[rule]))
        elif rule in OF_DATASET:
            enough = max(1, self._planned.get(rule, 0) // len(self._study["datasets"]))
            for waits, where in list(self._waiting):
                jobs = self._waiting[waits, where]
                if waits == rule and (everywhere or jobs >= enough):
                    del self._waiting[waits, where]
                    self._line(where, self._done(rule, where))

    def fail(self, job: int, logs: Sequence[str]) -> None:
        """Say that a job failed; its log is said at the end."""
        found = self._jobs.get(job)
        if found is not None:
            self._failed[job] = found, logs
            self._line(found.dataset, f"{found.rule} failed: {_reason(logs)}")

    @property
    def failed(self) -> bool:
        """Whether a job failed, and was not done by another try."""
        return bool(self._failed)

    def close(self, nothing_to_do: bool) -> None:
        """Say what failed and why; or else what came out, and where it is."""
        self._closed.set()
        if self._bar is not None:
            self._bar.close()
        for (rule, dataset, _), logs in self._failed.values():
            self._say(f"\nFailed: {rule} of {dataset}. {_reason(logs)}")
            for path in logs:
                self._say("\n".join([f"The end of {path}:", *_end_of(path)]))
        done, total = self._progress.done, self._progress.total
        if nothing_to_do:
            self._say(f"Study {self._study['study']}: nothing to do, all is there")
        elif done == total:
            self._say(f"\nDone in {self._elapsed()}")
        else:
            self._say(f"\nStopped: {done} of {total} jobs are done; the same command goes on")
        if nothing_to_do or done == total:
            for line in claims(self._results / "tables" / "claims.csv"):
                self._say(line)
        page = self._results / "index.html"
        if page.is_file():
            self._say(f"Page: {page}")

    def _done(self, rule: str, dataset: str) -> str:
        said = OF_DATASET[rule]
        if rule == "recommend_dataset":
            return overview.outcome(dataset, self._results, self._logs).said()
        if rule != "train_encoders":
            return said
        together = f"{sum(self._models.values())} in all{self._left()}"
        return f"{said.format(models=self._models[dataset])} ({together})"

    def _left(self) -> str:
        done, _ = self._progress.now()
        length = self._progress.length
        if done <= EARLY * length:
            return ""
        left = (time.monotonic() - self._begun) * (length - done) / done
        return f", about {tqdm.format_interval(left)} left"

    def _elapsed(self) -> str:
        return tqdm.format_interval(time.monotonic() - self._begun)

    def _line(self, dataset: str, said: str) -> None:
        wide = max(map(len, [STUDY, *self._study["datasets"]]))
        begin = f"{self._elapsed()}  {dataset:<{wide}}  "
        columns = shutil.get_terminal_size((100, 24)).columns
        self._say(
            textwrap.fill(
                said,
                max(columns, len(begin) + 40),
                initial_indent=begin,
                subsequent_indent=" " * len(begin),
                break_on_hyphens=False,
                break_long_words=False,
            )
        )

    def _say(self, text: str) -> None:
        tqdm.write(text, file=self._stream)
        self._stream.flush()

    def _tick(self) -> None:
        while not self._closed.wait(TICK):
            if self._bar is not None:
                self._progress.show(self._bar)


def claims(path: Path) -> list[str]:
    """Return in at most three lines how many claims hold, by their table, if it is there.

    Claims about accuracy are judged at the last epoch, as the paper trains, and again where the
    epoch is chosen on validation; those about alignment at the last epoch alone.
    """
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    groups = {
        "The paper's claims about accuracy": [r for r in rows if r["source"] == "paper"],
        "The paper's claims about alignment": [r for r in rows if r["source"] == "paper"],
        "Claims made here": [r for r in rows if r["source"] == "here"],
    }
    said = []
    for name, group in groups.items():
        if name != "Claims made here":  # some of which are made at the last epoch only
            group = [r for r in group if (r["holds_tuned"] == "") == name.endswith("alignment")]
        if group:
            holds = sum(r["holds"] == "True" for r in group)
            told = [r["holds_tuned"] == "True" for r in group if r["holds_tuned"]]
            tuned = f"{sum(told)}{'' if len(told) == len(group) else f' of {len(told)}'}"
            rest = f", {tuned} if each model stops at its best epoch" if told else ""
            said.append(f"{name}: {holds} of {len(group)} hold{rest}")
    return said


def _reason(logs: Sequence[str]) -> str:
    """Return the sentence that matters."""
    said = [why for path in logs if Path(path).is_file() and (why := failure(path))]
    return said[0] if said else "its log does not say why; look above, or it was killed"


def _end_of(path: str) -> list[str]:
    if not Path(path).is_file():
        return ["  (there is none)"]
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    return [f"  {line}" for line in lines if not line.startswith(FAILED)][-LAST:]
