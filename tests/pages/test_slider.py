"""A reader moves a control, and the charts and figures of that point are shown."""

import pytest

from gtmsim.pages.html import as_html
from tests.pages.decisions import comparison_page, page_of_sweep
from tests.pages.test_browser import Opened, browser, check_charts

__all__ = ["browser"]  # the fixture

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("pages")
    pages = {name: page_of_sweep(name) for name in ("grid", "tornado", "lhs:8")}
    for name, page in {**pages, "compare": comparison_page()}.items():
        file = made / f"{name.replace(':', '')}.html"
        file.write_text(as_html(page), encoding="utf-8")
    return made


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["grid", "tornado", "lhs8", "compare"])
def test_every_chart_is_drawn_and_nothing_is_asked_for(browser, folder, name, width, scheme):
    opened = Opened(browser, folder / f"{name}.html", width, scheme)
    assert opened.complaints == []
    assert opened.asked == []
    check_charts(opened)
    assert opened.tab.evaluate("document.documentElement.scrollWidth") <= width
    opened.context.close()


SHOWN = """() => [
  document.querySelector(".explorer .chosen").textContent,
  document.querySelector(".explorer .card .value").textContent,
  document.querySelector(".explorer figcaption").textContent,
  document.querySelector(".explorer h3").textContent,
  document.querySelector(".explorer .mark-line path").getAttribute("d"),
]"""


@pytest.mark.parametrize("width", [1280, 390])
def test_moving_a_control_changes_the_chart_and_the_figures(browser, folder, width):
    opened = Opened(browser, folder / "grid.html", width, "light")
    sliders = opened.tab.locator(".explorer input[type=range]")
    assert sliders.count() == 2
    before = opened.tab.evaluate(SHOWN)
    end = "ArrowLeft" if sliders.nth(1).input_value() == "1" else "ArrowRight"
    sliders.nth(1).press(end)
    opened.tab.wait_for_function(
        "d => document.querySelector('.explorer .mark-line path').getAttribute('d') !== d",
        arg=before[-1], timeout=5_000,
    )  # fmt: skip
    after = opened.tab.evaluate(SHOWN)
    assert before[0] != after[0]
    block = page_of_sweep("grid").sections[0].blocks[0]
    at = [int(sliders.nth(n).input_value()) for n in range(2)]
    choice = block.choices[block.lookup[at[0] * 2 + at[1]]]
    assert after[0] == choice.text
    assert after[1] == choice.cards[0].value
    assert after[2:4] == [choice.alternatives[0], choice.titles[0]]
    check_charts(opened)
    assert opened.complaints == []
    assert opened.asked == []
    assert opened.tab.evaluate("document.documentElement.scrollWidth") <= width
    opened.context.close()


def test_without_scripts_a_point_can_be_read_and_no_dead_control_is_shown(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((folder / "grid.html").as_uri())
    assert not tab.locator(".explorer input").first.is_visible()
    assert tab.locator(".explorer .card .value").first.inner_text().startswith("$")
    context.close()
