"""The pages in a real browser: Debian's Chromium, or another one that is installed."""

import json
import os
import shutil
from contextlib import contextmanager

import pytest
import study_folder
from study_folder import DATASET

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Milliseconds; a busy machine is slow.
PATIENCE = 180_000
#: Of the whole default study; this one is small, but has all of the JavaScript.
MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return study_folder.make(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser here (looked for {', '.join(NAMES)})")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=arguments, timeout=PATIENCE)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, results):
    """Open a page of the study; in the end nothing was logged, and nothing left the page."""

    @contextmanager
    def open_page(name="index.html", width=1200, **options):
        window = {"width": width, "height": 800}
        # without motion, pairs are at once where they belong
        context = browser.new_context(viewport=window, **{"reduced_motion": "reduce"} | options)
        page, said, asked = context.new_page(), [], []
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((results / name).as_uri())
        if name == "index.html":
            page.wait_for_selector("#explorer[data-ready]")
        yield page
        assert said == []
        assert [url for url in asked if not url.startswith("data:")] == [page.url.split("#")[0]]
        context.close()

    return open_page


def marks(page, chart, kind):
    """Return where the marks of a kind are drawn in a chart."""
    return page.eval_on_selector_all(
        f"#explorer-{chart} svg .role-mark.mark-{kind} :is(path, line)",
        "marks => marks.map(m => m.getAttribute('transform') + m.getAttribute('d'))",
    )


def settled(page):
    """Wait until what has changed is drawn."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page


def test_the_slider_moves_marks_of_every_chart_by_the_keyboard(opened):
    with opened() as page:
        shown = settled(page)
        before = {c: marks(shown, c, "symbol") for c in ("curve", "alignment", "tradeoff", "plane")}
        assert len(before["plane"]) == 2 * 30
        assert len(before["curve"]) == 2 * 2 * 4
        line = marks(shown, "curve", "rule")
        page.focus("[name=strength]")
        page.keyboard.press("ArrowRight")
        after = {c: marks(settled(page), c, "symbol") for c in before}
        assert all(after[c] != before[c] for c in before)
        assert marks(page, "curve", "rule") != line
        assert page.input_value("[name=strength]") == "1"
        assert page.inner_text("[name=strength-said]") == "0.2"
        assert "Strength 0.2, gain in points of accuracy: infonce, a: +6." in page.inner_text(
            "#explorer-said"
        )


def test_pairs_move_from_where_they_were_to_where_they_belong(opened):
    with opened(reduced_motion="no-preference") as page:
        begun = marks(settled(page), "plane", "symbol")
        page.focus("[name=strength]")
        page.keyboard.press("End")
        page.wait_for_timeout(2000)
        ended = marks(page, "plane", "symbol")
        page.emulate_media(reduced_motion="reduce")
        page.keyboard.press("Home")
        assert marks(settled(page), "plane", "symbol") == begun
        page.keyboard.press("End")
        assert marks(settled(page), "plane", "symbol") == ended != begun


def test_what_is_chosen_in_the_form_is_shown(opened):
    with opened() as page:
        before = marks(page, "alignment", "symbol")
        page.select_option("[name=metric]", "recall_at_1")
        assert marks(page, "curve", "symbol")
        page.uncheck("#explorer-ways input[value=part]")
        page.wait_for_selector("#explorer[data-ready]")
        assert len(marks(settled(page), "curve", "symbol")) == 2 * 4
        assert len(marks(page, "alignment", "symbol")) == len(before) / 2
        page.select_option("[name=plane]", "part")
        page.focus("[name=strength]")
        page.keyboard.press("End")
        assert "No pairs: the model of this strength diverged" in page.inner_text(
            "#explorer-plane-said"
        )


def with_long_names(results):
    """Write a page whose explorer has another dataset too, with longer names."""
    page = (results / "index.html").read_text()
    begin = page.index('id="explorer-data">') + len('id="explorer-data">')
    end = page.index("</script>", begin)
    data = json.loads(page[begin:end])
    data["scores"] += [
        row | {"dataset": "long", "modality": f"modality {row['modality']}"}
        for row in data["scores"]
    ]
    (results / "long.html").write_text(page[:begin] + json.dumps(data) + page[end:])
    return "long.html"


def test_charts_have_room_for_what_they_show_and_no_more(opened, results):
    with opened(with_long_names(results)) as page:
        page.wait_for_selector("#explorer[data-ready]")
        heights = page.eval_on_selector_all(
            "#explorer svg", "charts => charts.map(c => c.getBoundingClientRect().height)"
        )
        assert len(heights) == 4
        assert max(heights) < 420
        page.select_option("[name=dataset]", "long")
        page.wait_for_selector("#explorer[data-ready]")
        names = page.locator("#explorer-curve svg .role-legend-label text").evaluate_all(
            "names => names.map(n => [n.textContent, n.getBoundingClientRect().toJSON()])"
        )
        first, second = (box for name, box in names if name.startswith("modality"))
        assert first["right"] < second["left"]


def test_a_click_on_a_point_chooses_its_strength_and_line_in_all_charts(opened):
    with opened() as page:
        points = page.locator("#explorer-tradeoff svg .mark-symbol.role-mark path")
        labels = points.evaluate_all("marks => marks.map(m => m.getAttribute('aria-label'))")
        wanted = next(i for i, x in enumerate(labels) if "strength: 2" in x and "part" in x)
        points.nth(wanted).click(force=True)
        assert page.inner_text("[name=strength-said]") == "2"
        assert page.input_value("[name=plane]") == "part"
        opacities = page.eval_on_selector_all(
            "#explorer-curve svg .mark-symbol.role-mark path",
            "marks => marks.map(m => m.getAttribute('opacity'))",
        )
        assert opacities.count("1") == 4  # the points of one line
        page.locator("#explorer-tradeoff svg").click(position={"x": 3, "y": 3})
        opacities = page.eval_on_selector_all(
            "#explorer-curve svg .mark-symbol.role-mark path",
            "marks => marks.map(m => m.getAttribute('opacity'))",
        )
        assert set(opacities) == {"1"}


def test_a_point_tells_its_numbers(opened):
    with opened() as page:
        page.locator("#explorer-curve svg .mark-symbol.role-mark path").last.hover(force=True)
        page.wait_for_selector("#vg-tooltip-element.visible")
        assert "gain" in page.inner_text("#vg-tooltip-element")


def test_tables_sort_and_filter(opened):
    with opened() as page:
        table = page.locator("details:has-text('The best strength of each encoder')")
        table.locator("summary").click()
        column = "cells => cells.map(c => Number(c.dataset.value))"
        cells = table.locator("tbody tr:not([hidden]) td:nth-child(10)")
        by_gain = table.get_by_role("button", name="gain", exact=True)
        by_gain.click()
        found = cells.evaluate_all(column)
        assert found == sorted(found)
        assert len(set(found)) > 3
        by_gain.press("Enter")
        assert cells.evaluate_all(column) == found[::-1]
        table.get_by_role("searchbox").fill("infonce both")
        assert cells.count() == 1
        assert table.locator(".filter .note").inner_text() == f"1 of {len(found)}"


@pytest.mark.parametrize("name", ["index.html", f"{DATASET}/recommendation.html"])
def test_a_phone_shows_it_all_without_scrolling_sideways(opened, name):
    with opened(name, width=400) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        if name == "index.html":
            assert page.locator("#explorer-curve svg").bounding_box()["width"] <= 400
            assert len(marks(page, "plane", "symbol")) == 60


def test_a_dark_page_is_dark_and_so_is_its_text_light(opened):
    def lightness(page, what):
        colour = page.evaluate(f"getComputedStyle(document.body).{what}")
        return sum(int(part) for part in colour[4:-1].split(","))

    for scheme, dark in (("light", False), ("dark", True)):
        with opened(color_scheme=scheme) as page:
            assert (lightness(page, "backgroundColor") < lightness(page, "color")) == dark
            label = page.locator("#explorer-curve svg .role-axis-label text").first
            assert label.get_attribute("fill") == ("#e6e8ea" if dark else "#1c1f23")


def test_the_page_is_small_enough_to_send(results):
    assert (results / "index.html").stat().st_size < MOST_BYTES


def test_a_print_has_all_rows_of_the_claims_and_nothing_stays_open(opened):
    with opened() as page:
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        shown = page.locator("#claims details[open] table")
        assert shown.count() == page.locator("#claims details").count() > 0
        scroll = shown.first.locator("xpath=..")
        assert scroll.evaluate("s => getComputedStyle(s).maxHeight") == "none"
        assert page.locator("#tables details[open], #provenance details[open]").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details[open]").count() == 0


def test_a_print_of_a_dark_page_is_dark_on_light(opened):
    with opened(color_scheme="dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        chart = page.locator("#explorer-curve svg")
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 31, 35)"
        assert "invert(1)" in chart.evaluate("chart => getComputedStyle(chart).filter")
