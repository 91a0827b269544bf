"""Checks of fallbacks, volume discounts, service levels and of what product spend does."""

import pytest

from tests.scenario.plans import edited, problem_of, warnings_of, write

SEGMENT = 'motion = "self_service"\n'
TRIAL = "[motions.self_service.stages.trial]"
OTHER = "[motions.touchless.stages.trial]\nwin_rate = 0.1\n\n"
ANNUAL = "share = 0.4\n"


def falling_back(to: str, below: str = '"2k"') -> tuple[tuple[str, str], ...]:
    fallback = f'fallback = {{ below_acv = {below}, motion = "{to}" }}\n'
    return ((SEGMENT, SEGMENT + fallback), (TRIAL, OTHER + TRIAL))


@pytest.mark.parametrize(
    ("edits", "path", "message"),
    [
        (
            falling_back("touchles"),
            "segments.smb.fallback.motion",
            "names the motion `touchles`, which does not exist",
        ),
        (
            falling_back("self_service"),
            "segments.smb.fallback.motion",
            "must be another motion than the segment's own",
        ),
        (
            (
                *falling_back("touchless"),
                ("win_rate = 0.1\n", 'win_rate = 0.1\nteam = "ae"\n'),
            ),
            "segments.smb.fallback.motion",
            "must be a motion without teams; its stage `trial` has `ae`",
        ),
        (
            (
                (
                    ANNUAL,
                    ANNUAL
                    + "volume_discounts = [{ from_acv = 900, discount = 0.1 },"
                    + " { from_acv = 900, discount = 0.2 }]\n",
                ),
            ),
            "segments.smb.contracts.annual.volume_discounts.1.from_acv",
            "must be above 900, the step before it; got 900",
        ),
        (
            ((ANNUAL, ANNUAL + "volume_discounts = [{ from_acv = 900, discount = 1 }]\n"),),
            "segments.smb.contracts.annual.volume_discounts.0.discount",
            "must be below 1; got 1",
        ),
        (
            ((SEGMENT, SEGMENT + "service_level = { misses_per_year = 13, credit = 0.1 }\n"),),
            "segments.smb.service_level.misses_per_year",
            "must be at most 12, one a month; got 13",
        ),
        (
            (
                (
                    TRIAL,
                    "[allocation]\nper_month = 9\nfocus = { product = 1 }\n"
                    f"product_effect = {{ reference_per_month = 5 }}\n\n{TRIAL}",
                ),
            ),
            "allocation.product_effect",
            "needs `churn_elasticity` or `win_odds_elasticity`",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(tmp_path, edits, path, message):
    problem = problem_of(write(tmp_path, edited(*edits)))
    assert (problem.path, problem.message) == (path, message)


def test_a_motion_that_is_hardly_misspelt_is_suggested(tmp_path):
    problem = problem_of(write(tmp_path, edited(*falling_back("touchles"))))
    assert problem.hint == "Did you mean `touchless`?"


def test_a_motion_that_is_only_fallen_back_to_is_used(tmp_path):
    path = write(tmp_path, edited(*falling_back("touchless")))
    assert not [one for one in warnings_of(path) if one.path.startswith("motions")]
