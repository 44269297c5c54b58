"""Damages to the files of a finished study, each read as the job that needs it reads it.

A damage is *named* if the run that follows refuses the file in a sentence before its first job, or
else the job that reads it does; *harmless* if what is read is what was written. Of files of tensors
a run looks at the headers alone: the job that reads them sees the rest.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignsweep import provenance, sample_scores, study, tables
from alignsweep.columns import Asked
from alignsweep.damage import DamagedError
from alignsweep.data import store
from alignsweep.selection import evidence
from alignsweep.training import models

DATASET = "synthetic-R4"
CELL = "alignment=infonce/strength=0.4/seeds=0-1"
OTHER = "alignment=infonce/strength=2/seeds=0-1"
LATER = "alignment=infonce/strength=0.4/seeds=2-3"


# damages: bytes -> bytes


def without_row(place):
    def damage(content):
        lines = content.splitlines(keepends=True)
        del lines[place]
        return b"".join(lines)

    return damage


def half(content):
    lines = content.splitlines(keepends=True)
    return b"".join(lines[: len(lines) // 2])


def header_only(content):
    return content.splitlines(keepends=True)[0]


def row_twice(content):
    return content + content.splitlines(keepends=True)[-1]


def as_table(change):
    """Change a table as somebody would who opens and saves it."""

    def damage(content):
        lines = [line.split(",") for line in content.decode().splitlines()]
        table = pd.DataFrame(lines[1:], columns=lines[0], dtype=str)
        return change(table).to_csv(index=False, lineterminator="\n").encode()

    return damage


def put(column, value, metric="accuracy", split="test"):
    """Put a value into the first row of a metric."""

    @as_table
    def damage(table):
        own = np.ones(len(table), dtype=bool)
        for name, wanted in (("metric", metric), ("split", split)):
            own &= (table[name] == wanted) if name in table else True
        row = table.index[own][0]
        table.loc[row, column] = value if not callable(value) else value(table.loc[row, column])
        return table

    return damage


def without_column(name):
    return as_table(lambda table: table.drop(columns=name))


def renamed(old, new):
    return as_table(lambda table: table.replace(old, new))


def without(column, value):
    return as_table(lambda table: table[table[column] != value])


def cut(content):
    return content[:-20]


def longer(content):
    return content + b"\0" * 16


def flipped(place):
    def damage(content):
        at = int(place * len(content))
        return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]

    return damage


def digit(content):
    """Change the last digit of all that is not 9."""
    at = max(content.rfind(b"%d" % d) for d in range(9))
    return content[:at] + bytes([content[at] + 1]) + content[at + 1 :]


def empty(content):
    return b""


def copy_of(name):
    """Put another file of the study in place."""

    def damage(content, results):
        return (results / name).read_bytes()

    return damage


def nearly(text):
    return f"{float(text) - 0.01:.9g}"


def shuffled(table):
    return table.sample(frac=1, random_state=0)


SCORES, CELLS = f"{DATASET}/scores.csv", f"{DATASET}/{CELL}/probe.csv"
ALIGNMENT, GAINS = f"{DATASET}/{CELL}/alignment.csv", f"{DATASET}/gains.csv"
OPTIMUM, USES = f"{DATASET}/optimum.csv", f"{DATASET}/uses.csv"
FACTS, BASELINE = f"{DATASET}/facts.csv", f"{DATASET}/baseline.csv"
DATA, ENCODERS = f"{DATASET}/data.safetensors", f"{DATASET}/{CELL}/encoders.safetensors"
SAMPLES, INFORMATION = f"{DATASET}/{CELL}/samples.safetensors", f"{DATASET}/information.json"

#: file, what happens to it, and how
DAMAGES = [
    (CELLS, "a row is missing", without_row(3)),
    (CELLS, "the last row is missing", without_row(-1)),
    (CELLS, "half is missing", half),
    (CELLS, "a seed is missing", without("seed", "1")),
    (CELLS, "only the header is left", header_only),
    (CELLS, "empty", empty),
    (CELLS, "a row stands twice", row_twice),
    (CELLS, "no column value", without_column("value")),
    (CELLS, "no column seed", without_column("seed")),
    (CELLS, "an accuracy of 7", put("value", "7")),
    (CELLS, "an accuracy of -0.5", put("value", "-0.5")),
    (CELLS, "a negative cross-entropy", put("value", "-1", "cross_entropy")),
    (CELLS, "a value is a word", put("value", "high")),
    (CELLS, "a value is missing, without divergence", put("value", "")),
    (CELLS, "diverged, with a value", put("diverged_at", "12")),
    (CELLS, "cut within a row", cut),
    (CELLS, "rows of another strength", copy_of(f"{DATASET}/{OTHER}/probe.csv")),
    (CELLS, "rows of other seeds", copy_of(f"{DATASET}/{LATER}/probe.csv")),
    (CELLS, "rows of another dataset", copy_of(f"digits-left-right/{CELL}/probe.csv")),
    (CELLS, "an unknown metric", renamed("macro_f1", "macro_fl")),
    (CELLS, "an unknown split", renamed("validation", "valid")),
    (CELLS, "no rows of the test split", without("split", "test")),
    (CELLS, "no rows of a metric", without("metric", "macro_f1")),
    (CELLS, "no rows of a use", without("use", "retrieval")),
    (CELLS, "rows in another order", as_table(shuffled)),
    (SCORES, "a row is missing", without_row(5)),
    (SCORES, "half is missing", half),
    (SCORES, "a strength is missing", without("strength", "2")),
    (SCORES, "a row stands twice", row_twice),
    (SCORES, "no column split", without_column("split")),
    (SCORES, "a test accuracy is 0.01 lower", put("value", nearly)),
    (SCORES, "a validation accuracy is 0.01 lower", put("value", nearly, split="validation")),
    (SCORES, "a byte is flipped", flipped(0.5)),
    (ALIGNMENT, "a row is missing", without_row(2)),
    (ALIGNMENT, "half is missing", half),
    (ALIGNMENT, "a row stands twice", row_twice),
    (ALIGNMENT, "rows of another strength", copy_of(f"{DATASET}/{OTHER}/alignment.csv")),
    (ALIGNMENT, "a CKA of 7", put("value", "7", metric="cka_debiased")),
    (GAINS, "a row is missing", without_row(1)),
    (GAINS, "no column gain", without_column("gain")),
    (GAINS, "a gain of 7", put("gain", "7")),
    (GAINS, "an interval upside down", put("gain_low", "0.9")),
    (OPTIMUM, "a row is missing", without_row(1)),
    (OPTIMUM, "an unknown verdict", put("verdict", "allign")),
    (OPTIMUM, "a p value of 3", put("p_value", "3")),
    (USES, "a row is missing", without_row(-1)),
    (FACTS, "the first row is missing", without_row(1)),
    (BASELINE, "a row is missing", without_row(1)),
    (f"{DATASET}/controls.csv", "empty", empty),
    ("tables/gains.csv", "no rows of a dataset", without("dataset", DATASET)),
    ("tables/probe.csv", "half is missing", half),
    (DATA, "a byte is flipped", flipped(0.9)),
    (DATA, "a byte of the header is flipped", flipped(0.004)),
    (DATA, "cut short", cut),
    (DATA, "data of another dataset", copy_of("digits-left-right/data.safetensors")),
    (ENCODERS, "a byte is flipped", flipped(0.6)),
    (ENCODERS, "a byte of the header is flipped", flipped(0.05)),
    (ENCODERS, "of another strength", copy_of(f"{DATASET}/{OTHER}/encoders.safetensors")),
    (ENCODERS, "of other seeds", copy_of(f"{DATASET}/{LATER}/encoders.safetensors")),
    (ENCODERS, "of another dataset", copy_of(f"digits-left-right/{CELL}/encoders.safetensors")),
    (ENCODERS, "bytes behind the end", longer),
    (SAMPLES, "a byte is flipped", flipped(0.97)),
    (SAMPLES, "of another strength", copy_of(f"{DATASET}/{OTHER}/samples.safetensors")),
    (INFORMATION, "a digit is another one", digit),
    (INFORMATION, "cut short", cut),
    (INFORMATION, "of another dataset", copy_of("digits-left-right/information.json")),
    (f"{DATASET}/candidates.json", "empty", empty),
    (f"{DATASET}/recommendation.json", "a digit is another one", digit),
    ("figures/gain_heatmap-digits.svg", "a byte is flipped", flipped(0.5)),
    (f"{DATASET}/recommendation.md", "cut short", cut),
]  # fmt: skip


class Study:
    """A finished smoke study, and how its jobs read their files."""

    def __init__(self, folder):
        self.results = folder / "results" / "smoke"
        resolved = study.resolve(study.read(folder / "config" / "smoke.yaml"))
        self.asked = Asked(**study.asked(resolved, resolved["datasets"]))
        own = study.asked(resolved, [DATASET], metrics=True)
        self.of_alignment = Asked(**own)

    def read(self, name):
        """Read a file as its job does, and return something to compare by."""
        path = self.results / name
        if path.name == "data.safetensors":
            pairs = store.load(path, DATASET)
            return [pairs.labels, pairs.split, *(x[:] for x in pairs.inputs.values())]
        if path.name == "encoders.safetensors":
            [found] = models.load([path])
            return [w.numpy() for own in found.weights.values() for w in own.values()]
        if path.name == "samples.safetensors":
            return [*sample_scores.load([path]).values()]
        if path.suffix == ".json":
            return [json.dumps(tables.read_json(path, self.asked))]
        if name == SCORES:
            samples = sorted((self.results / DATASET).glob("*/*/*/samples.safetensors"))
            data = self.results / DATA
            table = evidence.load(data, path, samples, asked=self.asked).scores
        elif path.suffix == ".csv":
            table = tables.read(path, self.of_alignment if name == ALIGNMENT else self.asked)
        else:
            return [path.read_bytes()]
        return [table.sort_values(list(table.columns), ignore_index=True).to_csv()]

    def outcome(self, name, damage):
        """Damage a file, and say what the job that reads it says, and the run that follows."""
        path = self.results / name
        content, stamp, before = path.read_bytes(), path.stat(), self.read(name)
        try:
            damaged = damage(content, self.results)
        except TypeError:
            damaged = damage(content)
        assert damaged != content, "no damage"
        path.write_bytes(damaged)
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        try:
            return self._of_job(name, path, before), self._of_run(path)
        finally:
            path.write_bytes(content)

    def _of_job(self, name, path, before):
        try:
            after = self.read(name)
        except DamagedError as error:
            said = str(error)
            assert said.startswith(f"{path} "), said
            assert f"remove it (rm {path})" in said, said
            assert "\n" not in said, said
            return said.removeprefix(f"{path} ").partition("; remove it")[0]
        return "harmless" if all(map(np.array_equal, before, after)) else "silent"

    def _of_run(self, path):
        found = provenance.changed(self.results, provenance.read(self.results))
        return "named" if path in [file for file, _ in found] else "silent"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    from workflow.conftest import Clone

    copy = Clone(tmp_path_factory.mktemp("damaged"))
    copy.snakemake()
    return Study(copy.folder)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("name", "what", "damage"), DAMAGES, ids=[f"{n}: {what}" for n, what, _ in DAMAGES]
)
def test_a_damage_is_named_or_harmless(finished, note, name, what, damage):
    by_job, by_run = finished.outcome(name, damage)
    note(file=name, damage=what, next_run=by_run, its_job=by_job)
    assert by_run == "named" or by_job != "silent"


@pytest.mark.faults
def test_the_next_run_stops_before_its_first_job_and_goes_on_once_the_file_is_removed(
    finished, tmp_path
):
    from workflow.conftest import Clone

    folder = shutil.copytree(finished.results.parents[1], tmp_path / "copy")
    copy = object.__new__(Clone)
    copy.folder = Path(folder)
    table = copy.folder / "results" / "smoke" / "tables" / "gains.csv"
    content = table.read_bytes()
    table.write_bytes(half(content))
    stopped = copy.snakemake(check=False)
    assert stopped.returncode != 0
    assert "results/smoke/tables/gains.csv is not what the last run wrote" in stopped.stderr
    assert "rm results/smoke/tables/gains.csv" in stopped.stderr
    assert "Finished jobid" not in stopped.stderr
    assert table.read_bytes() == half(content)
    table.unlink()
    copy.snakemake()
    assert table.read_bytes() == content
