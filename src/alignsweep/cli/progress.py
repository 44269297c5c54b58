"""How far a run of Snakemake is, by what it says and by the logs of its searches."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

#: rule -> about how long a job takes, where one that only reads and writes tables takes 1.
LENGTHS = {
    "search_strength": 35,
    "probe_encoders": 15,
    "train_encoders": 10,
    "estimate_information": 6,
    "train_controls": 6,
    "measure_alignment": 4,
    "fit_baseline": 4,
    "plot_figure": 2,
}
#: The rules that are searches, and what their log says after each round.
SEARCH, ROUND = "search_strength", re.compile(r"after (\d+) models")

#: Share of a run from which the rest of its time can be told.
EARLY = 0.1
#: Columns of a terminal for the time that is left.
ROOM = 16

_COUNT = re.compile(r"^(\w+) +(\d+)$")
_BEGUN = re.compile(r"^Job (\d+): (.+)$")
_ENDED = re.compile(r"^Finished jobid: (\d+) \(Rule: (\w+)\)$")


class Progress:
    """How far a run is.

    Parameters
    ----------
    datasets
        Dataset -> its entry in the study (`study.resolve`).
    seeds
        Seeds of the study.
    logs
        Folder of the study's logs.

    Attributes
    ----------
    total, length
        Jobs of the run, and how long they are, in units of `LENGTHS`; 0 while they are not known.
    done
        Jobs that are finished.
    """

    def __init__(self, datasets: Mapping[str, Any], seeds: int, logs: Path) -> None:
        self._models = {name: _most_models(d["adaptive"], seeds) for name, d in datasets.items()}
        self._logs = logs
        self._running: dict[str, str] = {}
        self._counting = False
        self._finished = 0
        self.total = self.length = self.done = 0

    @property
    def begun(self) -> bool:
        """Whether a job has begun."""
        return bool(self._running or self._finished)

    def note(self, line: str) -> None:
        """Take in a line of what Snakemake says."""
        if line.startswith("Job stats:"):
            self._counting = not self.total
        elif self._counting and (count := _COUNT.match(line)):
            self.plan(count[1], int(count[2]))
            self._counting = count[1] != "total"
        elif begun := _BEGUN.match(line):
            self.begin(begun[1], begun[2])
        elif ended := _ENDED.match(line):
            self.end(ended[1], ended[2])

    def plan(self, rule: str, jobs: int) -> None:
        """Count the jobs of a rule; the rule ``total`` is all of them."""
        if rule == "total":
            self.total = jobs
        else:
            self.length += jobs * LENGTHS.get(rule, 1)

    def begin(self, job: str, said: str) -> None:
        """Take in that a job began, and what is said of it."""
        self._running[job] = said

    def end(self, job: str, rule: str) -> None:
        """Take in that a job of a rule is finished."""
        self._running.pop(job, None)
        self.done += 1
        self._finished += LENGTHS.get(rule, 1)

    def now(self) -> tuple[float, str]:
        """Return how much is done, of `length`, and what is being done, in words."""
        done: float = self._finished
        said = "Done" if self.done == self.total else "Waiting"
        for said in self._running.values():
            dataset = said.rpartition(" ")[2]
            path = self._logs / dataset / f"{SEARCH}.log"
            if dataset in self._models and said.startswith("Searching") and path.is_file():
                rounds = ROUND.findall(path.read_text(encoding="utf-8", errors="replace"))
                if rounds:
                    models = int(rounds[-1])
                    done += LENGTHS[SEARCH] * min(1.0, models / self._models[dataset])
                    said = f"{said}, {models} models"
        return done, f"{self.done} of {self.total} jobs, {said}" if self.total else "planning"

    def show(self, bar: tqdm[Any]) -> None:
        """Show on a bar (`bar`) what is being done, and the time that is left."""
        done, now = self.now()
        bar.total = self.length if done > EARLY * self.length else None
        bar.n = done
        bar.set_description_str(now[: shutil.get_terminal_size().columns - ROOM])


def bar(stream: TextIO | None = None) -> tqdm[Any]:
    """Return a line of progress; it shows nothing where there is no terminal.

    Parameters
    ----------
    stream
        Where to; by default standard error.
    """
    return tqdm(
        bar_format="{remaining} left, {desc}", smoothing=0, leave=False, disable=None, file=stream
    )


def _most_models(options: Mapping[str, Any], seeds: int) -> int:
    """Return how many models a search trains if it is never sure, and has many strengths."""
    first = min(options["first_seeds"], seeds)
    per_round = options["strengths_per_round"] + 1
    rounds = seeds - first + options["confirming_seeds"]
    return int(options["first_strengths"] * first + per_round * rounds)
