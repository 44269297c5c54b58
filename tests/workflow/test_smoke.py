"""The whole smoke study, run for real."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from alignsweep import code, provenance
from alignsweep.provenance import figures as of_figure
from alignsweep.provenance import saying
from alignsweep.study.registries import REGISTRIES

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[2]
RESULTS = "results/smoke"
#: What the checks of tables need says nothing about the results either.
BEHIND_CHECKS = ("alignsweep.scores", "alignsweep.atoms", "alignsweep.feature_names")
CELL = f"{RESULTS}/synthetic-R4/alignment=infonce/strength=0.4/seeds=0-1"


@pytest.fixture
def edited(finished, tmp_path):
    """A copy of the finished study that a test may change."""
    copy = object.__new__(type(finished))
    copy.folder = shutil.copytree(finished.folder, tmp_path / "edited")
    return copy


def test_every_table_and_figure_is_there(finished):
    results = finished.folder / RESULTS
    columns = {
        "probe": "dataset,alignment,strength,seed,modality,split,metric,value",
        "alignment": "dataset,alignment,strength,seed,split,metric,value",
        "datasets": "dataset,modality,fact,value",
        "claims": "claim,dataset,alignment,modality,expected,observed,effect,low,high,holds,"
        "tuned_effect,tuned_low,tuned_high,holds_tuned",
        "gains": "dataset,alignment,modality,metric,strength",
        "optimum": "dataset,alignment,modality,metric,optimum,baseline,score,gain,gain_low,"
        "gain_high,p_value,verdict,seeds,use,optimum_low,optimum_high",
        "uses": "dataset,use,modality,metric,alignment,strength",
        "information": "dataset,modality_a,modality_b,method,atom,bits,null_bits,low_bits,high",
        "predictions": "dataset,alignment,modality,strength,gain,low,high,loses,because,outside",
        "features": "dataset,modality,feature,value,low,high,unit",
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
        for job in ("train_encoders", "probe_encoders", "measure_alignment"):
            assert (place / "synthetic-R4" / "seeds=0-1" / f"{job}.{ending}").is_file()
        assert (place / "figures" / f"strength_curve.{ending}").is_file()
    log = finished.folder / "logs/smoke/synthetic-R4/seeds=0-1/train_encoders.log"
    assert "5/5" in log.read_text()


def test_the_report_is_self_contained_and_has_the_captions(finished):
    report = (finished.folder / RESULTS / "report.html").read_text()
    assert len(report) > 1_000_000
    assert "all have one scale" in report
    assert "0, 0.4, 2. For one seed" in report  # the strengths of this study


def test_a_second_run_does_nothing_also_where_python_writes_bytecode(finished):
    assert list((finished.folder / "src" / "alignsweep" / "figures").glob("__pycache__/*.pyc"))
    assert finished.planned() == {}


def test_what_a_job_imports_is_what_it_depends_on(finished):
    """The digest of a rule has what its script really imported, wherever the import stands."""
    entries = [(r, n) for r in code.REGISTRIES for n in REGISTRIES[r].entries()]
    used = [("datasets", "synthetic"), ("datasets", "digits"), ("encoders", "mlp"),
            ("objectives", "infonce"), ("probes", "linear")]  # fmt: skip
    used += [use for use in entries if use[0] == "figures"]
    unused = {code._path(m) for use in entries if use not in used
              for m in [code.entry_module(*use)]}  # fmt: skip
    seen = {}
    for note in (finished.folder / "imports").iterdir():
        seen.setdefault(note.name.rpartition("-")[0], set()).update(note.read_text().split())
    scripts = {p.stem for p in (ROOT / "workflow/scripts").glob("*.py")}
    assert scripts - set(seen) == {"download_dataset", "search_strength", "export_encoders"}
    for script, modules in seen.items():
        path = ROOT / "workflow/scripts" / f"{script}.py"
        needs = code.files(path, used)
        for_unused = code.files(path, entries) - needs
        imported = {code._path(m) for m in modules if not code._is_ignored(m)}
        imported -= {code._path(r) for r in code.REGISTRIES.values()}
        imported -= {code.LIBRARY / "__init__.py"}
        imported -= {code._path(m) for m in BEHIND_CHECKS}
        missing = imported - needs - unused - for_unused - {None}
        assert not missing, (script, missing)


def test_every_figure_says_what_made_it_and_the_study_all_of_it(finished):
    record = provenance.read(finished.folder / RESULTS)
    for ending in ("pdf", "png", "svg"):
        made = of_figure.read(finished.folder / RESULTS / f"figures/gain_heatmap-digits.{ending}")
        assert made["figure"] == "gain_heatmap"
        assert made["config"] == record["config"]
        assert made["code"] == record["code"]
        assert made["versions"] == record["versions"]
        assert list(made["resolved"]["datasets"]) == ["digits-left-right"]
        assert made["tables"]["gains"] == record["files"]["tables/gains.csv"]
        data = "digits-left-right/data.safetensors"
        assert made["data"] == {"digits-left-right": record["files"][data]}
    answer = of_figure.read(finished.folder / RESULTS / "synthetic-R4" / "recommendation.svg")
    assert list(answer["data"]) == ["synthetic-R4"]
    assert record["ended"]
    assert record["jobs"]["train_encoders"]["jobs"] == 4
    assert record["jobs"]["figures"]["wall_s"] > 0
    assert "files are what was written" in saying.check(finished.folder / RESULTS)


def test_a_damaged_file_stops_the_next_run_and_once_it_is_removed_it_is_made_anew(edited):
    table = edited.folder / RESULTS / "tables" / "gains.csv"
    content = table.read_text()
    table.write_text(content.replace("0.4,", "0.5,", 1))
    stopped = edited.snakemake(check=False)
    assert stopped.returncode != 0
    assert f"{RESULTS}/tables/gains.csv is not what the last run wrote" in stopped.stderr
    assert f"rm {RESULTS}/tables/gains.csv" in stopped.stderr
    assert "Finished jobid" not in stopped.stderr
    table.unlink()
    edited.snakemake(f"{RESULTS}/tables/gains.csv")
    assert table.read_text() == content


def test_another_configuration_in_the_same_study_is_said_first(edited):
    process = edited.snakemake("tables", "--config", "margin=0.004")
    said = "results/smoke was made with another configuration: margin is 0.004 and was not given"
    assert process.stderr.index(said) < process.stderr.index("strength selected")


def test_every_dataset_has_its_answer_and_the_overview_has_them_all(finished):
    page = (finished.folder / RESULTS / "index.html").read_text()
    for dataset in ("synthetic-R4", "digits-left-right"):
        answer = json.loads(
            (finished.folder / RESULTS / dataset / "recommendation.json").read_text()
        )
        assert [row["modality"] for row in answer["encoders"]][-1] == {
            "synthetic-R4": "a+b", "digits-left-right": "left+right",
        }[dataset]  # fmt: skip
        assert f'<a href="{dataset}/recommendation.html">{dataset}</a>' in page
        assert answer["headline"] in page.replace('<span class="whole">', "").replace("</span>", "")
    assert "2 of 2 datasets have an answer." in page
    for section in ("Answers", "Claims", "Explorer", "Figures", "Tables"):
        assert f">{section}</h2>" in page
    assert page.count('src="data:image/svg+xml,') >= 10
    assert "A star is the optimum" in page


def test_the_explorer_has_pairs_of_every_dataset_and_strength(finished):
    for dataset in ("synthetic-R4", "digits-left-right"):
        path = finished.folder / RESULTS / dataset / "seeds=0-1/plane.csv"
        plane = pd.read_csv(path, dtype=str)
        assert set(plane["strength"]) == {"0", "0.4", "2"}
        assert set(plane["seed"]) == {"0"}
    page = (finished.folder / RESULTS / "index.html").read_text()
    shown = json.loads(re.search(r'id="explorer-data">(.*?)</script>', page)[1])
    assert set(shown["planes"]) == {"synthetic-R4", "digits-left-right"}
    assert shown["strengths"] == ["0", "0.4", "2"]


@pytest.mark.parametrize("target", ["all", "figures"])
def test_the_page_is_made_again_by_any_way_to_make_figures(edited, target):
    page = edited.folder / RESULTS / "index.html"
    before = page.read_text()
    page.unlink()
    assert edited.planned(target) == {"write_page": 1, target: 1}
    edited.snakemake(target)
    told, again = (text.split('id="provenance"') for text in (before, page.read_text()))
    assert told[0] == again[0]  # what follows tells when the run was


def test_others_can_read_what_is_written(finished):
    for path in (finished.folder / RESULTS).rglob("*.safetensors"):
        assert path.stat().st_mode & 0o044 == 0o044, path


def test_editing_a_metric_measures_again_and_does_not_retrain(edited):
    with open(edited.folder / "src/alignsweep/metrics/neighbours.py", "a") as file:
        file.write("\n# edited\n")
    planned = edited.planned()
    assert planned["measure_alignment"] == 4
    assert planned["collect_cells"] == 2
    assert planned["collect_table"] == 1
    assert planned["plot_figure"] == 3  # alignment_curve, alignment_metrics, alignment_tradeoff
    assert not {"train_encoders", "probe_encoders", "generate_synthetic"} & set(planned)


def test_editing_the_engine_retrains_and_does_not_sample_again(edited):
    with open(edited.folder / "src/alignsweep/training/sweep.py", "a") as file:
        file.write("\n# edited\n")
    planned = edited.planned()
    assert planned["train_encoders"] == 4
    assert not {"generate_synthetic", "prepare_dataset"} & set(planned)


def test_touching_a_file_runs_nothing(edited):
    (edited.folder / "src/alignsweep/training/sweep.py").touch()
    assert edited.planned() == {}


def test_a_changed_option_re_runs_what_depends_on_it(edited):
    config = edited.folder / "config/smoke.yaml"
    config.write_text(config.read_text() + "probe: { penalties: [0.1] }\n")
    planned = edited.planned()
    assert planned["probe_encoders"] == 4
    assert not {"train_encoders", "measure_alignment"} & set(planned)


def test_a_new_seed_block_runs_alone(edited):
    planned = edited.planned("--config", "seeds=6")
    for job in ("train_encoders", "probe_encoders", "measure_alignment"):
        assert planned[job] == 2  # one per dataset
    old = (
        edited.folder
        / RESULTS
        / "synthetic-R4/alignment=infonce/strength=2/seeds=0-1/encoders.safetensors"
    )
    before = old.stat().st_mtime_ns
    new = old.parent.parent / "seeds=4-5" / "probe.csv"
    edited.snakemake(str(new.relative_to(edited.folder)), "--config", "seeds=6")
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


def test_one_cell_can_be_asked_for_and_has_the_same_bytes(clone, finished):
    fresh = clone()
    target = f"{CELL}/probe.csv"
    assert fresh.planned(target) == {
        "generate_synthetic": 1,
        "train_encoders": 1,
        "probe_encoders": 1,
    }
    fresh.snakemake(target)
    assert (fresh.folder / target).read_bytes() == (finished.folder / target).read_bytes()


def test_a_failing_job_says_why_and_leaves_nothing_half_made(clone):
    copy = clone()
    sweep = copy.folder / "src/alignsweep/training/sweep.py"
    sweep.write_text(
        sweep.read_text().replace(
            "    training, alignment = training or Training(), alignment or Alignment()\n",
            '    raise ValueError("no bits today")\n',
        )
    )
    process = copy.snakemake(f"{CELL}/probe.csv", check=False)
    assert process.returncode != 0
    assert "ValueError: no bits today" in process.stderr
    assert not (copy.folder / CELL / "encoders.safetensors").exists()
    assert (copy.folder / RESULTS / "synthetic-R4" / "data.safetensors").is_file()
