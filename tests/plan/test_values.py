"""How the numbers of draws come about: inputs, columns, sharing, stages."""

import pickle
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from gtmsim.errors import ScenarioError
from gtmsim.plan import Plan, compile_plan, draw_inputs, fill_values
from gtmsim.plan.inputs import UncertainInput, quantiles
from gtmsim.plan.structure import (
    AllocationFloat,
    ChannelFloat,
    CompanyFloat,
    ContractFloat,
    FunnelFloat,
    SegmentFloat,
    SegmentInt,
    StreamFloat,
    Values,
)
from gtmsim.scenario.distributions import read_distribution
from gtmsim.scenario.kinds import MONEY
from tests.plan.scenarios import EVERYTHING, SMALLEST, changed

WIN_RATE = "motions.assisted.stages.pql.win_rate"
CHOICES = {"choices": [30.0, 10.0, 5.0, 20.0], "weights": [1, 2, 0, 1]}
CHURN_MEAN = "segments.smb.churn_per_year.mean"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return compile_plan(changed(EVERYTHING))


def _only(plan: Plan, **columns: float) -> Values:
    """Values of one draw with inputs by path, dots written as ``__``."""
    given = {path.replace("__", "."): value for path, value in columns.items()}
    row = [given[column.path] for column in plan.inputs]
    return fill_values(plan, np.array([row]))[0]


def _same(some: Values, others: Values) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(some, others, strict=True))


def _every_number(plan: Plan) -> Plan:
    """The plan with all of its numbers as inputs."""
    return plan.with_inputs(path for path in plan.numbers)


# Inputs


def test_distributions_that_do_not_vary_by_customer_are_inputs(plan: Plan) -> None:
    assert {column.path for column in plan.inputs} == {WIN_RATE, CHURN_MEAN}
    assert {column.kind.name for column in plan.inputs if column.kind} == {"a share"}


def test_an_uncertain_parameter_of_a_varying_number_is_an_input() -> None:
    acv = {"median": {"p10": 900.0, "p90": 1500.0}, "p90": 4000.0}
    plan = compile_plan(changed(SMALLEST, segments__smb__acv=acv))

    assert [column.path for column in plan.inputs] == ["segments.smb.acv.median"]


def test_inputs_follow_their_distributions() -> None:
    plan = compile_plan(
        changed(
            SMALLEST,
            channels={
                "web": {
                    "segments": {"smb": 1.0},
                    "organic_per_month": {"p10": 10.0, "p90": 40.0},
                    "growth_per_year": {"p10": -0.1, "p90": 0.5},
                }
            },
            company__cash={"family": "gamma", "shape": 0.5, "scale": 1e6},
        )
    )
    columns = {column.path: index for index, column in enumerate(plan.inputs)}
    inputs = draw_inputs(plan, 7, range(4000))
    z = stats.norm.ppf(0.9)
    expected = {
        "channels.web.organic_per_month": stats.lognorm(np.log(2.0) / z, scale=20.0),
        "channels.web.growth_per_year": stats.lognorm(
            np.log(1.5 / 0.9) / (2.0 * z), loc=-1.0, scale=np.sqrt(1.5 * 0.9)
        ),
        "company.cash": stats.gamma(0.5, scale=1e6),
    }

    assert set(columns) == set(expected)
    for path, distribution in expected.items():
        assert stats.kstest(inputs[:, columns[path]], distribution.cdf).pvalue > 1e-4, path


def test_choices_come_up_by_their_weights_in_the_order_given() -> None:
    said = UncertainInput("x", read_distribution(CHOICES, MONEY, varies=False))
    u = np.array([1e-16, 0.2499, 0.25, 0.7499, 0.75, 1.0 - 1e-16])

    assert quantiles(said, u).tolist() == [30.0, 30.0, 10.0, 10.0, 20.0, 20.0]


def test_choices_are_inputs_wherever_a_number_may_be_uncertain() -> None:
    plan = compile_plan(
        changed(
            SMALLEST,
            company__cash={"choices": [1e6, 2e6]},
            segments__smb__churn_per_year={"choices": [0.1, 0.3]},
            segments__smb__acv={"median": {"choices": [900.0, 1500.0]}, "p90": 4000.0},
        )
    )
    inputs = draw_inputs(plan, 1, range(64))

    assert sorted(np.unique(inputs)) == [0.1, 0.3, 900.0, 1500.0, 1e6, 2e6]
    assert len({values.dists.tobytes() for values in fill_values(plan, inputs)}) == 4


def test_a_row_of_inputs_depends_on_seed_and_draw_alone(plan: Plan) -> None:
    whole = draw_inputs(plan, 3, range(50))

    assert np.array_equal(draw_inputs(plan, 3, range(20, 30)), whole[20:30])
    assert not np.array_equal(draw_inputs(plan, 4, range(50)), whole)
    assert len(np.unique(whole[:, 0])) == 50


def test_a_new_input_moves_no_other(plan: Plan) -> None:
    more = compile_plan(changed(EVERYTHING, company__cash={"p10": 4e6, "p90": 6e6}))
    column = [column.path for column in more.inputs]

    for index, known in enumerate(plan.inputs):
        assert np.array_equal(
            draw_inputs(more, 5, range(30))[:, column.index(known.path)],
            draw_inputs(plan, 5, range(30))[:, index],
        )


def test_two_inputs_are_drawn_independently(plan: Plan) -> None:
    inputs = draw_inputs(plan, 11, range(4000))

    assert abs(stats.spearmanr(inputs[:, 0], inputs[:, 1]).statistic) < 4.0 / np.sqrt(4000)


def test_draws_beyond_the_key_are_refused(plan: Plan) -> None:
    with pytest.raises(ValueError, match="draw must lie in"):
        draw_inputs(plan, 1, range(2**32, 2**32 + 1))


def test_no_inputs_give_equal_values_in_every_draw() -> None:
    plan = compile_plan(changed(SMALLEST))

    first, second = fill_values(plan, draw_inputs(plan, 1, range(2)))

    assert _same(first, second)


# Columns


def test_a_plan_survives_the_way_to_another_process(plan: Plan) -> None:
    inputs = draw_inputs(plan, 1, range(2))

    sent = pickle.loads(pickle.dumps(plan))

    assert sent.names == plan.names
    assert np.array_equal(draw_inputs(sent, 1, range(2)), inputs)
    for values, known in zip(fill_values(sent, inputs), fill_values(plan, inputs), strict=True):
        assert _same(values, known)


def test_the_numbers_of_a_plan_are_read_only(plan: Plan) -> None:
    with pytest.raises(TypeError, match="read-only"):
        plan.numbers["company.cash"] = 0  # type: ignore[index]


def test_many_draws_at_once_are_the_draws_one_by_one(plan: Plan) -> None:
    inputs = draw_inputs(plan, 1, range(64))

    together = fill_values(plan, inputs)

    for draw, values in enumerate(together):
        assert _same(values, fill_values(plan, inputs[draw : draw + 1])[0])


def test_every_number_of_the_scenario_can_be_a_column(plan: Plan) -> None:
    swept = _every_number(plan)
    rng = np.random.default_rng(1)
    centre = draw_inputs(swept, 1, range(1))[0]
    inputs = centre * rng.uniform(0.9, 1.0, (16, len(centre)))

    together = fill_values(swept, inputs)

    assert len(swept.inputs) == len(plan.numbers) > 230
    for draw, values in enumerate(together):
        assert _same(values, fill_values(swept, inputs[draw : draw + 1])[0])


def test_every_number_that_can_be_a_column_reaches_the_values(plan: Plan) -> None:
    swept = _every_number(plan)
    centre = draw_inputs(swept, 1, range(1))[0]
    base = fill_values(swept, centre[np.newaxis])[0]
    inputs = np.tile(centre, (len(centre), 1))
    np.fill_diagonal(inputs, np.where(centre == 0.0, 0.125, centre * 1.0625))

    ignored = {
        column.path
        for column, values in zip(swept.inputs, fill_values(swept, inputs), strict=True)
        if _same(values, base)
    }

    # one offer on a menu is all of it, whatever its share
    assert ignored == {
        "segments.mid.contracts.two_year.share",
        "segments.enterprise.contracts.annual.share",
        "segments.public_sector.contracts.annual.share",
        "channels.ads.segments.smb",
        "channels.network.segments.smb",
        # without touches, a touch's price; at the price of 0, touches
        *(
            f"motions.{motion}.stages.{stage}.{key}"
            for motion, stage in (
                ("self_service", "visit"),
                ("self_service", "trial"),
                ("assisted", "pql"),
                ("assisted", "close"),
            )
            for key in ("touches", "cost_per_touch")
        ),
    }


def test_constants_as_columns_give_the_values_of_the_file(plan: Plan) -> None:
    swept = _every_number(plan)
    inputs = draw_inputs(swept, 1, range(3))
    known = [[c.path for c in swept.inputs].index(column.path) for column in plan.inputs]

    for swept_values, values in zip(
        fill_values(swept, inputs), fill_values(plan, inputs[:, known]), strict=True
    ):
        # a column of 0 leads may be anything, so that its streams are there
        assert _same(swept_values._replace(stream=values.stream), values)


def test_a_column_stands_for_its_number(plan: Plan) -> None:
    swept = plan.with_inputs(["teams.ae.ramp_by_quarter.1", "company.cash"])
    values = _only(
        swept,
        **{
            WIN_RATE.replace(".", "__"): 0.5,
            CHURN_MEAN.replace(".", "__"): 0.3,
            "teams__ae__ramp_by_quarter__1": 0.625,
            "company__cash": 123.0,
        },
    )

    assert values.ramp[0].tolist() == [0.25, 0.625, 1.0]
    assert values.company[0] == 12_300.0
    assert values.funnel[2, FunnelFloat.WIN_RATE] == 0.5


def test_a_path_that_is_no_number_is_refused_with_the_nearest_one(plan: Plan) -> None:
    with pytest.raises(ScenarioError, match=r"company\.cahs .*\n.*Did you mean `company\.cash`"):
        plan.with_inputs(["company.cahs"])


def test_a_matrix_of_another_width_is_refused(plan: Plan) -> None:
    with pytest.raises(ValueError, match=r"2 columns; got shape \(4, 3\)"):
        fill_values(plan, np.zeros((4, 3)))


def test_values_of_a_draw_are_contiguous_views_of_one_array(plan: Plan) -> None:
    values = fill_values(plan, draw_inputs(plan, 1, range(5)))

    base = values[0].company.base
    for table in values[3]:
        assert table.flags.c_contiguous
        assert table.dtype == np.float64
        assert table.base is base or table.size == 0


def test_1024_draws_are_filled_in_a_moment(plan: Plan) -> None:
    inputs = draw_inputs(plan, 1, range(1024))
    start = perf_counter()
    values = fill_values(plan, inputs)
    print(f"\nfill_values: 1,024 draws in {1e3 * (perf_counter() - start):.0f} ms")

    assert len(values) == 1024


# Meaning


def test_uncertain_shares_of_a_menu_sum_to_1_in_every_draw() -> None:
    contracts: dict[str, Any] = {
        "a": {"share": {"p10": 0.2, "p90": 0.5}, "term_months": 1, "billing": "monthly"},
        "b": {"share": 0.6, "term_months": 12},
    }
    plan = compile_plan(changed(SMALLEST, segments__smb__contracts=contracts))
    inputs = draw_inputs(plan, 1, range(20))

    for row, values in zip(inputs, fill_values(plan, inputs), strict=True):
        share = values.contract[:, ContractFloat.SHARE]
        np.testing.assert_allclose(share, [row[0] / (row[0] + 0.6), 0.6 / (row[0] + 0.6)])


def test_an_uncertain_mix_sums_to_1_in_every_draw_and_reaches_the_streams() -> None:
    channel = {
        "segments": {"smb": {"p10": 0.5, "p90": 0.7}, "mid": 0.4},
        "organic_per_month": 10.0,
    }
    segment = SMALLEST["segments"]["smb"]
    plan = compile_plan(
        changed(SMALLEST, segments={"smb": segment, "mid": segment}, channels={"web": channel})
    )

    for values in fill_values(plan, draw_inputs(plan, 1, range(20))):
        np.testing.assert_allclose(values.mix.sum(axis=1), 1.0)
        assert np.array_equal(values.stream[:, StreamFloat.SHARE], values.mix[0])


def test_shares_that_are_all_given_stay_as_they_are() -> None:
    shares = {"a": 0.1, "b": 0.2, "c": 0.7}  # their sum in floats is not 1
    contracts = {name: {"share": share, "term_months": 12} for name, share in shares.items()}
    plan = compile_plan(changed(SMALLEST, segments__smb__contracts=contracts))

    (values,) = fill_values(plan, np.empty((1, 0)))
    assert values.contract[:, ContractFloat.SHARE].tolist() == [0.1, 0.2, 0.7]


def test_a_stage_that_is_not_named_inherits_and_the_first_ones_have_nothing() -> None:
    line = {"function": "product", "per_month": {"early_growth": 10.0, "mature": 30.0}}
    plan = compile_plan(changed(SMALLEST, costs={"rent": line}))

    (values,) = fill_values(plan, np.empty((1, 0)))
    assert values.cost_amount.tolist() == [[0.0, 1000.0, 1000.0, 3000.0]]


def test_an_uncertain_number_of_one_stage_is_inherited_too() -> None:
    per_month = {"early_growth": {"p10": 10.0, "p90": 20.0}, "mature": 30.0}
    line = {"function": "product", "per_month": per_month}
    plan = compile_plan(changed(SMALLEST, costs={"rent": line}))

    (values,) = fill_values(plan, np.array([[12.5]]))
    assert plan.inputs[0].path == "costs.rent.per_month.early_growth"
    assert values.cost_amount.tolist() == [[0.0, 1250.0, 1250.0, 3000.0]]


def test_certain_contraction_is_an_infinite_hazard() -> None:
    contraction = {"per_year": 1.0, "size": 0.5}
    plan = compile_plan(changed(SMALLEST, segments__smb__contraction=contraction))

    (values,) = fill_values(plan, np.empty((1, 0)))
    assert values.segment[0, SegmentFloat.CONTRACTION_HAZARD] == np.inf


def test_growth_of_minus_a_half_is_its_logarithm() -> None:
    channel = {"segments": {"smb": 1.0}, "organic_per_month": 10.0, "growth_per_year": -0.5}
    plan = compile_plan(changed(SMALLEST, channels={"web": channel}))

    (values,) = fill_values(plan, np.empty((1, 0)))
    assert values.channel[0, ChannelFloat.GROWTH_LOG] == pytest.approx(np.log(0.5), rel=1e-15)


@pytest.mark.parametrize(("mean", "expected"), [(0.0, 0.0), (1.0, 1.0)])
def test_churn_that_is_certain_or_impossible_is_fixed(mean: float, expected: float) -> None:
    churn = {"mean": mean, "concentration": 10.0}
    plan = compile_plan(changed(SMALLEST, segments__smb__churn_per_year=churn))

    (values,) = fill_values(plan, np.empty((1, 0)))
    row = plan.structure.segment[0, SegmentInt.CHURN_DIST]
    assert values.dists[row].tolist() == [0.0, expected, 0.0, 0.0, 0.0, 1.0]


def test_uncertain_churn_moves_every_row_of_survivors() -> None:
    plan = compile_plan(
        changed(
            SMALLEST,
            company__opening={"customers": {"smb": {"count": 3}}},
            segments__smb__churn_per_year={"p10": 0.1, "p90": 0.3},
        )
    )

    (values,) = fill_values(plan, np.array([[0.17]]))
    first = plan.structure.segment[0, SegmentInt.OPENING_CHURN_DIST]
    assert values.dists[first : first + 7, :2].tolist() == [[0.0, 0.17]] * 7


def test_distributions_of_a_motion_are_shared_by_its_segments(plan: Plan) -> None:
    durations = plan.structure.funnel[[2, 5, 8], 2]

    assert len(set(durations.tolist())) == 1


@pytest.mark.parametrize(
    ("path", "said", "message"),
    [
        ("acv", {"family": "beta", "alpha": 2.0, "beta": 3.0}, "is a family for shares"),
        ("acv", {"family": "log_growth", "mu": 9.0, "sigma": 0.1, "min": 1.0}, "for growth rates"),
    ],
)
def test_variability_that_the_engines_cannot_draw_is_refused_where_it_is_read(
    path: str, said: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        changed(SMALLEST, **{f"segments__smb__{path}": said})


def test_thresholds_that_are_drawn_keep_the_order_of_the_stages() -> None:
    stages = {"mature": {"from_arr": {"p10": 5e6, "p90": 50e6}}}
    plan = compile_plan(changed(SMALLEST, stages=stages))

    low, high = fill_values(plan, np.array([[2e6], [80e6]]))

    assert plan.names.stages == ("pre_pmf", "early_growth", "scaling", "mature")
    assert low.stage_from_arr.tolist() == [0.0, 1e8, 1e9, 1e9]
    assert high.stage_from_arr.tolist() == [0.0, 1e8, 1e9, 8e9]


def test_an_uncertain_focus_sums_to_1_in_every_stage_and_draw() -> None:
    focus = {
        "product": {"pre_pmf": {"p10": 0.3, "p90": 0.5}, "scaling": 0.25},
        "marketing": 0.25,
        "support": 0.25,
    }
    plan = compile_plan(changed(SMALLEST, allocation={"per_month": 100.0, "focus": focus}))
    inputs = draw_inputs(plan, 1, range(20))

    for row, values in zip(inputs, fill_values(plan, inputs), strict=True):
        product = values.allocation[:, AllocationFloat.PRODUCT]
        first = row[0] / (row[0] + 0.5)
        np.testing.assert_allclose(product, [first, first, 0.25 / 0.75, 0.25 / 0.75])
        parts = values.allocation[:, AllocationFloat.PRODUCT : AllocationFloat.SUPPORT + 1]
        np.testing.assert_allclose(parts.sum(axis=1), 1.0)


def test_a_burn_limit_alone_leaves_the_total_open() -> None:
    allocation = {"burn_limit_per_month": 100.0, "focus": {"product": 1.0}}
    (values,) = fill_values(
        compile_plan(changed(SMALLEST, allocation=allocation)), np.empty((1, 0))
    )
    assert values.allocation[:, AllocationFloat.PER_MONTH].tolist() == [np.inf] * 4
    assert values.company[CompanyFloat.BURN_LIMIT] == 10_000.0


def test_without_an_allocation_nothing_is_limited() -> None:
    (values,) = fill_values(compile_plan(changed(SMALLEST)), np.empty((1, 0)))
    assert not values.allocation.any()
    assert values.company[CompanyFloat.BURN_LIMIT] == np.inf
    assert values.company[CompanyFloat.PRODUCT_ELASTICITY] == 0.0
