"""How names, rows and keys of the Structure come about."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from gtmsim.errors import CapacityError
from gtmsim.plan import Plan, compile_plan
from gtmsim.plan.lowering import keys
from gtmsim.plan.names import SegmentPart
from gtmsim.plan.structure import (
    ContractInt,
    HireInt,
    SegmentInt,
    Source,
    StreamInt,
)
from tests.plan.scenarios import EVERYTHING, SMALLEST, changed

Document = dict[str, Any]


def _reversed(document: Document) -> Document:
    """The same scenario with every table of named things in the opposite order."""
    plural = ("segments", "channels", "teams", "motions", "budgets", "costs", "tech_stacks")
    swapped = {key: dict(reversed(document[key].items())) for key in plural}
    return document | swapped


def _keys_by_name(plan: Plan) -> dict[Any, int]:
    """Every key of the structure under the names of what it belongs to."""
    names, structure = plan.names, plan.structure
    columns: dict[str, tuple[Any, ...]] = {
        "stream_key": names.streams,
        "team_key": names.teams,
        "round_key": names.rounds,
        "stage_key": names.funnel,
        "patience_key": names.funnel,
        "contract_key": names.contracts,
        "clock_key": names.playbooks,
        "attempt_key": names.playbooks,
        "work_key": names.playbooks,
    }
    return {
        (column, *row): int(key)
        for column, rows in columns.items()
        for row, key in zip(
            [(row,) for row in rows], getattr(structure, column).tolist(), strict=True
        )
    }


def test_tables_in_another_order_keep_every_key() -> None:
    plan = compile_plan(changed(EVERYTHING))
    moved = compile_plan(changed(_reversed(EVERYTHING)))

    assert moved.names.segments == plan.names.segments[::-1]
    assert _keys_by_name(moved) == _keys_by_name(plan)


def test_another_segment_and_channel_leave_every_key_where_it_was() -> None:
    plan = compile_plan(changed(EVERYTHING))
    more = compile_plan(
        changed(
            EVERYTHING,
            segments=EVERYTHING["segments"] | {"startups": SMALLEST["segments"]["smb"]},
            channels={"podcast": {"segments": {"startups": 1.0}, "organic_per_month": 3.0}}
            | EVERYTHING["channels"],
        )
    )

    before, after = _keys_by_name(plan), _keys_by_name(more)
    assert len(after) > len(before)
    assert {name: after[name] for name in before} == before


def test_a_renamed_segment_changes_the_keys_of_its_own_streams_only() -> None:
    plan = compile_plan(changed(EVERYTHING))
    segments = {"small" if k == "smb" else k: v for k, v in EVERYTHING["segments"].items()}
    channels = EVERYTHING["channels"] | {
        name: EVERYTHING["channels"][name]
        | {
            "segments": {
                "small" if k == "smb" else k: v
                for k, v in EVERYTHING["channels"][name]["segments"].items()
            }
        }
        for name in ("content", "ads", "network")
    }
    channels["network"]["virality"] = {"per_customer_per_month": 0.02}
    company = EVERYTHING["company"] | {"opening": {}}
    renamed = compile_plan(
        changed(EVERYTHING, segments=segments, channels=channels, company=company)
    )

    before, after = _keys_by_name(plan), _keys_by_name(renamed)
    changed_streams = {
        name[1].segment
        for name, key in after.items()
        if before.get(name) != key and len(name) == 2
        if hasattr(name[1], "source")
    }
    assert changed_streams == {"small"}
    for column in ("stage_key", "patience_key", "contract_key"):
        kept = np.isin(getattr(renamed.structure, column), getattr(plan.structure, column))
        assert kept.all()


def test_a_stage_has_one_key_in_every_segment_that_passes_it() -> None:
    plan = compile_plan(changed(EVERYTHING))
    demo = [row for row, part in enumerate(plan.names.funnel) if part.name == "demo"]

    assert len(demo) == 3
    assert len(set(plan.structure.stage_key[demo].tolist())) == 1
    assert plan.structure.stage_key[demo[0]] != plan.structure.patience_key[demo[0]]


def test_purposes_have_distinct_keys() -> None:
    plan = compile_plan(changed(SMALLEST))

    assert len(set(plan.structure.purpose_key.tolist())) == len(plan.structure.purpose_key)


def test_names_with_one_key_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = keys.name_key
    monkeypatch.setattr(
        keys, "name_key", lambda *n: real("team", "sdr") if n == ("team", "ae") else real(*n)
    )

    with pytest.raises(CapacityError, match=r"team ae.*team sdr|team sdr.*team ae"):
        compile_plan(changed(EVERYTHING))


def test_a_plan_without_channels_has_the_opening_channel_alone() -> None:
    plan = compile_plan(changed(SMALLEST))

    assert plan.names.channels == ("opening",)
    assert plan.structure.channel.shape[0] == 0
    assert plan.names.streams == ()


def test_a_source_without_leads_has_no_stream() -> None:
    channel = {"segments": {"smb": 1.0, "other": 0.0}, "organic_per_month": 0.0}
    segments = {"smb": SMALLEST["segments"]["smb"], "other": SMALLEST["segments"]["smb"]}

    silent = compile_plan(changed(SMALLEST, segments=segments, channels={"web": channel}))
    lively = channel | {"organic_per_month": {"p10": 5.0, "p90": 20.0}}
    unsure = compile_plan(changed(SMALLEST, segments=segments, channels={"web": lively}))

    assert silent.names.streams == ()
    assert [(s.source, s.segment) for s in unsure.names.streams] == [(Source.ORGANIC, "smb")]


def test_a_swept_number_brings_its_stream_along() -> None:
    channel = {"segments": {"smb": 1.0}, "organic_per_month": 0.0}
    plan = compile_plan(changed(SMALLEST, channels={"web": channel}))

    swept = plan.with_inputs(["channels.web.organic_per_month"])

    assert [stream.source for stream in swept.names.streams] == [Source.ORGANIC]


def test_streams_follow_the_file_channel_by_channel_source_by_source() -> None:
    streams = compile_plan(changed(EVERYTHING)).structure.stream

    order = streams[:, [StreamInt.CHANNEL, StreamInt.SOURCE, StreamInt.SEGMENT]].tolist()
    assert order == sorted(order)


def test_a_motion_follows_its_order_where_it_states_one() -> None:
    names = compile_plan(changed(EVERYTHING)).names

    assert [part.name for part in names.funnel if part.segment == "mid"] == ["pql", "demo", "close"]


@pytest.mark.parametrize(
    ("stages", "said", "expected"),
    [
        ({"a": None, "b": None}, None, "b"),
        ({"a": None, "b": "ae", "c": "ae"}, None, "b"),
        ({"a": None, "b": "ae"}, "a", "a"),
    ],
    ids=["no team: the last", "the first with a team", "as the motion says"],
)
def test_the_opportunity_stage(
    stages: dict[str, str | None], said: str | None, expected: str
) -> None:
    motion: Document = {
        "stages": {
            name: {"win_rate": 0.5} | ({"team": team} if team else {})
            for name, team in stages.items()
        }
    }
    if said:
        motion["opportunity_stage"] = said
    plan = compile_plan(
        changed(
            SMALLEST,
            motions={"self_service": motion},
            teams={"ae": {"function": "sales", "base_per_year": 1.0}},
        )
    )

    row = plan.structure.segment[0, SegmentInt.OPPORTUNITY_ROW]
    assert plan.names.funnel[row] == SegmentPart("smb", expected)


@pytest.mark.parametrize(
    ("opens", "listed", "expected"),
    [
        (None, False, (0, -1)),
        (None, True, (-1, -1)),
        ({"month": 1}, False, (0, -1)),
        ({"month": 7}, True, (6, -1)),
        ({"stage": "scaling"}, False, (-1, 2)),
    ],
    ids=["from the start", "with the stage that lists it", "month 1", "month 7", "stage"],
)
def test_when_a_segment_opens(
    opens: Document | None, listed: bool, expected: tuple[int, int]
) -> None:
    changes: Document = {"segments__smb__opens": opens} if opens else {}
    if listed:
        changes["stages__mature"] = {"open": ["smb"]}
    structure = compile_plan(changed(SMALLEST, **changes)).structure

    columns = [SegmentInt.OPENS_BOUNDARY, SegmentInt.OPENS_STAGE]
    assert tuple(structure.segment[0, columns]) == expected
    assert structure.stage_opens.any() == listed


def test_stages_stand_by_their_thresholds_the_usual_four_among_them() -> None:
    names = compile_plan(
        changed(SMALLEST, stages={"late": {"from_arr": 70e6}, "early_growth": {"from_arr": 20e6}})
    ).names

    assert names.stages == ("pre_pmf", "scaling", "early_growth", "mature", "late")


@pytest.mark.parametrize(
    ("billing", "term", "months"),
    [
        ("monthly", 6, 1),
        ("quarterly", 6, 3),
        ("half_yearly", 6, 6),
        ("annual", 36, 12),
        ("upfront", 36, 36),
    ],
)
def test_billing_periods_in_months(billing: str, term: int, months: int) -> None:
    contract = {"share": 1.0, "term_months": term, "billing": billing}
    plan = compile_plan(changed(SMALLEST, segments__smb__contracts={"only": contract}))

    assert plan.structure.contract[0, ContractInt.BILLING] == months


def test_a_stack_brings_every_stack_inside_it() -> None:
    stacks = {
        "a": {"per_month": 1.0, "includes": ["b", "c"]},
        "b": {"per_month": 1.0, "includes": ["d"]},
        "c": {"per_month": 1.0, "includes": ["d"]},
        "d": {"per_month": 1.0},
        "e": {"per_month": 1.0},
    }
    plan = compile_plan(changed(SMALLEST, tech_stacks=stacks, segments__smb__tech_stack="a"))

    assert plan.structure.stack_of.tolist() == [[True, True, True, True, False]]


def test_hires_of_month_1_stand_at_the_first_boundary() -> None:
    team = {"function": "sales", "base_per_year": 1.0, "hires": [{"month": 1, "n": 2}]}
    plan = compile_plan(changed(SMALLEST, teams={"ae": team}))

    assert plan.structure.hire[0, HireInt.BOUNDARY] == 0


def test_the_calendar_starts_in_the_month_of_the_start_date() -> None:
    header = {"name": "x", "start": date(2026, 12, 31), "months": 1}

    assert compile_plan(changed(SMALLEST, scenario=header)).structure.company.tolist()[:2] == [
        1,
        11,
    ]


def test_too_many_streams_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gtmsim.plan.capacity.MAX_STREAMS", 14)

    with pytest.raises(CapacityError, match="15 streams of leads; at most 14 fit"):
        compile_plan(changed(EVERYTHING))


def test_too_many_funnel_stages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gtmsim.plan.capacity.MAX_FUNNEL_ROWS", 10)

    with pytest.raises(CapacityError, match="13 funnel stages; at most 10 fit"):
        compile_plan(changed(EVERYTHING))


def test_too_many_months_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gtmsim.plan.capacity.MAX_MONTHS", 47)

    with pytest.raises(CapacityError, match="48 months; at most 47 fit"):
        compile_plan(changed(EVERYTHING))


def test_structure_tables_have_the_types_that_kernels_are_compiled_for() -> None:
    for document in (SMALLEST, EVERYTHING):
        structure = compile_plan(changed(document)).structure
        for name, table in structure._asdict().items():
            kind = (
                np.uint64
                if name.endswith("_key")
                else np.bool_
                if name.endswith(("_of", "_for", "_opens")) and name != "segment_of"
                else np.int64
            )
            assert table.dtype == kind, name
            assert table.flags.c_contiguous, name
