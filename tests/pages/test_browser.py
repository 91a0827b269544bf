"""A browser draws every chart of a page, without errors and without the network."""

import base64
import json
import os
import shutil
from itertools import pairwise

import numpy as np
import pytest

import gtmsim
from gtmsim.charts.heatmap import heatmap
from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Bar, Part, bar_chart
from gtmsim.pages.compare.build import compare_page
from gtmsim.pages.html import as_html
from gtmsim.pages.page import Cards, Page, Section
from gtmsim.report.text import Grid, Text
from tests.charts.drawn import SHARE, drawn
from tests.cli.scenarios import TINY
from tests.pages.decisions import comparison_of
from tests.pages.runs import HOSTILE, page_of, page_with
from tests.pages.test_stress_page import page as page_of_stress
from tests.report.test_tripwires import SURE, found

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser among {', '.join(NAMES)}; CHROMIUM names one")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("pages")
    pages = {
        "run": page_of("add_midmarket"),
        "hostile": page_with(HOSTILE),
        "stress": page_of_stress(),
        "walk": page_of_a_walk(made),
    }
    for name, page in pages.items():
        (made / f"{name}.html").write_text(as_html(page), encoding="utf-8")
    return made


def page_of_a_walk(folder) -> Page:
    """Page of a comparison that has all parts, those on request too."""
    changed = 'extends = "a.toml"\n[teams.ae]\nreps = 3\n[company]\ncash = "3M"\n'
    for name, text in {"a": TINY, "b": changed}.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    one, other = (folder / f"{name}.toml" for name in "ab")
    few = {"draws": 6, "replications": 2}
    results = {f.stem: gtmsim.simulate(gtmsim.load_scenario(f), **few) for f in (one, other)}
    walked = gtmsim.walk(one, other, draws=4, replications=2)
    page = compare_page(*comparison_of(results, walked=walked, tripped=found([SURE], [12])))
    assert {"walk", "tripwires"} <= {part.key for part in page.sections}
    return page


def page_of_picture(chart, table: Grid | None = None) -> Page:
    """Page of one chart."""
    names = table or Grid("", ("name",), 1, (), ())
    shown = Picture("one", "About names", "units", "It is about names.", chart, names)
    section = Section("part", "Part", (), (shown,))
    return Page("plan", "", "answer", (), Cards(()), (section,), "")


class Opened:
    """A page in a browser, with what it complained about and asked the network for."""

    def __init__(self, browser, file, width: int, scheme: str) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme
        )
        self.tab = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.tab.route("**/*", self._route)
        self.tab.goto(file.as_uri())
        self.tab.wait_for_selector("html[data-drawn]", timeout=30_000)

    def _route(self, route) -> None:
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.asked.append(route.request.url)
            route.abort()

    def count(self, selector: str) -> int:
        return int(self.tab.locator(selector).count())


def check_charts(opened: Opened) -> None:
    """Check that charts are drawn, glyphs included, and told as their text in words."""
    figures = opened.count("figure")
    assert figures == opened.count("figure .chart svg") > 0
    for n in range(figures):
        assert opened.count(f"figure >> nth={n} >> .chart svg text") >= 2
        chart = opened.tab.locator("figure .chart").nth(n)
        told = opened.tab.locator("figure figcaption").nth(n).text_content()
        assert chart.get_attribute("role") == "img"
        assert chart.get_attribute("aria-label") == told
        assert chart.get_attribute("aria-roledescription") is None
        assert chart.locator("svg").get_attribute("aria-hidden") == "true"
    assert "Vega" not in opened.tab.locator("body").aria_snapshot()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["run", "hostile", "stress", "walk"])
def test_every_chart_is_drawn_with_its_text_and_nothing_is_asked_for(
    browser, folder, name, width, scheme
):
    opened = Opened(browser, folder / f"{name}.html", width, scheme)
    assert opened.complaints == []
    assert opened.asked == []
    check_charts(opened)
    across = opened.tab.evaluate("document.documentElement.scrollWidth")
    assert across <= width
    opened.context.close()


def test_the_scheme_can_be_changed_and_charts_follow(browser, folder):
    opened = Opened(browser, folder / "run.html", 1280, "light")
    colour = "getComputedStyle(document.querySelector('.chart svg text')).fill"
    paper = "getComputedStyle(document.body).backgroundColor"
    before = [opened.tab.evaluate(of) for of in (colour, paper)]
    opened.tab.click("#scheme")
    after = [opened.tab.evaluate(of) for of in (colour, paper)]
    assert all(one != other for one, other in zip(before, after, strict=True))
    opened.tab.emulate_media(media="print")
    assert [opened.tab.evaluate(of) for of in (colour, paper)] == before
    opened.context.close()


def test_without_scripts_texts_and_tables_can_be_read(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((folder / "run.html").as_uri())
    assert tab.locator("h1").inner_text().startswith(("All", "Both"))
    assert tab.locator("figcaption").first.is_visible()
    tab.locator("figure details summary").first.click()
    assert tab.locator("figure table").first.is_visible()
    context.close()


def test_without_scripts_the_page_says_where_the_numbers_are(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((folder / "run.html").as_uri())
    assert tab.locator("noscript").inner_text().startswith("Charts need JavaScript")
    context.close()


def test_on_paper_the_numbers_are_unfolded_and_then_as_they_were(browser, folder):
    opened = Opened(browser, folder / "run.html", 1280, "light")
    opened.tab.locator("details summary").first.click()
    assert opened.count("details[open]") == 1
    opened.tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    opened.tab.emulate_media(media="print")
    assert opened.count("details:not([open])") == 0
    tables = opened.tab.locator("table")
    assert all(tables.nth(n).is_visible() for n in range(tables.count()))
    opened.tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert opened.count("details[open]") == 1
    opened.context.close()


WIDTHS = """Array.from(document.querySelectorAll('.chart')).map(chart => {
    const svg = chart.querySelector('svg');
    return [chart.clientWidth, svg.getBoundingClientRect().width, +svg.getAttribute('width')];
})"""
A4 = 688
"""Pixels of a page less its margins."""


def test_on_paper_charts_are_drawn_as_wide_as_their_place(browser, folder):
    opened = Opened(browser, folder / "run.html", 1280, "light")
    before = opened.tab.evaluate(WIDTHS)
    assert len({place for place, _, _ in before}) == 2  # the whole width, and half of it
    opened.tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for place, width, own in opened.tab.evaluate(WIDTHS):
        assert place == pytest.approx(A4, abs=1)
        assert width == pytest.approx(own, abs=1) == pytest.approx(place, abs=2)
    opened.tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    opened.tab.wait_for_function(
        f"before => JSON.stringify({WIDTHS}) === before",
        arg=json.dumps(before, separators=(",", ":")), timeout=5_000,
    )  # fmt: skip
    opened.tab.emulate_media(media="print")
    assert all(width == pytest.approx(place) for place, width, _ in opened.tab.evaluate(WIDTHS))
    opened.context.close()


def test_on_paper_a_long_table_of_months_has_every_third(browser, folder):
    opened = Opened(browser, folder / "run.html", A4, "light")
    opened.tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    rows, note = opened.tab.locator("#chart-arr tbody tr"), opened.tab.locator("#chart-arr .paper")
    assert not note.is_visible()
    assert sum(rows.nth(n).is_visible() for n in range(rows.count())) == 30
    opened.tab.emulate_media(media="print")
    shown = [n + 1 for n in range(rows.count()) if rows.nth(n).is_visible()]
    assert shown == [3, 6, 9, 12, 15, 18, 21, 24, 27, 30]
    assert note.inner_text() == "On paper every third month; the page's file has all of them."
    others = opened.tab.locator("#chart-bridge tbody tr")
    assert all(others.nth(n).is_visible() for n in range(others.count()))
    opened.context.close()


def test_on_paper_blocks_are_no_rows_of_a_grid(browser, folder):
    """A browser that repeats a table's head lets what follows in a grid run into its last rows."""
    opened = Opened(browser, folder / "run.html", A4, "light")
    opened.tab.emulate_media(media="print")
    kinds = "Array.from(document.querySelectorAll('.blocks')).map(b => getComputedStyle(b).display)"
    assert {*opened.tab.evaluate(kinds)} == {"block"}
    opened.context.close()


BRIGHTNESS = """async source => {
    const image = new Image();
    image.src = "data:image/png;base64," + source;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const bytes = context.getImageData(0, 0, image.width, image.height).data;
    return bytes.filter((_, n) => n % 4 < 3).reduce((a, b) => a + b) / (bytes.length * 3 / 4);
}"""


def brightness(opened: Opened, x: float, y: float) -> float:
    """Mean brightness of a small part of the screen, from 0 to 255."""
    seen = opened.tab.screenshot(clip={"x": x, "y": y, "width": 40, "height": 3})
    return float(opened.tab.evaluate(BRIGHTNESS, base64.b64encode(seen).decode()))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_table_that_goes_on_below_has_a_shade_there(browser, folder, scheme):
    opened = Opened(browser, folder / "run.html", 1280, scheme)
    opened.tab.locator("#chart-arr summary").click()
    table = opened.tab.locator("#chart-arr .table")
    table.evaluate("table => table.scrollIntoView({block: 'center', behavior: 'instant'})")
    box, across = table.bounding_box(), table.locator("table").bounding_box()
    beside = across["x"] + across["width"] + 60  # where there is no text
    head = table.locator("thead").bounding_box()
    edge, under = box["y"] + box["height"] - 4, head["y"] + head["height"] + 1
    column = across["x"] + across["width"] - 60
    start = brightness(opened, beside, edge)
    middle = brightness(opened, beside, box["y"] + box["height"] / 2)
    bare = brightness(opened, column, under)
    assert abs(start - middle) > 15
    table.evaluate("table => table.scrollTo(0, table.scrollHeight)")
    opened.tab.wait_for_timeout(100)
    assert abs(brightness(opened, beside, edge) - middle) < 2
    assert abs(brightness(opened, column, under) - bare) > 5
    opened.context.close()


def test_names_of_rows_stay_in_view_on_a_narrow_screen(browser, tmp_path):
    names = ("a", "mid_market_accounts_of_manufacturers_emea", "some words " * 6)
    rows = tuple((Text(name), *[Text("$1,234,567")] * 9) for name in names)
    header = ("name", *(f"figure {n}" for n in range(9)))
    file = tmp_path / "wide.html"
    page = page_of_picture(drawn("fan"), Grid("", header, 1, rows, ()))
    file.write_text(as_html(page), encoding="utf-8")
    opened = Opened(browser, file, 390, "light")
    opened.tab.locator("summary").click()
    table, firsts = opened.tab.locator(".table"), opened.tab.locator("tr > :first-child")
    table.evaluate("table => table.scrollTo(300, 0)")
    assert table.evaluate("table => table.scrollLeft") == 300
    left = table.bounding_box()["x"]
    for n in range(firsts.count()):
        box = firsts.nth(n).bounding_box()
        assert box["x"] == pytest.approx(left, abs=1)
        assert box["width"] <= 0.45 * 390
        inside = "cell => cell.scrollWidth <= cell.clientWidth + 1"
        assert firsts.nth(n).evaluate(inside)
    opened.context.close()


FIELDS = """() => {
    const boxes = of => Array.from(document.querySelectorAll(of)).map(one => {
        const box = one.getBoundingClientRect();
        return [one.textContent, box.left, box.right];
    });
    return [boxes(".chart .role-axis-label text"), boxes(".chart .mark-text.role-mark text"),
            boxes(".chart .mark-rect.role-mark path")];
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_texts_of_a_field_of_shares_stay_in_it(browser, tmp_path, width):
    columns = [f"{6 * n} mo" for n in range(1, 9)]
    values = np.linspace(0.3, 0.997, 16).reshape(2, 8)
    chart = heatmap(values, ["smb, opening", "mid_market, year 1"], columns, SHARE)
    file = tmp_path / "fields.html"
    file.write_text(as_html(page_of_picture(chart)), encoding="utf-8")
    opened = Opened(browser, file, width, "light")
    labels, texts, fields = opened.tab.evaluate(FIELDS)
    heads = [label for label in labels if label[0][0].isdigit()]
    assert [head[0] for head in heads] == ([c[:-3] for c in columns] if width == 390 else columns)
    assert all(one[2] + 3 < other[1] for one, other in pairwise(heads))
    assert len(texts) == len(fields) == values.size
    for text in texts:
        middle = (text[1] + text[2]) / 2
        _, left, right = next(field for field in fields if field[1] < middle < field[2])
        assert left < text[1]
        assert text[2] < right
    opened.context.close()


LONG = ("m" * 40, "W" * 40, "i" * 20 + "w" * 20, "mid_market_accounts_of_manufacturers_emea")
BOXES = """Array.from(document.querySelectorAll('.chart svg .mark-text text')).map(text => {
    const box = text.getBoundingClientRect();
    return [text.textContent, box.left, box.right, Math.round(box.top / 8)];
})"""


def test_long_names_do_not_run_into_their_figures_on_a_narrow_screen(browser, tmp_path):
    notes = ("$21.2k a month", "1,234 a month · 82% go on · wait 12.3 d")
    bars = [Bar(name, note, (Part("bar", 0.0, 0.4, "x"),)) for name in LONG for note in notes]
    chart = bar_chart(bars, SHARE, 1.0)
    file = tmp_path / "long.html"
    file.write_text(as_html(page_of_picture(chart)), encoding="utf-8")
    opened = Opened(browser, file, 390, "light")
    boxes = opened.tab.evaluate(BOXES)
    figures = [box for box in boxes if box[0] in notes]
    names = [box for box in boxes if "…" in box[0]]
    assert len(figures) == len(bars)
    assert len(names) >= len(bars)
    for _, left, _, top in figures:
        assert all(right < left for _, _, right, at in names if abs(at - top) <= 1)
    opened.context.close()
