"""Pages need no network, and names from scenario files stay text."""

import json
import re
from html.parser import HTMLParser

import pytest

from gtmsim.pages import bundle
from gtmsim.pages.html import as_html, as_script, is_page
from gtmsim.pages.page import Cards, Page, Section
from gtmsim.report.text import Grid, Text
from tests.cli.scenarios import TINY
from tests.pages.runs import ACTING, HOSTILE, page_from, page_of, page_with


class Tags(HTMLParser):
    """Tags with their attributes, the texts, and the contents of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        is_script = bool(self._open) and self._open[-1] == "script"
        (self.scripts if is_script else self.texts).append(data)


@pytest.fixture(scope="module")
def text() -> str:
    return as_html(page_of("add_midmarket"))


def test_it_begins_with_the_mark_of_a_page(text):
    assert is_page(text)
    assert not is_page("<!doctype html><html>")
    assert len(text.encode()) < 1_500_000


def test_nothing_is_loaded_from_anywhere(text):
    found = Tags(text)
    for tag, attributes in found.tags:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            value = attributes.get(name) or ""
            assert not value or value.startswith("#"), (tag, value)
    assert "@import" not in text.partition("</style>")[0]
    policy = next(a["content"] for t, a in found.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")


def test_every_chart_has_a_text_in_its_place_and_a_table(text):
    found = Tags(text)
    labels = [a["aria-label"] for t, a in found.tags if a.get("role") == "img"]
    assert labels == [picture.alternative for picture in page_of("add_midmarket").pictures]
    assert sum(t == "figcaption" for t, _ in found.tags) == len(labels)
    assert sum(t == "figure" for t, _ in found.tags) == len(labels)


@pytest.mark.parametrize(
    ("head", "rows", "step"),
    [("month", 24, 0), ("month", 25, 3), ("month", 72, 3), ("month", 73, 6), ("month", 145, 12),
     ("month", 400, 12), ("key", 400, 0)],
)  # fmt: skip
def test_a_long_table_of_months_says_how_many_of_them_paper_has(head, rows, step):
    table = Grid("", (head, "p50"), 1, tuple((Text(str(n)), Text("")) for n in range(rows)), ())
    page = Page("", "", "", (), Cards(()), (Section("part", "Part", (), (table,)),), "")
    made = as_html(page)
    found = [a.get("class") or "" for tag, a in Tags(made).tags if tag == "table"]
    assert found == [f"short every-{step}" if step else "short"]
    word = {0: None, 3: "third", 6: "sixth", 12: "twelfth"}[step]
    assert (f"On paper every {word} month" in made) == (word is not None)
    assert ("On paper every" in made) == (word is not None)


def test_every_link_of_the_contents_leads_to_a_part(text):
    found = Tags(text)
    links = {(a["href"] or "")[1:] for t, a in found.tags if t == "a"}
    assert links == {a["id"] for t, a in found.tags if t == "section"}


def test_texts_that_close_what_they_stand_in_stay_text():
    page = page_with(HOSTILE)
    found = Tags(as_html(page))
    assert not any(t == "b" for t, _ in found.tags)
    specs = [json.loads(s) for s in found.scripts if s.lstrip().startswith("{")]
    assert len(specs) == 1 + len([*page.pictures])
    drawn = dict(zip((picture.key for picture in page.pictures), specs[:-1], strict=True))
    drawn.pop("chosen")  # its chart has no text of the plan's
    assert all("alert(1)" in json.dumps(spec) for spec in drawn.values())
    assert not any("alert(1)" in s for s in found.scripts if not s.lstrip().startswith("{"))
    assert "".join(found.texts).count(HOSTILE) > 20


def test_a_scenario_may_be_called_what_it_likes(tmp_path):
    named = TINY.replace('"Tiny"', f"'{HOSTILE}'").replace('"Does the', f'"{HOSTILE} Does the')
    found = Tags(as_html(page_from(tmp_path, named, draws=2)))
    assert not any(t == "b" for t, _ in found.tags)
    assert HOSTILE in "".join(found.texts)


def test_characters_that_act_on_a_terminal_are_shown_by_their_codes():
    text = as_html(page_with(ACTING))
    assert not set(text) & set("\x1b\u2028\u202e")
    assert "\\x1b[31mred\\u2028next\\u202eback" in text


@pytest.mark.parametrize("value", ["</script>", "<!--", "&lt;", "\u2028\u2029", "\x00\x1b"])
def test_json_inside_a_script_is_that_of_outside(value):
    written = as_script({"key": [value]})
    assert json.loads(written) == {"key": [value]}
    assert not re.search("[<>&\u2028\u2029\x00-\x1f]", written)


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GTMSIM_CACHE_DIR", str(tmp_path / "cache"))
    bundle.script.cache_clear()
    built = []
    monkeypatch.setattr(bundle, "_built", lambda: built.append(1) or "window.vegaEmbed = 1;")
    yield tmp_path / "cache", built
    bundle.script.cache_clear()


def test_the_script_of_charts_is_built_once_and_kept(own_cache):
    folder, built = own_cache
    for _ in range(2):
        assert bundle.script() == "window.vegaEmbed = 1;"
        bundle.script.cache_clear()
    assert len(built) == 1
    assert [path.suffix for path in folder.iterdir()] == [".js"]


def test_a_kept_script_that_was_changed_is_built_again(own_cache):
    folder, built = own_cache
    bundle.script()
    kept = next(folder.iterdir())
    kept.write_text(kept.read_text() + "alert(1)")
    bundle.script.cache_clear()
    assert bundle.script() == "window.vegaEmbed = 1;"
    assert len(built) == 2


def test_without_a_folder_to_keep_it_in_the_script_is_built(own_cache):
    folder, built = own_cache
    folder.write_text("a file")
    assert bundle.script() == "window.vegaEmbed = 1;"
    assert built
