"""A lead on its way through the stages of its motion (docs/model.md, section 3)."""

from gtmsim.engines.reference.clock import Life, Turn
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Deal
from gtmsim.engines.reference.onboarding import win
from gtmsim.engines.reference.sellers import Hold, Request, Work
from gtmsim.engines.reference.terms import NOBODY, StageTerms
from gtmsim.plan.structure import Purpose
from gtmsim.rules.buyers import with_odds
from gtmsim.rules.money import round_half_up
from gtmsim.vocabulary import (
    ChannelAccount,
    EventKind,
    FunnelAccount,
    LeadCohortAccount,
    SegmentAccount,
)


def sell(company: Company, deal: Deal, row: int) -> Life:
    """Work a deal from the stage at ``row`` to its win or loss."""
    clock, entity, motion = company.clock, deal.entity.id, deal.motion
    hold: Hold | None = None
    seller: Hold | None = None
    for stage in motion.stages_from(row):
        enter(company, deal, stage)
        outcome_luck, duration_luck = company.luck.pair(deal.entity, stage.key)
        is_won = outcome_luck < win_rate(company, deal, stage)
        slower = company.terms.market.duration[stage.row, deal.account.profile]
        duration = stage.duration.at(duration_luck) * slower
        if stage.team == NOBODY:
            if not is_won and stage.row < motion.opportunity_row:
                lose(company, deal, stage, FunnelAccount.LOST)
                return
            yield clock.at(clock.now + duration, Turn.REQUEST, entity)
            if stage.row >= motion.opportunity_row:
                log(company, deal, EventKind.STAGE_ENDED, stage)
        else:
            hold = hold or (yield request_rep(company, deal, stage))
            if hold is None:
                lose(company, deal, stage, FunnelAccount.EXPIRED)
                return
            yield clock.at(clock.now + duration, Turn.END, entity)
            log(company, deal, EventKind.STAGE_ENDED, stage)
            seller = hold
            if not is_won or team_after(deal, stage) != stage.team:
                company.teams[stage.team].release(hold)
                hold = None
        if not is_won:
            lose(company, deal, stage, FunnelAccount.LOST)
            return
        company.accounts.post_funnel(stage.row, FunnelAccount.WON)
    yield from win(company, deal, seller)


def win_rate(company: Company, deal: Deal, stage: StageTerms) -> float:
    """Win rate of a stage that a deal enters now: by its account, prices, and the product.

    The product is that of the month in which it came; the opening pipeline has that of the first.
    """
    terms, came = company.terms, deal.entity.lead_month or 0
    rate = terms.market.win_rate[stage.row, deal.account.profile]
    by_price = terms.prices.odds[company.month, stage.row]
    return float(with_odds(rate, by_price * company.state.product_odds[came, stage.row]))


def enter(company: Company, deal: Deal, stage: StageTerms) -> None:
    """Enter a stage, which costs; at the opportunity stage a deal without a price gets it."""
    accounts, segment = company.accounts, deal.segment.row
    accounts.post_funnel(stage.row, FunnelAccount.ENTERED)
    accounts.post_segment(segment, SegmentAccount.STAGE_COST, stage.entry_cost)
    accounts.post_channel(
        segment, deal.stream.channel, ChannelAccount.VARIABLE_COST, stage.entry_cost
    )
    accounts.post_cohort(
        deal.entity.lead_month, segment, LeadCohortAccount.VARIABLE_COST, stage.entry_cost
    )
    log(company, deal, EventKind.STAGE_ENTERED, stage, stage.entry_cost)
    if stage.row == deal.motion.opportunity_row and not deal.is_priced:
        set_price(company, deal)
        accounts.post_both(segment, deal.stream.channel, "OPPORTUNITIES")
        accounts.post_segment(segment, SegmentAccount.PIPELINE_CREATED_ARR, deal.acv)
        log(company, deal, EventKind.OPPORTUNITY, stage, deal.acv)


def set_price(company: Company, deal: Deal) -> None:
    """Fix the list price of a deal that is an opportunity as of now."""
    deal.acv = price_now(company, deal)
    deal.opportunity_time = company.clock.now


def price_now(company: Company, deal: Deal) -> int:
    """List price a year of a deal at today's prices."""
    u0, _ = company.luck.pair(deal.entity, Purpose.ACV)
    level = company.terms.prices.level[company.month, deal.segment.row]
    return max(1, int(round_half_up(list_price(deal, u0) * level)))


def choose_motion(company: Company, deal: Deal) -> None:
    """Let a lead that comes now fall back to another motion if it is worth less than its own."""
    segment = deal.segment
    if segment.fallback is not None and price_now(company, deal) < segment.fallback_below:
        deal.motion = segment.fallback


def list_price(deal: Deal, u: float) -> float:
    """List price a year at the start's prices: of its own, or a share of the potential."""
    segment = deal.segment
    if deal.account.is_known and segment.potential_share is not None:
        return deal.account.potential * segment.potential_share.at(u)
    assert segment.acv is not None
    return segment.acv.at(u)


def request_rep(company: Company, deal: Deal, stage: StageTerms) -> Request:
    """Ask for a rep of the stage's team, with the deal's patience."""
    segment = deal.segment
    patience = None
    if stage.patience is not None:
        u0, _ = company.luck.pair(deal.entity, stage.patience_key)
        patience = stage.patience.at(u0)
    priority = segment.priority_of(deal.acv)
    work = Work(deal.entity.id, segment.row, priority, lead_month=deal.entity.lead_month)
    return company.teams[stage.team].request(work, patience)


def team_after(deal: Deal, stage: StageTerms) -> int:
    """Team of the next stage; `NOBODY` after the last."""
    later = deal.motion.stages_from(stage.row + 1)
    return later[0].team if later else NOBODY


def lose(company: Company, deal: Deal, stage: StageTerms, reason: FunnelAccount) -> None:
    """Lose a deal in a stage: by its outcome, or because it waited too long."""
    accounts, row = company.accounts, deal.segment.row
    accounts.post_funnel(stage.row, reason)
    accounts.post_cohort(deal.entity.lead_month, row, LeadCohortAccount.OPEN_LEADS, -1)
    was_opportunity = stage.row >= deal.motion.opportunity_row
    company.pool.free(deal.account, company.month, cools=was_opportunity)
    if was_opportunity:
        accounts.post_both(row, deal.stream.channel, "LOST_OPPORTUNITIES")
        accounts.post_segment(row, SegmentAccount.PIPELINE_CLOSED_ARR, deal.acv)
    if reason is FunnelAccount.LOST:
        log(company, deal, EventKind.LOST, stage, deal.acv)


def log(company: Company, deal: Deal, kind: EventKind, stage: StageTerms, amount: int = 0) -> None:
    """Write a ledger entry about a deal in a stage."""
    company.accounts.log(kind, deal.entity.id, deal.segment.row, stage.row, amount=amount)
