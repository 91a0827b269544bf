"""Unknown and missing keys, wrong types, numbers out of range: each at its exact place."""

import pytest

from gtmsim.errors import ScenarioError
from gtmsim.scenario import load_scenario
from gtmsim.scenario.structure import kind_at
from tests.scenario.plans import PLAN, edited, pointed_at, problem_of, problems_of, write


@pytest.mark.parametrize(
    ("old", "new", "path", "under", "message"),
    [
        ('name = "A plan"', "name = 3", "scenario.name", "3", "wants text in quotes; got 3"),
        (
            "start = 2026-01-01",
            'start = "2026-01-01"',
            "scenario.start",
            '"2026-01-01"',
            "wants a date without quotes, such as 2026-01-01",
        ),
        ("start = 2026-01-01", "start = 3", "scenario.start", "3", "wants a date"),
        ("2026-01-01", "2026-01-01T10:00:00", "scenario.start", "2026-01-01T10:00:00", "a date"),
        ("months = 24", "months = 0", "scenario.months", "0", "must lie in [1, 600]; got 0"),
        ("months = 24", "months = 601", "scenario.months", "601", "must lie in [1, 600]"),
        ("months = 24", "months = 2.5", "scenario.months", "2.5", "wants a whole number"),
        ("months = 24", "months = true", "scenario.months", "true", "got true"),
        ("months = 24", "months = nan", "scenario.months", "nan", "wants a finite number"),
        ('"EUR"', '"eur"', "scenario.currency", '"eur"', "three-letter currency code"),
        ('cash = "1M"', "cash = inf", "company.cash", "inf", "wants a finite number"),
        ('cash = "1M"', "cash = -5", "company.cash", "-5", "must be at least 0"),
        ('"self_service"', '"Self-Service"', "segments.smb.motion", '"Self-Service"', "a name of"),
        ('"2.4k"', '"2.4q"', "segments.smb.acv.median", '"2.4q"', "wants an amount of money"),
        ('p90 = "6k"', 'p90 = "1k"', "segments.smb.acv.median", '"2.4k"', "must be below p90"),
        (
            "churn_per_year = 0.3",
            "churn_per_year = 30",
            "segments.smb.churn_per_year",
            "30",
            "must lie in [0, 1]; got 30",
        ),
        (
            "churn_per_year = 0.3",
            "churn_per_year = { mean = 2, concentration = 3 }",
            "segments.smb.churn_per_year.mean",
            "2",
            "must lie in [0, 1]; got 2",
        ),
        (
            'billing = "monthly"',
            'billing = "monhtly"',
            "segments.smb.contracts.monthly.billing",
            '"monhtly"',
            'must be "monthly", "quarterly"',
        ),
        ('function = "sales"', "function = 1", "teams.ae.function", "1", 'must be "sales"'),
        (
            "reps = 2",
            "hires = { n = 1 }",
            "teams.ae.hires",
            "{ n = 1 }",
            "wants an array; got a table",
        ),
        (
            "reps = 2",
            'hires = [{ month = 1, n = "x" }]',
            "teams.ae.hires.0.n",
            '"x"',
            "a whole number",
        ),
        (
            "reps = 2",
            "ramp_by_quarter = [0.5, 2]",
            "teams.ae.ramp_by_quarter.1",
            "2",
            "must lie in",
        ),
        (
            "reps = 2",
            "ramp_by_quarter = []",
            "teams.ae.ramp_by_quarter",
            "[]",
            "needs at least 1 entry",
        ),
        ("reps = 2", 'replaces = "yes"', "teams.ae.replaces", '"yes"', "wants true or false"),
        (
            "organic_per_month = 50",
            "seasonality = [1, 2]",
            "channels.web.seasonality",
            "[1, 2]",
            "needs at least 12 entries; it has 2",
        ),
        (
            "organic_per_month = 50",
            'spend_per_month = { scaling = "x" }',
            "channels.web.spend_per_month.scaling",
            '"x"',
            "wants an amount of money",
        ),
        ("organic_per_month = 50", "response = 5", "channels.web.response", "5", "wants a table"),
        ("always = true", "always = 1", "targets.solvent.always", "1", "wants true or false"),
        (
            "at_least = 0",
            "at_least = { p10 = 1, p90 = 2 }",
            "targets.solvent.at_least",
            "{ p10 = 1, p90 = 2 }",
            "wants a number",
        ),
        ("[channels.web]", "[channels.Web-2]", "channels.Web-2", "Web-2", "wants a name"),
    ],
)
def test_a_wrong_value_is_told_at_its_place(tmp_path, old, new, path, under, message):
    problem = problem_of(write(tmp_path, edited((old, new))))
    assert problem.path == path
    assert pointed_at(problem) == under
    assert message in problem.message


@pytest.mark.parametrize(
    ("old", "new", "path", "hint"),
    [
        ("months = 24", "moths = 24", "scenario.moths", "Did you mean `months`?"),
        ("cash =", "csh =", "company.csh", "Did you mean `cash`?"),
        ("reps = 2", "quota_per_yaer = 2", "teams.ae.quota_per_yaer", "Did you mean `quota_per"),
        ("reps = 2", "win_rate = 2", "teams.ae.win_rate", "Known here: function, reps"),
        (
            'motion = "self_service"',
            'motion = "self_service"\nshare = 0.5',
            "segments.smb.share",
            "`share` belongs in [segments.smb.contracts.<name>].",
        ),
        (
            "[motions.self_service.stages.trial]\nwin_rate = 0.2",
            "[motions.self_service.stages.trial]\nwin_rate = 0.2\nopportunity_stage = 'trial'",
            "motions.self_service.stages.trial.opportunity_stage",
            "`opportunity_stage` belongs in [motions.self_service].",
        ),
        (
            'cash = "1M"',
            'cash = "1M"\nmonths = 3',
            "company.months",
            "Known here: cash, floor, rounds, largest_customer_leaves, opening.",
        ),
        (
            'cash = "1M"',
            'cash = "1M"\nextends = "x.toml"',
            "company.extends",
            "`extends` stands at the top of the file",
        ),
        ("[targets.solvent]", "[target.solvent]", "target", "Did you mean `targets`?"),
    ],
)
def test_an_unknown_key_is_told_once_with_what_was_meant(tmp_path, old, new, path, hint):
    problem = problem_of(write(tmp_path, edited((old, new))))
    assert problem.path == path
    assert problem.message == "is not a known key"
    assert hint in problem.hint
    assert pointed_at(problem) == path.rpartition(".")[2]


@pytest.mark.parametrize(
    ("removed", "path", "under", "message", "hint"),
    [
        ('cash = "1M"', "company", "company", "needs `cash`", "cash: cash at the start."),
        ("months = 24\n", "scenario", "scenario", "needs `months`", "months: length of"),
        (
            "share = 0.4\n",
            "segments.smb.contracts.annual",
            "annual",
            "needs `share`",
            "share: share of new customers",
        ),
        ('metric = "cash"', "targets.solvent", "solvent", "needs `metric`", "metric: a results"),
    ],
)
def test_a_missing_key_is_told_at_its_tables_header(tmp_path, removed, path, under, message, hint):
    problem = problem_of(write(tmp_path, edited((removed, ""))))
    assert (problem.path, problem.message) == (path, message)
    assert problem.hint.startswith(hint)
    assert pointed_at(problem) == under


def test_missing_tables_are_told_at_the_top_of_the_file(tmp_path):
    problems = problems_of(write(tmp_path, "[company]\ncash = 1\n"))
    assert [problem.message for problem in problems] == [
        "needs a [scenario] table",
        "needs a [segments] table",
        "needs a [motions] table",
    ]
    assert {str(problem.place) for problem in problems} == {f"{tmp_path / 'plan.toml'}:1:1"}


def test_all_problems_come_in_one_message_in_the_order_of_the_file(tmp_path):
    text = edited(
        ("months = 24", "moths = 24"),
        ('cash = "1M"', 'cash = "75d"'),
        ("win_rate = 0.2", "win_rate = 2"),
        ("reps = 2", "reps = -2"),
        ("smb = 1.0", "smb = nan"),
    )
    problems = problems_of(write(tmp_path, text))
    lines = [problem.place.line for problem in problems if problem.place]
    assert len(problems) == 5
    assert lines == sorted(lines)


def test_no_message_speaks_of_the_library_that_reads_the_tables(tmp_path):
    broken = PLAN.replace("= ", "= [[1]] #")
    text = "\n".join(map(str, problems_of(write(tmp_path, broken))))
    for jargon in ("pydantic", "Input should", "http", "model_type", "union", "validation", "int_"):
        assert jargon not in text


def test_a_share_or_a_table_of_churn_is_judged_as_what_it_is(tmp_path):
    bad = "churn_per_year = { p10 = 2, concentration = 'x' }"
    problems = problems_of(write(tmp_path, edited(("churn_per_year = 0.3", bad))))
    assert all(problem.path.startswith("segments.smb.churn_per_year") for problem in problems)
    assert len(problems) == len({problem.path for problem in problems}) <= 2


# What is wrong beside


@pytest.mark.parametrize(
    ("structure", "path"),
    [
        (("reps = 2", "reps = 2\nteem = 'x'"), "teams.ae.teem"),
        (("win_rate = 0.2", "win_rate = 1.2"), "motions.self_service.stages.trial.win_rate"),
        (("win_rate = 0.2", ""), "motions.self_service.stages.trial"),
        (('function = "sales"', 'function = "selling"'), "teams.ae.function"),
        (("start = 2026-01-01", "start = 'soon'"), "scenario.start"),
    ],
    ids=["an unknown key", "a number out of range", "a missing key", "a wrong word", "no date"],
)  # fmt: skip
def test_mistakes_of_meaning_are_told_beside_those_of_structure(tmp_path, structure, path):
    text = edited(structure, ('"self_service"', '"x"'), ("share = 0.6", "share = 0.5"))
    told = [problem.path for problem in problems_of(write(tmp_path, text))]
    assert set(told) == {path, "segments.smb.motion", "segments.smb.contracts"}
    places = [problem.place.line for problem in problems_of(write(tmp_path, text))]
    assert places == sorted(places)


def test_a_wrong_opening_position_is_told_with_its_unknown_segment(tmp_path):
    opening = 'cash = "1M"\nopening.customers.smbx.count = 3\nopening.customers.smb.age_months = 3'
    told = problems_of(write(tmp_path, edited(('cash = "1M"', opening))))
    assert [problem.message for problem in told] == [
        "names the segment `smbx`, which does not exist",
        "needs `count`",
    ]


@pytest.mark.parametrize(
    "edit",
    [
        ("[teams.ae]", "[team.ae]"),
        ("[teams.ae]", "[teams.ae]\n[teams.Bad]"),
        ("reps = 2", "reps = -2\nmax_reps = 1"),
        ("share = 0.6", "share = 1.6"),
    ],
    ids=["a lost table", "a bad name", "heads that do not fit", "shares that do not sum"],
)
def test_nothing_is_told_that_a_mistake_only_brings_about(tmp_path, edit):
    told = problems_of(write(tmp_path, edited(edit)))
    assert not any("does not exist" in problem.message for problem in told)
    assert not any("sum to 1" in problem.message for problem in told)
    assert not any("max_reps" in problem.message for problem in told)


def test_problems_beyond_the_most_that_are_told_are_counted(tmp_path):
    keys = "\n".join(f"key{n} = 1" for n in range(500))
    text = edited(('currency = "EUR"', f'currency = "EUR"\n{keys}'))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(tmp_path, text))
    assert str(caught.value).endswith("\n500 problems, of which the first 300")
    assert len(caught.value.problems) == 300


# Names, titles and numbers as they are written


def test_a_name_or_a_title_that_is_too_long_is_told_with_its_length(tmp_path):
    long = "a" * 41
    text = PLAN.replace("smb", long).replace('"A plan"', f'"{"t" * 201}"')
    told = {problem.path: problem.message for problem in problems_of(write(tmp_path, text))}
    assert told["scenario.name"] == "wants a text of at most 200 characters; it has 201"
    named = "wants a name of at most 40 characters; this one has 41"
    assert named in told.values()
    fitting = PLAN.replace("smb", "a" * 40).replace('"A plan"', f'"{"t" * 200}"')
    assert load_scenario(write(tmp_path, fitting))


@pytest.mark.parametrize("code", [r"\u001b[31m", r"\u0007", r"\u202e", r"\u009b"])
def test_what_would_act_on_a_terminal_is_no_title_and_is_shown_by_its_code(tmp_path, code):
    problem = problem_of(write(tmp_path, edited(('"A plan"', f'"A {code}plan"'))))
    assert "without control characters" in problem.message
    assert not set(str(problem)) & set("\x1b\x07\u202e\x9b")


def test_a_key_with_a_line_break_is_told_on_one_line(tmp_path):
    text = edited(('currency = "EUR"', 'currency = "EUR"\n"a\\nb" = 1'))
    told = str(problem_of(write(tmp_path, text))).splitlines()
    assert r'scenario."a\nb" is not a known key' in told[0]


@pytest.mark.parametrize("number", ["1_000", "1e3", "0x3E8", "+1_0.5"])
def test_a_number_is_told_as_it_is_written(tmp_path, number):
    problem = problem_of(write(tmp_path, edited(("months = 24", f"months = {number}"))))
    assert problem.message.endswith(f"; got {number}")


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("segments.smb.acv.median", "money"),
        ("segments.smb.acv.median.p10", "money"),
        ("segments.smb.churn_per_year.mean.p10", "share"),
        ("channels.ads.spend_per_month.scaling", "money"),
        ("channels.ads.spend_per_month.scaling.p90", "money"),
        ("segments.smb.acv.sigma", None),
        ("segments.smb.acv.family", None),
    ],
)
def test_numbers_of_a_distribution_are_of_the_kind_of_what_they_describe(path, unit):
    kind = kind_at(tuple(path.split(".")))
    assert (kind and kind.unit) == unit
