"""Expansion: usage triggers a playbook, perhaps a rep works it, the ARR grows or not."""

from gtmsim.engines.reference.billing import change_arr
from gtmsim.engines.reference.clock import Life, Turn
from gtmsim.engines.reference.company import Company
from gtmsim.engines.reference.customer import Service
from gtmsim.engines.reference.sellers import Hold, Work
from gtmsim.engines.reference.terms import NOBODY, PlaybookTerms
from gtmsim.rules.clocks import trigger_time, unit_exponential
from gtmsim.rules.money import round_half_up
from gtmsim.vocabulary import EventKind, SegmentAccount


def follow_playbook(company: Company, service: Service, playbook: PlaybookTerms, step: int) -> Life:
    """One playbook for one customer: trigger, work, outcome, and the next clock.

    It ends when the customer leaves, or moves up to a segment with playbooks of its own.
    """
    while follows(service, step):
        n = start_clock(company, service, playbook)
        u0, _ = company.luck.pair(service.customer.entity, playbook.clock_key, n)
        yield from wait_for_trigger(company, service, playbook, unit_exponential(u0), step)
        if follows(service, step):
            yield from attempt(company, service, playbook, n)


def follows(service: Service, step: int) -> bool:
    """Whether a customer is in service, in the segment of a playbook that began at ``step``."""
    return service.active and service.customer.step == step


def start_clock(company: Company, service: Service, playbook: PlaybookTerms) -> int:
    """Count the clock that starts now; its number is how many the customer had before."""
    used = service.customer.entity.used
    used[playbook.clock_key] += 1
    return used[playbook.clock_key] - 1


def wait_for_trigger(
    company: Company, service: Service, playbook: PlaybookTerms, exponential: float, step: int
) -> Life:
    """Wait until the playbook's cumulative hazard has grown by ``exponential``, or to a departure.

    The policy changes the rate at boundaries, so each month is looked at when it opens.
    """
    hazard, rate, row = company.state.hazard, company.state.rate, playbook.row
    threshold = hazard[row] + rate[row] * (company.clock.now - company.month) + exponential
    while threshold >= hazard[row] + rate[row]:
        yield company.month_opened
        if not follows(service, step):
            return
    fires = trigger_time(threshold, hazard[row], rate[row], company.month)
    yield company.clock.at(fires, Turn.OWN, service.entity, row)


def attempt(company: Company, service: Service, playbook: PlaybookTerms, n: int) -> Life:
    """Trigger number ``n``: what it costs, who works it, and what comes of it."""
    company.post(service, SegmentAccount.EXPANSION_TRIGGERS)
    company.post(service, SegmentAccount.EXPANSION_COST, playbook.cost)
    log(company, service, playbook, EventKind.EXPANSION_TRIGGERED, playbook.cost)
    if playbook.team == NOBODY:
        conclude(company, service, playbook, n, None)
        return
    team = company.teams[playbook.team]
    duration_luck, patience_luck = company.luck.pair(service.customer.entity, playbook.work_key, n)
    segment = service.segment
    work = Work(service.entity, segment.row, segment.priority_of(0), playbook.row)
    patience = playbook.patience.at(patience_luck) if playbook.patience else None
    service.customer.attempts += 1
    hold: Hold | None = yield team.request(work, patience)
    if hold is None:
        service.customer.attempts -= 1
        return
    ends = company.clock.now + (playbook.duration.at(duration_luck) if playbook.duration else 0.0)
    yield company.clock.at(ends, Turn.END, service.entity, playbook.row)
    team.release(hold)
    service.customer.attempts -= 1
    conclude(company, service, playbook, n, hold)


def conclude(
    company: Company, service: Service, playbook: PlaybookTerms, n: int, seller: Hold | None
) -> None:
    """Outcome of attempt ``n``: the ARR grows if the customer agrees, is here, and may grow."""
    outcome_luck, uplift_luck = company.luck.pair(service.customer.entity, playbook.attempt_key, n)
    added = 0
    if service.active and outcome_luck < playbook.win_rate:
        raised = int(round_half_up(service.arr * (1.0 + playbook.uplift.at(uplift_luck))))
        added = service.customer.expanded(service.arr, raised) - service.arr
    if added <= 0:
        log(company, service, playbook, EventKind.EXPANSION_FAILED, 0)
        return
    company.post(service, SegmentAccount.EXPANSIONS)
    company.post(service, SegmentAccount.EXPANSION_ARR, added)
    log(company, service, playbook, EventKind.EXPANDED, added)
    if seller is not None:
        commission = company.post_bookings(service.segment.row, seller.team, added)
        company.post(service, SegmentAccount.EXPANSION_COMMISSIONS, commission)
        company.credit_rep(seller, added)
    change_arr(company, service, added)


def log(
    company: Company, service: Service, playbook: PlaybookTerms, kind: EventKind, amount: int
) -> None:
    """Write a ledger entry about an attempt."""
    company.accounts.log(
        kind, service.entity, service.segment.row, playbook.team, amount=amount, sub=playbook.row
    )
