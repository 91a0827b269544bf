"""Charts are valid, carry no colours of their own, and keep to the numbers they are given."""

import json
import re
from itertools import pairwise

import altair as alt
import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from gtmsim.analysis.units import Unit
from gtmsim.charts import theme
from gtmsim.charts.axes import Counted, ages, calendar, lines_of, number, spread_out
from gtmsim.charts.bridge import steps_of
from gtmsim.charts.curves import Curve, curve_chart
from gtmsim.charts.fan import QUANTILES, fan_chart
from gtmsim.charts.labels import Goal, Ground, Level, Span, label_offsets
from gtmsim.charts.rows import Dot, Range, is_logarithmic
from gtmsim.charts.signed import Piece, Signed, signed_chart
from tests.charts.drawn import KINDS, MONEY, RISING, TIMELINE, drawn, picture


@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_is_valid_and_fills_its_container(kind):
    spec = drawn(kind).to_dict(validate=True)
    assert spec["width"] == "container"
    json.dumps(picture(kind).spec, allow_nan=False)


@pytest.mark.parametrize("kind", KINDS)
def test_no_chart_has_colours_of_its_own(kind):
    """Else it could not be read in the other scheme."""
    spec = json.dumps(picture(kind).spec)
    assert "#" not in spec
    assert "rgb" not in spec


@pytest.mark.parametrize("kind", KINDS)
def test_every_style_that_a_chart_names_is_in_the_configuration(kind):
    known = theme.config(theme.LIGHT)["style"]
    marks = [layer["mark"] for layer in drawn(kind).to_dict()["layer"]]
    named = {mark["style"] for mark in marks if "style" in mark}
    assert named <= set(known)


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_act_on_a_terminal_are_shown_by_their_codes(kind):
    text = json.dumps(picture(kind, "a\x1b[31m\u2028b").spec, ensure_ascii=False)
    assert "\x1b" not in text
    assert "\u2028" not in text


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_colours_stand_out_from_paper_and_cards(colours):
    for colour in (*colours.series, colours.accent, colours.loss, colours.good):
        assert contrast(colour, colours.paper) >= 3.0
    for text in (colours.ink, colours.muted):
        assert contrast(text, colours.paper) >= 4.5
        assert contrast(text, colours.card) >= 4.5


def seen_by(colour: str, matrix: list[list[float]]) -> list[float]:
    linear = [(int(colour[n : n + 2], 16) / 255) ** 2.2 for n in (1, 3, 5)]
    seen = [max(0.0, sum(m * x for m, x in zip(row, linear, strict=True))) for row in matrix]
    return [value ** (1 / 2.2) for value in seen]


# Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision
# Deficiency, 2009: severity 1.
PROTANOPIA = [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
DEUTERANOPIA = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
@pytest.mark.parametrize("vision", [PROTANOPIA, DEUTERANOPIA])
def test_the_colours_that_mean_something_differ_for_the_colour_blind(colours, vision):
    """Gain and loss also differ by their sign, verdicts by shape and word."""
    for one, other in ((colours.accent, colours.loss), (colours.good, colours.loss)):
        a, b = seen_by(one, vision), seen_by(other, vision)
        assert sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5 > 0.2


def test_a_page_and_a_picture_differ_in_their_colours_only():
    page, file = (json.dumps(theme.config(colours)) for colours in (theme.PAGE, theme.LIGHT))
    for name, colour in theme.variables(theme.LIGHT).items():
        page = page.replace(f"var({name})", colour)
    assert page == file


@given(
    st.lists(st.floats(-50, 150), min_size=1, max_size=8),
    st.floats(0.1, 20),
)
def test_labels_are_moved_apart_inside_the_chart_and_keep_their_order(positions, least):
    moved = spread_out(positions, least, 0.0, 100.0)
    assert all(-1e-6 <= at <= 100 + 1e-6 for at in moved)
    order = sorted(range(len(moved)), key=lambda n: positions[n])
    gap = min(least, 100.0 / max(1, len(moved) - 1))
    assert all(moved[b] - moved[a] >= gap - 1e-6 for a, b in pairwise(order))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("smb", ["smb"]),
        ("mid market million", ["mid market million"]),
        ("product_marketing_of_europe", ["product_marketing_", "of_europe"]),
        ("", []),
    ],
)
def test_labels_are_broken_between_words(text, lines):
    assert lines_of(text) == lines


def test_a_long_label_has_two_lines_and_keeps_the_end_that_tells_it_from_others():
    lines = lines_of("segments.mid_market.contracts.annual.payment_days 60")
    assert len(lines) == 2
    assert lines[0].startswith("segments.")
    assert lines[1] == "…l.payment_days 60"


def test_the_axis_of_months_has_few_labels_at_round_months():
    for months in (1, 5, 14, 48, 120, 600):
        axis = calendar([f"d{n}" for n in range(months)]).axis().to_dict()["axis"]
        assert len(axis["values"]) <= 6
        assert max(axis["values"]) <= months
    assert ages(24).text(1) == "after 1 month"


def test_axes_write_money_with_its_currency_and_billions_as_b():
    label = Counted(Unit.MONEY, "EUR").axis().to_dict()["labelExpr"]
    assert "\\u20ac" in label
    assert "'G', 'B'" in label


def axis_labels(chart: alt.LayerChart) -> list[str]:
    """Labels of the axes as they are drawn."""
    svg = vl_convert.vegalite_to_svg(
        {**chart.to_dict(), "width": 400}, config=theme.config(theme.LIGHT)
    )
    return re.findall(r">([^<>]+)</text>", svg)


@pytest.mark.parametrize("most", [1.0, 1.5, 2.0, 3.0, 5.5, 7.0])
def test_people_are_counted_in_whole_numbers(most):
    """Half a person is the median of one and none, and no tick of an axis."""
    people = Curve("ae", np.array([0.5] * 6 + [most] * 6))
    labels = axis_labels(curve_chart([people], TIMELINE, Counted(Unit.COUNT)))
    ticks = [label for label in labels if label[0].isdigit()]
    assert len(ticks) > 1
    assert all(tick.isdigit() for tick in ticks)


def test_less_than_one_is_written_as_a_decimal():
    half = Curve("ae", np.full(12, 0.5))
    for counted, shown in ((Counted(Unit.COUNT), "0.5"), (MONEY, "$0.5")):
        labels = axis_labels(curve_chart([half], TIMELINE, counted))
        assert {shown, shown.replace("0.5", "0")} <= {*labels}


def test_numbers_that_json_cannot_hold_are_left_out():
    assert number(float("nan")) is None
    assert number(float("inf")) is None
    assert number(1.23456789) == 1.23457


def test_a_bridge_adds_up_and_leaves_out_what_is_zero():
    steps = steps_of(100.0, [("new", 50.0), ("ceased", 0.0), ("churned", -30.0)], MONEY)
    assert [step.label for step in steps] == ["opening", "new", "churned", "closing"]
    assert [step.text for step in steps] == ["$100", "+$50", "-$30", "$120"]
    assert [(step.start, step.end) for step in steps] == [
        (0, 100),
        (100, 150),
        (150, 120),
        (0, 120),
    ]


def test_marks_beyond_the_bars_lie_on_the_axis_too():
    bar = Piece(0.0, 3.0, 2.0, 4.0, "bar", "three")
    low, high = (Dot("ring", value, "useless") for value in (-2.0, 9.0))
    spec = signed_chart([Signed("a", "3", (bar,), (low, high))], MONEY).to_dict()
    first, last = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert first < -2.0
    assert last > 9.0


def test_stages_are_shaded_as_bands_by_amount_and_by_month():
    levels = [Level(value, str(value), is_band=True) for value in (2.0, 4.0, 6.0)]
    quantiles = {name: np.linspace(1.0, 8.0, 12) for name in QUANTILES}
    spans = [Span(3, 7, "early"), Span(7, 9, "scaling"), Span(9, 12, "mature")]
    spec = fan_chart(quantiles, TIMELINE, MONEY, (), levels, spans=spans).to_dict()
    shaded = [
        layer["data"]["values"] for layer in spec["layer"] if layer["mark"].get("style") == "stage"
    ]
    assert shaded[0] == [{"month": 3, "end": 7}, {"month": 9, "end": 12}]
    (first, second) = shaded[1]
    assert (first["value"], first["end"], second["value"]) == (2.0, 4.0, 6.0)
    assert second["end"] > 8.0


def test_the_label_of_a_target_at_the_end_leaves_room_for_the_names_of_lines():
    ground = Ground({name: np.ones(12) for name in QUANTILES}, (0.0, 2.0), 300)
    assert ground.overhang(Goal(1.0, 12, 12, "x")) == 0.0 < ground.overhang(Goal(1.0, 9, 9, "x"))


def test_figures_of_very_different_size_get_a_logarithmic_axis():
    def ranges(high: float) -> list[Range]:
        return [Range("a", "", 1.0, 2.0, ()), Range("b", "", 3.0, high, (Dot("dot", 4.0, "x"),))]

    assert not is_logarithmic(ranges(10.0))
    assert is_logarithmic(ranges(100.0))


def test_a_chart_is_made_of_no_more_than_what_it_draws():
    assert len(json.dumps(picture("fan").spec)) < 12_000
    assert isinstance(drawn("fan"), alt.LayerChart)


def test_a_number_has_the_same_colour_whatever_else_a_chart_shows():
    """The second plan alone is drawn in the second colour."""
    alone = curve_chart([Curve("b", RISING, colour=1)], TIMELINE, MONEY).to_dict()
    scale = alone["layer"][0]["encoding"]["color"]["scale"]
    records = alone["data"]["values"]
    assert scale["domain"].index(records[0]["colour"]) == 1
    assert theme.in_colour("bar", 1) == "bar-2"
    styles = theme.config(theme.LIGHT)["style"]
    assert styles["bar-2"]["color"] == theme.LIGHT.series[1]
    assert theme.in_colour("bar", 1 + theme.N_SERIES) == "bar-2"


def test_names_of_curves_that_end_early_stand_at_the_right_end_with_the_others():
    short = np.where(np.arange(12) < 6, RISING, np.nan)
    made = curve_chart([Curve("short", short), Curve("long", RISING)], TIMELINE, MONEY).to_dict()
    names = made["layer"][-1]["data"]["values"]
    assert {record["month"] for record in names} == {12}
    stops = next(
        layer["data"]["values"] for layer in made["layer"] if len(layer.get("data", {}).get(
            "values", [])) == 1 and "value" in layer["data"]["values"][0]
    )  # fmt: skip
    assert stops[0]["month"] == 6


def test_a_target_is_labelled_beside_the_median_and_other_targets():
    """Half a band apart: the labels lie on no other, and not where the median is."""
    fan = {q: RISING * (0.5 + share) for q, share in QUANTILES.items()}
    ground = Ground(fan, (0.0, 3e6), 300)
    goals = [Goal(1.5e6, 6, 6, "≥ $1.5M in 40%"), Goal(1.5e6, 7, 7, "≥ $1.5M in 50%")]
    ups = label_offsets(goals, [Level(1.5e6, "scaling from $1.5M")], ground)
    assert abs(ups[0] - ups[1]) >= 14.0
    assert all(abs(up) >= 14.0 for up in ups)
    below = label_offsets([Goal(0.05e6, 12, 12, "≥ $50k")], [], ground)
    assert below[0] > 0.0  # below it would be outside


def test_a_name_without_room_beside_its_figure_keeps_its_end():
    spec = json.dumps(drawn("bars").to_dict())
    assert "length(datum.label)" in spec
    assert "width" in spec
