"""The whole smoke study, run for real."""

import shutil

import pandas as pd
import pytest

pytestmark = pytest.mark.workflow

RESULTS = "results/smoke"
CELL = f"{RESULTS}/synthetic-R4/strength=0.4/seeds=0-1"


@pytest.fixture
def edited(finished, tmp_path):
    """A copy of the finished study that a test may change."""
    copy = object.__new__(type(finished))
    copy.folder = shutil.copytree(finished.folder, tmp_path / "edited")
    return copy


def test_every_table_and_figure_is_there(finished):
    results = finished.folder / RESULTS
    columns = {
        "probe": "dataset,strength,seed,modality,split,metric,value",
        "alignment": "dataset,strength,seed,split,metric,value",
        "datasets": "dataset,modality,fact,value",
        "claims": "claim,dataset,modality,expected,observed,effect,low,high,holds",
        "gains": "dataset,modality,metric,strength",
        "optimum": "dataset,modality,metric,optimum,baseline,score,gain,gain_low,gain_high,p_value,"
        "verdict,optimum_low,optimum_high",
    }
    for name, start in columns.items():
        header = (results / "tables" / f"{name}.csv").read_text().splitlines()[0]
        assert header.startswith(start), name
    probe = pd.read_csv(results / "tables" / "probe.csv", dtype={"strength": str})
    assert set(probe["strength"]) == {"0", "0.4", "2"}
    assert set(probe["seed"]) == {0, 1, 2, 3}
    assert set(probe["dataset"]) == {"synthetic-R4", "digits-left-right"}
    assert probe["value"].notna().all()
    figures = (
        "strength_curve",
        "alignment_curve",
        "alignment_metrics",
        "alignment_tradeoff",
        "gain_heatmap",
    )
    for figure in figures:
        for source in ("synthetic", "digits"):
            for ending in ("pdf", "png", "svg"):
                path = results / "figures" / f"{figure}-{source}.{ending}"
                assert path.stat().st_size > 5000, path


def test_logs_and_run_times_have_the_stems_of_the_results(finished):
    for folder, ending in (("logs", "log"), ("benchmarks", "tsv")):
        place = finished.folder / folder / "smoke"
        for job in ("train_encoders", "probe_linear", "measure_alignment"):
            assert (place / "synthetic-R4" / "seeds=0-1" / f"{job}.{ending}").is_file()
        assert (place / "figures" / f"strength_curve-digits.{ending}").is_file()
    log = finished.folder / "logs/smoke/synthetic-R4/seeds=0-1/train_encoders.log"
    assert "5/5" in log.read_text()


def test_the_report_is_self_contained_and_has_the_captions(finished):
    report = (finished.folder / RESULTS / "report.html").read_text()
    assert len(report) > 1_000_000
    assert "The vertical axes differ" in report
    assert "0, 0.4, 2. For one seed" in report  # the strengths of this study


def test_a_second_run_does_nothing(finished):
    assert finished.planned() == {}


def test_editing_a_metric_measures_again_and_does_not_retrain(edited):
    with open(edited.folder / "src/alignsweep/metrics/neighbours.py", "a") as file:
        file.write("\n# edited\n")
    planned = edited.planned()
    assert planned["measure_alignment"] == 4
    assert planned["collect_alignment"] == 1
    assert planned["plot_alignment_curve"] == 2
    assert not {"train_encoders", "probe_linear", "generate_synthetic"} & set(planned)


def test_editing_the_engine_retrains_and_does_not_sample_again(edited):
    with open(edited.folder / "src/alignsweep/sweep.py", "a") as file:
        file.write("\n# edited\n")
    planned = edited.planned()
    assert planned["train_encoders"] == 4
    assert not {"generate_synthetic", "prepare_dataset"} & set(planned)


def test_touching_a_file_runs_nothing(edited):
    (edited.folder / "src/alignsweep/sweep.py").touch()
    assert edited.planned() == {}


def test_a_changed_option_re_runs_what_depends_on_it(edited):
    config = edited.folder / "config/smoke.yaml"
    config.write_text(config.read_text() + "probe: { penalties: [0.1] }\n")
    planned = edited.planned()
    assert planned["probe_linear"] == 4
    assert not {"train_encoders", "measure_alignment", "plot_alignment_curve"} & set(planned)


def test_a_new_seed_block_runs_alone(edited):
    planned = edited.planned("--config", "seeds=6")
    for job in ("train_encoders", "probe_linear", "measure_alignment"):
        assert planned[job] == 2  # one per dataset
    old = edited.folder / RESULTS / "synthetic-R4/strength=2/seeds=0-1/encoders.safetensors"
    before = old.stat().st_mtime_ns
    edited.snakemake("synthetic", "--config", "seeds=6")
    new = old.parent.parent / "seeds=4-5" / "probe.csv"
    assert set(pd.read_csv(new)["seed"]) == {4, 5}
    assert old.stat().st_mtime_ns == before


def test_strengths_in_jobs_of_their_own_give_the_same_and_a_new_one_runs_alone(clone, finished):
    fresh, apart = clone(), ("--config", "strengths_per_job=1")
    target = f"{CELL}/probe.csv"
    assert fresh.planned(target, *apart)["train_encoders"] == 3
    fresh.snakemake(target, *apart)
    # another stack rounds differently
    own, whole = (pd.read_csv(c.folder / target) for c in (fresh, finished))
    pd.testing.assert_frame_equal(own, whole, rtol=1e-4)
    config = fresh.folder / "config/smoke.yaml"
    config.write_text(config.read_text().replace('"0.4", "2"', '"0.4", "1", "2"'))
    added = target.replace("strength=0.4", "strength=1")
    assert fresh.planned(added, *apart)["train_encoders"] == 1


def test_one_cell_can_be_asked_for_and_two_runs_give_the_same_bytes(clone, finished):
    fresh = clone()
    target = f"{CELL}/probe.csv"
    assert fresh.planned(target) == {
        "generate_synthetic": 1,
        "train_encoders": 1,
        "probe_linear": 1,
    }
    fresh.snakemake(target)
    assert (fresh.folder / target).is_file()
    fresh.snakemake("tables")
    for table in (finished.folder / RESULTS / "tables").iterdir():
        again = fresh.folder / RESULTS / "tables" / table.name
        assert again.read_bytes() == table.read_bytes(), table.name


def test_a_failing_job_says_why_and_leaves_nothing_half_made(clone):
    copy = clone()
    sweep = copy.folder / "src/alignsweep/sweep.py"
    sweep.write_text(
        sweep.read_text().replace(
            "    training = training or Training()\n", '    raise ValueError("no bits today")\n'
        )
    )
    process = copy.snakemake(f"{CELL}/probe.csv", check=False)
    assert process.returncode != 0
    assert "ValueError: no bits today" in process.stderr
    assert not (copy.folder / CELL / "encoders.safetensors").exists()
    assert (copy.folder / RESULTS / "synthetic-R4" / "data.safetensors").is_file()
