"""Seats, queues and patience, worked out by hand (docs/model.md, section 4)."""

from gtmsim.vocabulary import EventKind, FunnelAccount, SegmentAccount, TeamAccount
from tests.engines.reference.companies import MONTH, company, story_of, with_team

TICKS = 1 << 20


def deals(n: int) -> dict:
    return {"company__opening__pipeline": {"smb": {"close": n}}}


def test_deals_beyond_the_slots_wait_in_the_order_of_their_ids():
    story = story_of(with_team(**deals(3)))
    assert story.times(EventKind.GRANTED) == [0.0, 1.0, 2.0]
    assert story.places(EventKind.GRANTED) == [0, 1, 2]
    assert story.amounts(EventKind.GRANTED) == [0, TICKS, 2 * TICKS]
    book = story.books.team[:, 0]
    assert book[:3, TeamAccount.REQUESTS].tolist() == [3, 0, 0]
    assert book[:4, TeamAccount.WAITING].tolist() == [2, 1, 0, 0]
    assert book[:4, TeamAccount.WAITED_TICKS].tolist() == [0, TICKS, 2 * TICKS, 0]
    assert book[:4, TeamAccount.WORKED_TICKS].tolist() == [TICKS, TICKS, TICKS, 0]


def test_a_grant_takes_the_seat_with_the_fewest_open_deals_and_the_lowest_on_ties():
    story = story_of(with_team(open_deals=2, reps=2, **deals(4)))
    assert story.seats(EventKind.GRANTED) == [0, 1, 0, 1]


def test_queue_priority_goes_before_the_time_of_the_request():
    tables = with_team(**deals(2))
    tables["segments"]["vip"] = {**tables["segments"]["smb"], "queue_priority": 1, "motion": "vip"}
    stages = {
        "talk": {"win_rate": 1.0, "days": MONTH / 2},
        "close": {"win_rate": 1.0, "days": MONTH, "team": "ae"},
    }
    tables["motions"]["vip"] = {"stages": stages}
    tables["company"]["opening"]["pipeline"]["vip"] = {"talk": 1}
    story = story_of(tables)
    granted = [(float(e["time"]), int(e["segment"])) for e in story.entries(EventKind.GRANTED)]
    assert granted == [(0.0, 0), (1.0, 1), (2.0, 0)]


def test_patience_ends_in_a_loss_at_its_own_time():
    story = story_of(with_team(motions__direct__stages__close__patience_days=MONTH / 2, **deals(2)))
    assert story.times(EventKind.EXPIRED) == [0.5]
    assert story.times(EventKind.LOST) == []
    assert story.by_month(SegmentAccount.LOST_OPPORTUNITIES)[0] == 1
    assert story.by_month(SegmentAccount.PIPELINE_CLOSED_ARR)[0] == 1_200_000
    assert story.books.funnel[0, 0, FunnelAccount.EXPIRED] == 1
    assert story.books.team[0, 0, TeamAccount.EXPIRED] == 1
    assert story.books.team[0, 0, TeamAccount.WAITING] == 0


def test_a_grant_beats_an_expiry_at_the_same_instant():
    story = story_of(with_team(motions__direct__stages__close__patience_days=MONTH, **deals(2)))
    assert story.times(EventKind.GRANTED) == [0.0, 1.0]
    assert story.times(EventKind.EXPIRED) == []


def test_a_new_rep_takes_the_head_of_the_queue_at_the_boundary_before_it_expires_there():
    story = story_of(
        with_team(
            motions__direct__stages__close__days=6 * MONTH,
            motions__direct__stages__close__patience_days=3 * MONTH,
            **deals(2),
        )
        | {
            "teams": {
                "ae": {
                    "function": "sales",
                    "reps": 1,
                    "open_deals": 1,
                    "base_per_year": 0,
                    "hires": ({"month": 4, "n": 1},),
                }
            }
        }
    )
    assert story.times(EventKind.GRANTED) == [0.0, 3.0]
    assert story.seats(EventKind.GRANTED) == [0, 1]
    assert story.times(EventKind.EXPIRED) == []


def test_a_rep_who_left_finishes_deals_and_gets_no_more():
    tables = with_team(motions__direct__stages__close__days=1.5 * MONTH, **deals(2))
    tables["teams"]["ae"] |= {"leaves_per_year": 1e6, "replaces": False}
    story = story_of(tables)
    assert story.times(EventKind.REP_LEFT) == [1.0]
    assert story.times(EventKind.RELEASED) == [1.5]
    assert story.times(EventKind.GRANTED) == [0.0]
    assert story.books.team[-1, 0, TeamAccount.WAITING] == 1


def test_a_freed_slot_goes_to_the_queue_before_the_releasing_deal_asks_again():
    team = {"function": "sales", "reps": 1, "open_deals": 1, "base_per_year": 0}
    worked = {"win_rate": 1.0, "days": MONTH}
    story = story_of(
        company(
            company__opening__pipeline={"smb": {"close": 2}},
            motions__direct={"stages": {"close": {**worked, "team": "ae"}}},
            segments__smb__onboarding={"team": "ae", "days": MONTH},
            teams__ae=team,
        )
    )
    # the first deal's onboarding asks at 1.0, when the second deal has just taken its rep
    granted = list(
        zip(story.times(EventKind.GRANTED), story.places(EventKind.GRANTED), strict=True)
    )
    assert granted == [(0.0, 0), (1.0, 1), (2.0, 0), (3.0, 1)]
