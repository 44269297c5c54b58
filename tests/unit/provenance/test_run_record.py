"""The record of a run: what is said before it, and what it notes."""

import json
import os

import pytest

from alignsweep import provenance
from alignsweep.damage import DamagedError

STUDY = {"study": "toy", "device": "cpu", "datasets": {"x": {"kind": "digits"}}, "added": {"a": 1}}
CONFIG = {"study": "toy", "seeds": 4, "datasets": {"x": {"kind": "digits"}}}


@pytest.fixture
def folder(tmp_path):
    """A study that has run once."""
    folder = tmp_path / "results" / "toy"
    assert provenance.begin(STUDY, CONFIG, folder, threads=2) == []
    (folder / "x").mkdir()
    (folder / "x" / "scores.csv").write_text("value\n0.5\n")
    (folder / "index.html").write_text("a page")
    own = tmp_path / "my.csv"
    own.write_text("mine")
    took = tmp_path / "benchmarks" / "seeds=0-1"
    took.mkdir(parents=True)
    (took / "train_encoders.tsv").write_text("s\tmax_rss\tcpu_time\n2.5\t100.5\t2\n")
    (took.parent / "train_encoders.tsv").write_text("s\tmax_rss\tcpu_time\n0.5\t-\tNA\n")
    provenance.end(folder, took.parent, [own, tmp_path / "nothing"])
    return folder


def test_it_says_what_made_the_results(folder):
    record = provenance.read(folder)
    assert record["config"] == CONFIG
    assert record["resolved"] == {k: v for k, v in STUDY.items() if k != "added"}
    assert record["versions"]["python"].count(".") == 2
    assert record["versions"]["torch"] == "2.13.0" or "torch" in record["versions"]
    assert record["machine"]["threads"] == 2
    assert set(record["files"]) == {"x/scores.csv"}
    [(path, seen)] = record["inputs"].items()
    assert path.endswith("my.csv")
    assert seen["bytes"] == 4
    assert record["jobs"] == {
        "train_encoders": {"jobs": 2, "wall_s": 3.0, "cpu_s": 2.0, "max_mb": 100.5}
    }
    assert record["ended"].endswith("Z")
    line = provenance.summary(folder)
    assert line.startswith("alignsweep ")
    assert "jobs" not in line
    assert "2 jobs, 0 minutes" in provenance.summary(folder, times=True)
    assert provenance.summary(folder / "x") == ""


def test_the_same_configuration_is_nothing_to_say_and_another_one_is_said(folder):
    assert provenance.begin(STUDY, CONFIG, folder, 1) == []
    other = {**CONFIG, "seeds": 6, "datasets": {"x": {"kind": "files"}, "y": {"kind": "digits"}}}
    [said] = provenance.begin(STUDY, other, folder, 1)
    assert "seeds is 6 and was 4" in said
    assert 'datasets.x.kind is "files" and was "digits"' in said
    assert 'datasets.y is {"kind": "digits"} and was not given' in said
    assert provenance.begin(STUDY, other, folder, 1) == []  # it was said


def test_a_long_list_of_differences_is_cut(folder):
    many = {**CONFIG, **{f"key{i}": list(range(100)) for i in range(20)}}
    [said] = provenance.begin(STUDY, many, folder, 1)
    assert ", and 12 more" in said
    assert len(said) < 1000


def test_a_file_that_was_changed_stops_the_next_run_before_it_begins(folder):
    table = folder / "x" / "scores.csv"
    before = table.stat()
    table.write_text("value\n0.6\n")
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))  # as a disk would change it
    with pytest.raises(DamagedError, match=r"scores\.csv is not what the last run wrote: .*rm "):
        provenance.begin(STUDY, CONFIG, folder, 1)
    table.unlink()
    assert provenance.begin(STUDY, CONFIG, folder, 1) == []


def test_what_a_run_that_was_killed_wrote_is_taken_and_what_is_older_is_not(folder):
    provenance.begin(STUDY, CONFIG, folder, 1)  # and never ended
    table, record = folder / "x" / "scores.csv", folder / provenance.NAME
    began = record.stat().st_mtime_ns
    table.write_text("value\n0.7\n")
    os.utime(table, ns=(began + 1, began + 1))
    assert list(provenance.changed(folder, provenance.read(folder))) == []
    os.utime(table, ns=(began - 1, began - 1))
    assert len(list(provenance.changed(folder, provenance.read(folder)))) == 1
    os.utime(table, ns=(began + 1, began + 1))
    provenance.begin(STUDY, CONFIG, folder, 1)  # killed once more: the first counts
    assert record.stat().st_mtime_ns == began
    assert list(provenance.changed(folder, provenance.read(folder))) == []


def test_the_record_itself_is_held_against_its_digest(folder):
    path = folder / provenance.NAME
    path.write_text(path.read_text().replace('"seeds": 4', '"seeds": 5'))
    with pytest.raises(DamagedError, match="other values than were written"):
        provenance.begin(STUDY, CONFIG, folder, 1)
    path.write_text("{")
    with pytest.raises(DamagedError, match="cannot be read"):
        provenance.read(folder)
    path.unlink()
    with pytest.raises(ValueError, match="no run of this study has begun"):
        provenance.read(folder)


def test_an_input_is_read_again_only_when_it_has_changed(folder, tmp_path):
    own, path = tmp_path / "my.csv", folder / provenance.NAME
    record = json.loads(path.read_text())
    stamp = own.stat()
    own.write_text("MINE")
    os.utime(own, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    provenance.end(folder, tmp_path / "benchmarks", [own])
    assert provenance.read(folder)["inputs"] == record["inputs"]
    own.touch()
    provenance.end(folder, tmp_path / "benchmarks", [own])
    assert provenance.read(folder)["inputs"] != record["inputs"]
