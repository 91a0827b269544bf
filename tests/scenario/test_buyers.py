"""What a market of buyers gets wrong, and every way to divide it that is right."""

from itertools import permutations

import pytest

from gtmsim.scenario import load_scenario
from gtmsim.settings import MAX_PROFILES
from tests.scenario.plans import edited, pointed_at, problem_of, problems_of, warnings_of, write

MARKET = """
[buyers]
potential = { median = "8k", p90 = "60k" }
employees = { median = 40, p90 = 600 }

[buyers.sizes]
small = { from_employees = 1 }
medium = { from_employees = 100, needs = "assisted" }
large = { from_employees = 1_000, needs = "field" }

[buyers.tiers]
low = { from_acv = 0 }
middle = { from_acv = "10k" }
high = { from_acv = "50k", needs = "field" }

[buyers.complexities]
simple = { share = 0.7 }
complex = { share = 0.3, delivery_cost = 1.5 }

[buyers.verticals]
fast = { share = 0.6 }
regulated = { share = 0.4, win_odds = 0.8 }

[buyers.regions]
america = { share = 0.5 }
europe = { share = 0.5 }

[[segmentation]]
to = "large"
tiers = ["high"]

[[segmentation]]
to = "smb"
"""
LARGE = """
[segments.large]
motion = "self_service"
potential_share = 0.4
churn_per_year = 0.1
contracts.annual = { share = 1, term_months = 12 }

[motions."""
PLAIN = edited(("segments = { smb = 1.0 }\n", ""), ("\n[motions.", LARGE))


def written(tmp_path, *edits: tuple[str, str], market: str = MARKET, plan: str = PLAIN):
    """Path of the plan with its market, texts replaced; each must occur."""
    text = plan + market
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return write(tmp_path, text)


def line_of(path, text: str) -> int:
    """Number of the first line that holds a text."""
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_a_market_that_is_divided_well_has_neither_problem_nor_warning(tmp_path):
    path = written(tmp_path)
    assert load_scenario(path).buyers is not None
    assert warnings_of(path) == ()


# Schemes

RULE = {
    "sizes": ("large", "medium"),
    "tiers": ("high", "middle"),
    "complexities": ("complex", "simple"),
    "verticals": ("regulated", "fast"),
    "regions": ("europe", "america"),
}


def rules(*lines: str) -> str:
    """MARKET with other rules."""
    market = MARKET[: MARKET.index("[[segmentation]]")]
    return market + "".join(f"[[segmentation]]\n{line}\n" for line in lines)


@pytest.mark.parametrize("quality", RULE)
def test_each_of_the_five_schemes_alone_divides_the_market(tmp_path, quality):
    first, _ = RULE[quality]
    market = rules(f'to = "large"\n{quality} = ["{first}"]', 'to = "smb"')
    assert len(load_scenario(written(tmp_path, market=market)).segmentation) == 2


@pytest.mark.parametrize(("primary", "secondary"), list(permutations(RULE, 2)))
def test_any_primary_scheme_goes_with_any_secondary_one(tmp_path, primary, secondary):
    (first, second), (inner, _) = RULE[primary], RULE[secondary]
    market = rules(
        f'to = "large"\n{primary} = ["{first}"]',
        f'to = "large"\n{primary} = ["{second}"]\n{secondary} = ["{inner}"]',
        'to = "smb"',
    )
    assert len(load_scenario(written(tmp_path, market=market)).segmentation) == 3


def test_rules_may_name_every_class_instead_of_ending_with_one_for_all(tmp_path):
    market = rules('to = "large"\nregions = ["europe"]', 'to = "smb"\nregions = ["america"]')
    assert load_scenario(written(tmp_path, market=market))


# Rules


def test_a_kind_of_account_without_a_rule_is_told_by_its_classes(tmp_path):
    market = rules(
        'to = "large"\ntiers = ["high"]',
        'to = "smb"\ntiers = ["low"]',
        'to = "smb"\ntiers = ["middle"]\nregions = ["america"]',
    )
    path = written(tmp_path, market=market)
    problem = problem_of(path)
    assert problem.path == "segmentation"
    assert problem.message == (
        "has no rule for accounts that are sizes.small, tiers.middle, complexities.simple, "
        "verticals.fast and regions.europe"
    )
    assert problem.hint == "End with a rule that asks for nothing, such as { to = ... }."
    assert problem.place.line == line_of(path, '"middle"') - 2  # the last rule


def test_a_rule_to_which_one_before_it_leaves_nobody_is_told_with_it(tmp_path):
    market = rules(
        'to = "large"\ntiers = ["high", "middle"]',
        'to = "smb"\ntiers = ["high"]\nregions = ["europe"]',
        'to = "smb"',
    )
    path = written(tmp_path, market=market)
    problem = problem_of(path)
    assert problem.path == "segmentation.1"
    assert problem.message == "is never used: all its accounts meet an earlier rule (1)"
    assert problem.hint == "Put the narrower rule first."
    assert problem.place.line == line_of(path, '"europe"') - 3  # its [[segmentation]]


def test_a_rule_to_which_several_together_leave_nobody_is_told_with_all_of_them(tmp_path):
    market = rules(
        'to = "large"\nregions = ["europe"]',
        'to = "smb"\nsizes = ["small"]',
        'to = "smb"\nsizes = ["large", "medium"]',
        'to = "large"\ntiers = ["high"]',
    )
    (problem,) = problems_of(written(tmp_path, market=market))
    assert problem.path == "segmentation.3"
    assert problem.message == "is never used: all its accounts meet earlier rules (1, 2 and 3)"


def test_rules_that_overlap_are_right_while_each_takes_somebody(tmp_path):
    market = rules(
        'to = "large"\ntiers = ["high"]', 'to = "smb"\nregions = ["europe"]', 'to = "large"'
    )
    assert load_scenario(written(tmp_path, market=market))


def test_a_market_without_rules_is_told_what_a_rule_looks_like(tmp_path):
    problem = problem_of(written(tmp_path, market=rules()))
    assert problem.path == "buyers"
    assert problem.message.startswith("needs `segmentation`")
    assert problem.hint.startswith("Such as [[segmentation]] with tiers")


# One mistake each


def case(old, new, path, under, message, hint):
    return pytest.param(old, new, path, under, message, hint, id=f"{path}: {message[:40]}")


@pytest.mark.parametrize(
    ("old", "new", "path", "under", "message", "hint"),
    [
        # rules
        case(
            'to = "large"',
            'to = "larg"',
            "segmentation.0.to",
            '"larg"',
            "`larg` is not a segment",
            "Did you mean `large`?",
        ),
        case(
            'tiers = ["high"]',
            'tiers = ["hihg"]',
            "segmentation.0.tiers.0",
            '"hihg"',
            "`hihg` is not among buyers.tiers",
            "Did you mean `high`?",
        ),
        case(
            'tiers = ["high"]',
            'verticals = ["mining"]',
            "segmentation.0.verticals.0",
            '"mining"',
            "`mining` is not among buyers.verticals",
            "The verticals are fast, regulated.",
        ),
        # classes
        case(
            "small = { from_employees = 1 }",
            "small = { from_employees = 10 }",
            "buyers.sizes.small.from_employees",
            "10",
            "must be at most 1 for the smallest class; got 10",
            "Classes stand from the smallest on.",
        ),
        case(
            "low = { from_acv = 0 }",
            "low = { from_acv = 5 }",
            "buyers.tiers.low.from_acv",
            "5",
            "must be at most 0 for the smallest class; got 5",
            "Classes stand from the smallest on.",
        ),
        case(
            "from_employees = 1_000",
            "from_employees = 100",
            "buyers.sizes.large.from_employees",
            "100",
            "must be above 100, where `medium` begins; got 100",
            "Classes stand from the smallest on.",
        ),
        case(
            'from_acv = "50k"',
            'from_acv = "5k"',
            "buyers.tiers.high.from_acv",
            '"5k"',
            "must be above 10000, where `middle` begins; got 5000",
            "Classes stand from the smallest on.",
        ),
        case(
            "simple = { share = 0.7 }",
            "simple = { share = 0.6 }",
            "buyers.complexities",
            "complexities",
            "must have shares that sum to 1",
            "",
        ),
        case(
            "fast = { share = 0.6 }",
            "fast = { share = 0.7 }",
            "buyers.verticals",
            "verticals",
            "must have shares that sum to 1",
            "",
        ),
        case(
            "america = { share = 0.5 }",
            "america = { share = 0.2 }",
            "buyers.regions",
            "regions",
            "must have shares that sum to 1",
            "",
        ),
        # attributes
        case(
            '{ median = "8k", p90 = "60k" }',
            '{ mean = "8k", sd = "6k", family = "gamma" }',
            "buyers.potential",
            '{ mean = "8k", sd = "6k", family = "gamma" }',
            "is of the family gamma, and accounts are spread like a lognormal",
            "Give { median, p90 } or { p10, p90 }.",
        ),
        case(
            "{ median = 40, p90 = 600 }",
            "{ median = 40, p90 = 600, max = 9_000 }",
            "buyers.employees",
            "{ median = 40, p90 = 600, max = 9_000 }",
            "is truncated, and accounts are spread like a lognormal",
            "Give { median, p90 } or { p10, p90 }.",
        ),
        case(
            "{ median = 40, p90 = 600 }",
            "{ median = 40, p90 = 600, min = 1 }",
            "buyers.employees",
            "{ median = 40, p90 = 600, min = 1 }",
            "is truncated",
            "Give { median, p90 } or { p10, p90 }.",
        ),
        case(
            '{ median = "8k", p90 = "60k" }',
            "0",
            "buyers.potential",
            "0",
            "must be above 0; got 0",
            "",
        ),
        case(
            "employees =",
            "accounts = 0\nemployees =",
            "buyers.accounts",
            "0",
            "must be above 0; got 0",
            "Without it the market never runs dry.",
        ),
        # reach
        case(
            "organic_per_month = 50",
            "organic_per_month = 50\nsegments = { smb = 1 }\nreach = { potential = 2 }",
            "channels.web.reach",
            "reach",
            "excludes `segments`: a channel has a mix or reaches the market",
            "",
        ),
        case(
            "organic_per_month = 50",
            "organic_per_month = 50\nreach = { employees = 0 }",
            "channels.web.reach.employees",
            "0",
            "must be above 0; got 0",
            "",
        ),
        case(
            "organic_per_month = 50",
            "organic_per_month = 50\nreach.verticals = { fsat = 2 }",
            "channels.web.reach.verticals.fsat",
            "fsat",
            "`fsat` is not among buyers.verticals",
            "Did you mean `fast`?",
        ),
        case(
            "organic_per_month = 50",
            "organic_per_month = 50\nreach.regions = { america = 0, europe = 0 }",
            "channels.web.reach.regions",
            "{ america = 0, europe = 0 }",
            "reaches nobody: all its weights are 0",
            "",
        ),
        # prices
        case(
            "potential_share = 0.4\n",
            "",
            "segments.large",
            "large",
            "needs `acv` for its deals",
            "",
        ),
        case(
            "potential_share = 0.4",
            "potential_share = 0",
            "segments.large.potential_share",
            "0",
            "must be above 0; got 0",
            "",
        ),
        case(
            'cash = "1M"',
            'cash = "1M"\nopening.pipeline.large = { trial = 3 }',
            "segments.large",
            "large",
            "needs `acv` for deals of the opening pipeline",
            "",
        ),
        case(
            'cash = "1M"',
            'cash = "1M"\nopening.customers.large = { count = 3 }',
            "segments.large",
            "large",
            "needs `acv` for opening customers",
            "",
        ),
        case(
            "[targets.solvent]",
            "[channels.mixed]\nsegments = { large = 1 }\norganic_per_month = 1\n[targets.solvent]",
            "segments.large",
            "large",
            "needs `acv` for leads of channels with a segment mix",
            "",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place_with_a_way_out(
    tmp_path, old, new, path, under, message, hint
):
    problem = problem_of(written(tmp_path, (old, new)))
    assert problem.path == path
    assert pointed_at(problem) == under
    assert message in problem.message
    assert hint in problem.hint
    assert str(problem).startswith(f"{tmp_path / 'plan.toml'}:{problem.place.line}:")


def test_opening_customers_with_a_price_of_their_own_need_no_other(tmp_path):
    opening = 'cash = "1M"\nopening.customers.large = { count = 3, acv = "9k" }'
    assert load_scenario(written(tmp_path, ('cash = "1M"', opening)))


def test_correlations_that_cannot_hold_together_are_told_with_the_range_that_could(tmp_path):
    """With 0.9 and 0.9 the third is at least 2 x 0.9^2 - 1 = 0.62 for Pearson's; about so here."""
    ranks = "size_and_potential = 0.9\nsize_and_complexity = 0.9\npotential_and_complexity = -0.5\n"
    path = written(tmp_path, ("employees =", f"{ranks}employees ="))
    problem = problem_of(path)
    assert problem.path == "buyers.potential_and_complexity"
    assert pointed_at(problem) == "-0.5"
    assert problem.message == (
        "cannot be -0.5 together with `size_and_potential` and `size_and_complexity`"
    )
    low = problem.hint.removeprefix("With them it must lie in [").split(",")[0]
    assert 0.62 < float(low) < 0.65
    low = ranks.replace("-0.5", low)
    assert load_scenario(written(tmp_path, ("employees =", f"{low}employees =")))


def test_more_kinds_of_accounts_than_fit_are_refused_with_their_number(tmp_path):
    many = "\n".join(f"r{n} = {{ share = {1 / 128} }}" for n in range(128))
    regions = MARKET[MARKET.index("[buyers.regions]") : MARKET.index("[[segmentation]]")]
    path = written(tmp_path, (regions, f"[buyers.regions]\n{many}\n"))
    problem = problem_of(path)
    assert problem.path == "buyers"
    assert problem.message == (
        f"divides accounts into {3 * 3 * 2 * 2 * 128:,} kinds; at most {MAX_PROFILES:,} fit"
    )
    assert problem.hint == "Merge classes."
    assert problem.place.line == line_of(path, "[buyers]")


# What speaks of a market that is not there


@pytest.mark.parametrize(
    ("old", "new", "path", "under"),
    [
        (
            "organic_per_month = 50",
            "organic_per_month = 50\nreach = { potential = 2 }",
            "channels.web.reach",
            "reach",
        ),
        (
            "churn_per_year = 0.3",
            "churn_per_year = 0.3\npotential_share = 0.5",
            "segments.smb.potential_share",
            "potential_share",
        ),
        (
            "[targets.solvent]",
            "[[segmentation]]\nto = 'smb'\n[targets.solvent]",
            "segmentation",
            "[[segmentation]]",
        ),
    ],
)
def test_what_needs_a_market_says_so(tmp_path, old, new, path, under):
    problem = problem_of(write(tmp_path, edited((old, new))))
    assert problem.path == path
    assert pointed_at(problem) in under
    assert problem.message == "needs the market in `buyers`, which is missing"


def test_a_segment_needs_a_price_and_a_channel_a_mix_without_a_market(tmp_path):
    text = edited(('acv = { median = "2.4k", p90 = "6k" }\n', ""), ("segments = { smb = 1.0 }", ""))
    price, mix = problems_of(write(tmp_path, text))
    assert (price.path, price.message) == ("segments.smb", "needs `acv`")
    assert (mix.path, mix.message) == ("channels.web.segments", "needs at least one segment")
    assert "describe the market in `buyers`" in mix.hint


def test_a_market_that_no_channel_reaches_is_a_warning(tmp_path):
    mix = "organic_per_month = 50\nsegments = { smb = 1 }"
    found = warnings_of(written(tmp_path, ("organic_per_month = 50", mix)))
    assert [one.path for one in found] == ["segments.large", "buyers"]
    assert found[1].message == "is reached by no channel: all have a segment mix"


def test_a_segment_that_no_rule_and_no_mix_gives_anybody_is_a_warning(tmp_path):
    (warning,) = warnings_of(written(tmp_path, market=rules('to = "large"')))
    assert warning.path == "segments.smb"
