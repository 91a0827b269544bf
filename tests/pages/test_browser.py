"""A browser draws every chart of a page, without errors and without the network."""

import os
import shutil

import pytest

from gtmsim.charts.picture import Picture
from gtmsim.charts.rows import Bar, Part, bar_chart
from gtmsim.pages.html import as_html
from gtmsim.pages.page import Cards, Page, Section
from gtmsim.report.text import Grid
from tests.charts.drawn import SHARE
from tests.pages.runs import HOSTILE, page_of, page_with

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
    (made / "run.html").write_text(as_html(page_of("add_midmarket")), encoding="utf-8")
    (made / "hostile.html").write_text(as_html(page_with(HOSTILE)), encoding="utf-8")
    return made


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


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["run", "hostile"])
def test_every_chart_is_drawn_with_its_text_and_nothing_is_asked_for(
    browser, folder, name, width, scheme
):
    opened = Opened(browser, folder / f"{name}.html", width, scheme)
    assert opened.complaints == []
    assert opened.asked == []
    figures = opened.count("figure")
    assert figures == opened.count("figure .chart svg") > 0
    for n in range(figures):
        assert opened.count(f"figure >> nth={n} >> .chart svg text") >= 2
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


LONG = ("m" * 40, "W" * 40, "i" * 20 + "w" * 20, "mid_market_accounts_of_manufacturers_emea")
BOXES = """Array.from(document.querySelectorAll('.chart svg .mark-text text')).map(text => {
    const box = text.getBoundingClientRect();
    return [text.textContent, box.left, box.right, Math.round(box.top / 8)];
})"""


def test_long_names_do_not_run_into_their_figures_on_a_narrow_screen(browser, tmp_path):
    notes = ("$21.2k a month", "1,234 a month · 82% go on · wait 12.3 d")
    bars = [Bar(name, note, (Part("bar", 0.0, 0.4, "x"),)) for name in LONG for note in notes]
    chart = bar_chart(bars, SHARE, 1.0)
    shown = Picture("long", "About names", "units", "names", chart, Grid("", ("name",), 1, (), ()))
    section = Section("part", "Part", (), (shown,))
    page = Page("plan", "", "answer", (), Cards(()), (section,), "")
    file = tmp_path / "long.html"
    file.write_text(as_html(page), encoding="utf-8")
    opened = Opened(browser, file, 390, "light")
    boxes = opened.tab.evaluate(BOXES)
    figures = [box for box in boxes if box[0] in notes]
    names = [box for box in boxes if "…" in box[0]]
    assert len(figures) == len(bars)
    assert len(names) >= len(bars)
    for _, left, _, top in figures:
        assert all(right < left for _, _, right, at in names if abs(at - top) <= 1)
    opened.context.close()
