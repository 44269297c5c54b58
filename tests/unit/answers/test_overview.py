"""The study's page, of what is there."""

import csv
import inspect
import json
import re
import subprocess
import sys

import pytest
import study_folder
from study_folder import CAPTIONS, DATASET, STUDY

from alignsweep.answers import beyond, claims, overview
from alignsweep.answers.claimed import CLAIMS
from alignsweep.answers.document import WORDS


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return study_folder.make(tmp_path_factory.mktemp("study"), with_explorer=False)


@pytest.fixture(scope="module")
def page(results):
    return (results / "index.html").read_text()


def headings(page):
    return re.findall("<h2[^>]*>(.*?)</h2>", page)


def again(results):
    overview.write(STUDY, str(results), str(results.parent / "logs"), CAPTIONS)
    return (results / "index.html").read_text()


def test_answers_come_first_and_what_failed_says_where_its_log_is(page, results):
    assert headings(page) == ["Answers", "Claims", "Explorer", "Figures", "Tables"]
    assert "<title>toy &amp; co: how strongly to align?</title>" in page
    assert "1 of 2 datasets have an answer; 1 failed." in page
    answer = json.loads((results / DATASET / "recommendation.json").read_text())
    assert f'<a href="{DATASET}/recommendation.html">{DATASET}</a>' in page
    assert answer["headline"] in re.sub('<span class="whole">|</span>', "", page)
    assert answer["covers"] in page
    line = next(line for line in page.splitlines() if "broken" in line)
    assert "failed: ValueError: &lt;no&gt; archive (<code>" in line
    assert "/prepare_dataset.log</code>" in line
    assert "<broken>" not in page


def test_claims_hold_in_some_in_none_or_were_not_run(page):
    line = {name: next(x for x in page.splitlines() if f"</span> {name}" in x) for name in CLAIMS}
    assert "holds in 1 of 2" in line["unique information: accuracy falls"]
    assert "effects from <" in line["unique information: accuracy falls"]
    assert "-0.100 [-0.200, -0.050]" in line["unique information: accuracy falls"]
    row = {"effect": "-0.0001", "low": "-0.0014", "high": "0.0002"}
    assert overview._interval(row, *row) == "+0.000 [-0.001, +0.000]"
    assert ">holds<" in line["alignment grows with strength"]
    assert ">does not hold<" in line["mixed information: the optimum"]
    assert ">not run<" in line["aligning a part: no strength does harm"]
    assert page.index("Of the paper") < page.index("Beyond the paper")


def test_every_claim_that_is_checked_is_named():
    said = re.findall(r'"claim": "([^"]+)"', inspect.getsource(claims) + inspect.getsource(beyond))
    assert sorted(said) == sorted(CLAIMS)


def test_figures_have_their_captions_and_share_those_that_are_alike(page):
    assert page.index("The second figure</h3>") < page.index("The first figure</h3>")
    assert page.count('src="data:image/svg+xml,') == 3
    assert page.count("What is drawn, &lt;if&gt; anything.") == 2
    assert '<figure id="second-others">' in page
    assert 'id="first-others"' not in page  # it was not drawn
    assert 'href="figures/first-toy.pdf"' in page


def test_tables_have_all_rows_and_sort_by_numbers(page, results):
    with open(results / "tables" / "uses.csv") as file:
        rows = list(csv.DictReader(file))
    assert f"The best way to align for each use ({len(rows)} rows)" in page
    assert f'data-value="{rows[0]["gain"]}"' in page
    assert 'href="tables/uses.csv"' in page


def test_nothing_on_it_is_fetched(page):
    assert "default-src 'none'" in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)


def test_provenance_is_shown_where_it_is_known(results):
    path = results / "provenance.json"
    path.write_text(json.dumps({"commit": "0123abc", "versions": {"torch": "<2>", "x": [1, 2]}}))
    page = again(results)
    path.unlink()
    assert headings(page)[-1] == "Provenance"
    assert "<li>commit: 0123abc</li>" in page
    assert "<li>torch: &lt;2&gt;</li><li>x: 1, 2</li>" in page
    assert "Provenance" not in headings(again(results))


def test_a_study_of_answers_alone_shows_their_curves(tmp_path):
    results = study_folder.make(tmp_path, with_explorer=False)
    for part in ("tables", "figures"):
        for path in (results / part).iterdir():
            path.unlink()
    page = again(results)
    assert headings(page) == ["Answers", "Explorer", "Figures"]
    assert f"Score against strength, {DATASET}" in page
    assert page.count("data:image/svg+xml") == 1
    assert "The best way" not in page


def test_an_answer_of_an_older_version_is_still_shown(tmp_path):
    (tmp_path / DATASET).mkdir()
    (tmp_path / DATASET / "recommendation.json").write_text('{"headline": "Do as before."}')
    overview.write(STUDY, str(tmp_path), str(tmp_path / "logs"), {})
    page = (tmp_path / "index.html").read_text()
    assert "Do as before." in page
    assert headings(page) == ["Answers", "Explorer"]


def test_an_adaptive_study_says_why_there_is_no_explorer(results):
    overview.write(STUDY | {"search": "adaptive"}, str(results), "logs", CAPTIONS)
    assert "An adaptive search leaves no encoders" in (results / "index.html").read_text()
    again(results)


def test_a_page_that_is_the_same_is_not_written_again(results):
    page = again(results)
    path = results / "index.html"
    before = path.stat().st_mtime_ns
    assert again(results) == page
    assert path.stat().st_mtime_ns == before


def test_without_results_there_is_no_page(tmp_path):
    overview.write(STUDY, str(tmp_path / "none"), str(tmp_path), {})
    assert not (tmp_path / "none").exists()


def test_the_process_of_snakemake_needs_the_standard_library_only():
    code = (
        "import sys; before = set(sys.modules); import alignsweep.answers.overview; "
        "print(*{m.partition('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["alignsweep"]


def test_words_and_effects_are_explained_before_they_are_used(page):
    assert page.index(WORDS) < page.index('<section id="answers">')
    assert "of which 0.010 is a point" in page[page.index('<section id="claims">') :]
