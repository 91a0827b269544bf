"""Verdicts: what intervals say, how rarely they err, and what they come to together."""

import numpy as np
import pytest

from gtmsim.analysis.gate import (
    Case,
    Verdict,
    checks_of,
    exit_code,
    judge,
    judge_all,
    look_at,
    outcome,
    unjudged,
    verdict_of,
    with_failures,
)
from gtmsim.errors import ScenarioError, SimulationError
from gtmsim.scenario import load_document, read_scenario
from gtmsim.statistics.error import Estimate
from gtmsim.statistics.sequential import look_levels, schedule
from tests.analysis.verdicts import check, futures_of, judgement
from tests.scenario.plans import PLAN, write

NAN, INF = np.nan, np.inf
SEED = 20_260_102


# One look


@pytest.mark.parametrize(
    ("low", "high", "at_least", "above", "at_most", "below"),
    [
        (0.4, 0.6, "pass", "pass", "breach", "breach"),
        (0.0, 0.2, "breach", "breach", "pass", "pass"),
        (0.2, 0.4, "inconclusive", "inconclusive", "inconclusive", "inconclusive"),
        # the threshold at an end of the interval
        (0.3, 0.6, "pass", "inconclusive", "inconclusive", "breach"),
        (0.0, 0.3, "inconclusive", "breach", "pass", "inconclusive"),
        # no error at all, as of a difference that is 0 in every future
        (0.3, 0.3, "pass", "breach", "pass", "breach"),
        # intervals without an end
        (-INF, INF, "inconclusive", "inconclusive", "inconclusive", "inconclusive"),
        (-INF, 0.2, "breach", "breach", "pass", "pass"),
        (0.4, INF, "pass", "pass", "breach", "breach"),
        (-INF, -INF, "breach", "breach", "pass", "pass"),
        # no figure
        (NAN, NAN, "error", "error", "error", "error"),
        (NAN, 0.6, "error", "error", "error", "error"),
        (0.4, NAN, "error", "error", "error", "error"),
    ],
)
def test_a_verdict_follows_from_where_the_interval_lies(low, high, at_least, above, at_most, below):
    for sign, expected in ((">=", at_least), (">", above), ("<=", at_most), ("<", below)):
        assert verdict_of(sign, 0.3, Estimate(0.3, low, high)) == expected


def test_the_level_decides_how_wide_the_interval_is():
    futures = futures_of(np.arange(1_000)[:, None] < 330)  # 33 %, error 1.5 %
    expectation = check("prob(cash[1] > 0) > 30%")
    assert look_at(expectation, futures, 0.9).verdict == "pass"
    assert look_at(expectation, futures, 0.99).verdict == "inconclusive"


def test_a_single_draw_gives_no_verdict_however_many_replications_it_has():
    one = look_at(check("mean(cash[1]) > 1"), futures_of(np.full((1, 1_000), 9.0)), 0.95)
    assert one.verdict == "inconclusive"
    assert one.reason == "one draw says nothing about what is uncertain"


def test_replications_of_the_same_draw_do_not_pass_for_draws():
    """100 draws of 50 equal replications tell as much as 100 futures, not as 5,000."""
    alike = np.repeat(np.arange(100)[:, None] < 35, 50, axis=1)
    assert look_at(check("prob(cash[1] > 0) > 30%"), futures_of(alike), 0.95).verdict == (
        "inconclusive"
    )


def test_a_breach_tells_that_undefined_futures_counted():
    cash = np.array([1.0, 2, 3, NAN] * 50)[:, None]
    found = look_at(check("prob(cash[1] > 0) >= 90%"), futures_of(cash), 0.95)
    assert found.verdict == "breach"
    assert found.reason == "undefined in 25% of futures, which count against it"


def test_no_figure_is_an_error_with_its_reason():
    found = look_at(check("mean(cash[1]) > 0"), futures_of(np.full((50, 2), NAN)), 0.95)
    assert (found.verdict, found.reason) == ("error", "is undefined in every future")


def test_a_tolerance_is_reached_when_the_interval_is_no_wider():
    values = np.array([2.0, 4.0, 6.0, 8.0])[:, None]  # +- 4.11 at 95 %
    for half_width, verdict in ((4.1, "inconclusive"), (4.2, "pass")):
        tolerance = check(f"mean(cash[1]) +- {half_width}")
        assert look_at(tolerance, futures_of(values), 0.95).verdict == verdict
        assert look_at(tolerance, futures_of(values), 0.999).verdict == "inconclusive"
    assert look_at(tolerance, futures_of(np.full((9, 2), NAN)), 0.95).verdict == "error"


# More draws


class Source:
    """Futures whose cash is 1 with a known probability, the same in both replications of a draw."""

    def __init__(self, p, seed, most=4_096):
        happens = np.random.default_rng(seed).random((most, 1)) < p
        self.values = np.repeat(happens, 2, axis=1).astype(float)
        self.asked = []

    def __call__(self, draws):
        self.asked.append(draws)
        return futures_of(self.values[:draws])


def verdict(p, threshold, seed, budget=2_048):
    source = Source(p, seed)
    checks = [check(f"prob(cash[1] > 0) >= {threshold}")]
    (judged,) = judge("", checks, source, budget, 64).judged
    return judged, source


def test_a_clear_case_is_told_at_once():
    judged, source = verdict(0.9, 0.3, SEED)
    assert (judged.verdict, judged.draws, source.asked) == ("pass", 64, [64])
    judged, source = verdict(0.05, 0.3, SEED)
    assert (judged.verdict, judged.draws, source.asked) == ("breach", 64, [64])


def test_a_close_case_takes_more_draws_and_no_more_than_the_budget():
    judged, source = verdict(0.3, 0.3, SEED)
    assert judged.verdict == "inconclusive"
    assert judged.reason == "more draws are needed to tell"
    assert source.asked == [64, 128, 256, 512, 1_024, 2_048]
    assert judged.draws == 2_048
    judged, source = verdict(0.36, 0.3, SEED)
    assert judged.verdict == "pass"
    assert 64 < judged.draws == source.asked[-1] < 2_048


def test_each_check_keeps_the_figure_that_resolved_it():
    source = Source(0.36, SEED)
    checks = [check(f"prob(cash[1] > 0) >= {p}") for p in (0.9, 0.3, 0.36)]
    found = judge("", checks, source, 2_048, 64).judged
    assert [judged.verdict for judged in found] == ["breach", "pass", "inconclusive"]
    assert found[0].draws < found[1].draws < found[2].draws == 2_048


def test_what_has_no_figure_does_not_take_more_draws():
    source = Source(0.3, SEED)
    (judged,) = judge("", [check("mean(1 / (cash[1] - cash[1])) > 0")], source, 2_048, 64).judged
    assert (judged.verdict, source.asked) == ("error", [64])


def test_draws_are_taken_until_a_tolerance_is_reached():
    source = Source(0.5, SEED)
    (judged,) = judge("", [check("prob(cash[1] > 0) +- 5%")], source, 4_096, 64).judged
    assert judged.verdict == "pass"
    # 1.96 * sqrt(0.25 / 512) = 4.3 %, but 512 draws have an eighth of the error: 2.7 * 1.6 % there
    assert judged.draws == 1_024


def test_an_interval_that_was_stopped_at_its_width_covers_a_skewed_mean():
    """Lognormal (sigma 2), +- 2: 150 experiments of up to seven looks; the standard error of a
    share of 95 % is 1.8 %. Plain intervals cover in 83 %: those without the tail stop first."""
    rng = np.random.default_rng(SEED)
    looks = schedule(256, 16_384)

    def stopped(values, levels):
        for draws, level in zip(looks, levels, strict=True):
            found = look_at(check("mean(cash[1]) +- 2"), futures_of(values[:draws]), level)
            if found.verdict == "pass":
                break
        return found.measured.estimate

    samples = [np.exp(2.0 * rng.normal(size=(looks[-1], 1))) for _ in range(150)]
    spent, plain = (
        np.mean([low <= np.exp(2.0) <= high for _, low, high in (stopped(s, of) for s in samples)])
        for of in (look_levels(0.95, looks), [0.95] * len(looks))
    )
    assert spent >= 0.95 - 3 * 0.018
    assert plain < 0.89


def test_at_the_threshold_either_verdict_errs_as_rarely_as_the_level_says():
    """600 plans that meet the threshold exactly, six looks: at most 2.5 % on either side.

    The standard error of a share of 2.5 % is 0.64 %; without spending it would be over 6 %.
    """
    found = [verdict(0.3, 0.3, seed)[0].verdict for seed in range(SEED, SEED + 600)]
    assert found.count(Verdict.BREACH) / 600 <= 0.025 + 3 * 0.0064
    assert found.count(Verdict.PASS) / 600 <= 0.025 + 3 * 0.0064
    assert found.count(Verdict.INCONCLUSIVE) / 600 >= 0.9


def test_a_plan_on_one_side_of_the_threshold_is_told_so_nearly_always():
    """36 % against 30 % of 2,048 draws: 5.7 standard errors, 2.2 of them for the last interval."""
    found = [verdict(0.36, 0.3, seed)[0].verdict for seed in range(SEED, SEED + 100)]
    assert found.count(Verdict.PASS) >= 97
    assert found.count(Verdict.BREACH) == 0


# Several plans


def test_each_case_takes_the_draws_that_it_needs_and_is_asked_for_no_more():
    sources = [Source(p, SEED) for p in (0.9, 0.3, 0.3, 0.5)]
    asked = []

    def futures_of(draws, numbers):
        asked.append((draws, list(numbers)))
        return [(n, "broken" if n == 3 else sources[n](draws)) for n in numbers]

    checks = [check("prob(cash[1] > 0) >= 30%")]
    cases = [Case("clear", checks), Case("close", checks), Case("few", checks, most=100)]
    cases += [Case("broken", checks), Case("bare", ())]
    found = judge_all(cases, futures_of, 256, 64)
    assert [judgement.subject for judgement in found] == [case.subject for case in cases]
    assert [len(judgement.judged) for judgement in found] == [1, 1, 1, 1, 0]
    told = [(j.judged[0].verdict, j.judged[0].draws) for j in found[:4]]
    assert told == [("pass", 64), ("inconclusive", 256), ("inconclusive", 100), ("error", 0)]
    assert asked == [(64, [0, 1, 2, 3]), (100, [2]), (128, [1]), (256, [1])]
    assert found[3].judged[0].reason == "broken"
    assert exit_code(found) == 5


def test_cases_are_judged_as_each_alone():
    checks = [check("prob(cash[1] > 0) >= 30%"), check("prob(cash[1] > 0) >= 5%")]
    sources = [Source(p, SEED + n) for n, p in enumerate((0.9, 0.31, 0.2))]
    together = judge_all(
        [Case("", checks)] * 3,
        lambda draws, numbers: [(n, sources[n](draws)) for n in numbers],
        1_024,
        64,
        "warn",
    )
    assert list(together) == [judge("", checks, source, 1_024, 64, "warn") for source in sources]


# All together


@pytest.mark.parametrize(
    ("verdicts", "fail", "warn"),
    [
        (["pass"], 0, 0),
        (["breach"], 3, 3),
        (["inconclusive"], 4, 0),
        (["error"], 5, 5),
        (["pass", "inconclusive", "pass"], 4, 0),
        (["inconclusive", "breach"], 3, 3),
        (["breach", "error", "inconclusive"], 5, 5),
        (["pass", "breach?"], 0, 0),
        (["breach?", "error?", "inconclusive?"], 0, 0),
        (["inconclusive", "breach?"], 4, 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst_verdict_that_fails(verdicts, fail, warn):
    assert exit_code([judgement(*verdicts)]) == fail
    assert exit_code([judgement(*verdicts, inconclusive="warn")]) == warn
    split = [judgement(verdict) for verdict in verdicts]
    assert exit_code(split) == fail


def test_nothing_judged_is_never_a_pass():
    for nothing in ([], [judgement()], [judgement(), judgement()]):
        with pytest.raises(ScenarioError, match="no expectation"):
            outcome(nothing)
    with pytest.raises(ScenarioError, match="A plan has no expectation"):
        judge("A plan", [], Source(0.5, SEED), 64)


def test_a_failed_simulation_is_an_error_of_every_check():
    checks = [check("mean(cash[1]) > 0"), check("p10(cash[1]) > 0")]

    def fail(draws):
        raise SimulationError("a worker died")

    with pytest.raises(SimulationError):
        judge("A plan", checks, fail, 64)
    told = unjudged("A plan", checks, "a worker died")
    assert [(judged.verdict, judged.reason) for judged in told.judged] == [
        ("error", "a worker died")
    ] * 2
    assert exit_code([told]) == 5


def test_a_failed_simulation_fails_whatever_the_severity_and_without_any_check():
    checks = [check("mean(cash[1]) > 0", severity="warning")]
    told = unjudged("A plan", checks, "a worker died")
    assert exit_code([told]) == 5
    assert told.fails(told.judged[0])
    cases = [Case("broken", checks)]
    (found,) = judge_all(cases, lambda *_: [(0, "a worker died")], 64, 64, "warn")
    assert (exit_code([found]), found.inconclusive) == (5, "warn")
    assert exit_code(with_failures([judgement("pass"), judgement()], {1: "no memory"})) == 5
    assert exit_code(with_failures([judgement("pass"), judgement()], {})) == 0


def test_the_checks_of_a_scenario_are_its_expectations_with_their_places(tmp_path):
    text = '\n[[expect]]\nthat = "p10(cash_min) > 0"\nname = "Cash"\nlevel = 0.9\n'
    path = write(tmp_path, PLAN + text + '[[expect]]\nthat = "mean(arr[24]) > 0"\n')
    document = load_document(path)
    named, plain = checks_of(read_scenario(document), document)
    assert (named.name, named.text, named.level) == ("Cash", "p10(cash_min) > 0", 0.9)
    assert (plain.name, plain.severity) == ("mean(arr[24]) > 0", "error")
    line = path.read_text().splitlines().index('that = "p10(cash_min) > 0"') + 1
    assert (named.place.file, named.place.line) == (str(path), line)
