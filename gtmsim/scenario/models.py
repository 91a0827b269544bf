"""What a scenario may say: one frozen model per table of the TOML file.

The text under each field is the reference that users read. Unknown keys are refused. A number's
type names its unit and range; ``Uncertain`` numbers are drawn once per draw, ``Varying`` ones per
customer, deal or event (their parameters may themselves be uncertain).
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from gtmsim.scenario.distributions import Distribution
from gtmsim.scenario.kinds import MONTHS
from gtmsim.scenario.quantities import (
    CorrelationGiven,
    CountGiven,
    Days,
    ExpectationText,
    Figure,
    Growth,
    Level,
    Money,
    MoneyByStage,
    MoneyGiven,
    MonthNumber,
    MonthsGiven,
    Multiple,
    Name,
    Rate,
    Share,
    ShareByStage,
    ShareGiven,
    Title,
    VaryingDays,
    VaryingMoney,
    VaryingMonths,
    VaryingMultiple,
    VaryingRate,
    VaryingShare,
    Weight,
    whole,
)
from gtmsim.scenario.readonly import read_only
from gtmsim.settings import MAX_MONTHS


class Frozen(BaseModel):
    """A table of the scenario: immutable with the tables in it, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
    )

    @model_validator(mode="after")
    def _with_read_only_tables(self) -> Self:
        # ``frozen`` guards the fields alone, and defaults are not validated one by one.
        for name, value in self.__dict__.items():
            self.__dict__[name] = read_only(value)
        return self


class Header(Frozen):
    """What the scenario is called and asks, and the calendar it runs on."""

    name: Title
    """Title, shown above every answer."""
    question: Title = ""
    """The decision that the scenario is about, in one sentence."""
    start: date
    """First day of month 1."""
    months: Annotated[int, whole(1, MAX_MONTHS, "months")]
    """Length of the simulation, months."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    """ISO 4217 code; every amount is in it."""


class Opens(Frozen):
    """When a segment opens: by a month or a company stage, and by what must hold before.

    With conditions it opens at the first boundary, not before the month or stage that is given, at
    which all of them hold, and stays open.
    """

    month: MonthNumber | None = None
    """Month number; 1 is the first."""
    stage: Name | None = None
    """Or: company stage, at the boundary where its policy begins."""
    after: Name | None = None
    """Segment that must be healthy before: CAC, CAC per unit of ACV, payback and logo churn of its
    last 12 months within the playbook's limits of its profile (``verdicts``)."""
    healthy_months: Annotated[int, whole(1, 60, "months")] = 6
    """Month ends in a row at which it must have been healthy."""
    runway_months: MonthsGiven | None = None
    """Months that cash must last at the mean net burn of the last 3 months."""


class Round(Frozen):
    """A funding round."""

    month: MonthNumber | None = None
    """Month in which the money arrives, before that month's costs are paid."""
    stage: Name | None = None
    """Or: the company stage whose beginning brings it."""
    delay_months: Annotated[int, whole(0, MAX_MONTHS, "months")] = 0
    """From the beginning of its stage to the money: how long the round takes to close."""
    amount: Money
    """Money received, net of fees."""
    closes: Share = 1.0
    """Probability that the round closes at all."""


class Floor(Frozen):
    """What the company does when cash runs low, before it is insolvent."""

    cash_below: Money
    """The policy acts at a month's end with cash under this."""
    hiring_freeze: bool = True
    """No hire is started or replaced while it acts."""
    spend_cut: Share = 0.0
    """Share of channel spend that is dropped while it acts."""
    bridge: Money = 0.0
    """A bridge round, received once, the first time the policy acts."""


SPREAD_OVER_THREE_YEARS = Distribution(
    MONTHS, "uniform", (("low", 0.0), ("high", 36.0)), varies=True
)


class OpeningCustomers(Frozen):
    """Customers that the company already has in one segment."""

    count: CountGiven
    """Customers at the start."""
    acv: VaryingMoney | None = None
    """List price a year per customer; by default the segment's."""
    age_months: VaryingMonths = SPREAD_OVER_THREE_YEARS
    """Time since each one's service began; by default spread evenly over the last 36 months, so
    that renewals and payments do not all fall into one month."""


class Opening(Frozen):
    """The position at the start of month 1."""

    customers: Mapping[Name, OpeningCustomers] = {}
    """Customers by segment."""
    pipeline: Mapping[Name, Mapping[Name, CountGiven]] = {}
    """Open deals by segment and motion stage; each enters its stage at the start."""


class Company(Frozen):
    """Cash, funding and the opening position."""

    cash: Money
    """Cash at the start."""
    floor: Floor | None = None
    """Low-cash policy; without one the company goes on unchanged until it is insolvent."""
    rounds: Mapping[Name, Round] = {}
    """Funding rounds by name."""
    largest_customer_leaves: MonthNumber | None = None
    """Month at whose end the customer with the most ARR, of all segments, leaves for good: what it
    was invoiced stays due, the rest of its contract is lost. Nobody by default."""
    opening: Opening = Opening()
    """Customers and pipeline at the start; none by default."""


class Stage(Frozen):
    """A stage of the company and its policy."""

    from_arr: Money | None = None
    """Closing ARR from which the company is in it."""
    open: tuple[Name, ...] | None = None
    """Segments sold to from this stage on; segments opened otherwise stay open."""


class StageRule(Frozen):
    """When the policy follows the stage."""

    confirm_months: Annotated[int, whole(1, 24, "months")] = 1
    """Month ends in a row at or above the threshold before the policy changes."""
    falls_back: bool = False
    """Whether the policy returns to an earlier stage when ARR has fallen under its threshold."""


class PriceChange(Frozen):
    """A change of list prices."""

    month: MonthNumber
    """Month from whose start it holds."""
    change: Growth
    """Relative change of list prices, such as 0.1 for ten per cent more."""
    segments: tuple[Name, ...] | None = None
    """Segments whose prices change; by default all."""
    renewals: bool = False
    """Whether customers of before pay it too, from their next renewal on."""
    win_odds_elasticity: Multiple = 0.0
    """Odds of winning are multiplied by (1 + change) to the power of minus this, over the stages of
    the motion together."""
    churn_elasticity: Multiple = 0.0
    """The hazard of churn at the renewal that brings the change is multiplied by (1 + change) to
    the power of this."""


class CostLine(Frozen):
    """A running cost of the company."""

    function: Literal["product", "g_and_a", "marketing", "sales", "success", "support"]
    """Where it is shown; marketing and sales count as acquisition, success and support as cost
    of revenue."""
    per_month: MoneyByStage = 0.0
    """Amount a month, by company stage if it differs."""
    growth_per_year: Growth = 0.0
    """Yearly growth of the amount, compounding monthly from month 1."""
    share_of_revenue: Share = 0.0
    """Plus this share of the month's revenue."""


class TechStack(Frozen):
    """Tools that a segment's motion needs; paid while an open segment uses them."""

    per_month: Money
    """Cost a month of what this stack adds."""
    includes: tuple[Name, ...] = ()
    """Stacks inside this one; each is paid once however many segments use it."""


class Budget(Frozen):
    """A total that channels share."""

    per_month: MoneyByStage = 0.0
    """Amount a month, by company stage if it differs."""
    share_of_arr: ShareByStage = 0.0
    """Plus this share of last closing ARR, a year (a twelfth each month)."""


class Focus(Frozen):
    """How an allocation is split; the shares sum to 1, in every company stage."""

    product: ShareByStage = 0.0
    """Product, spent as a running cost."""
    marketing: ShareByStage = 0.0
    """Marketing: the budget ``marketing``, of which channels spend their shares."""
    sales_and_success: ShareByStage = 0.0
    """Sales and customer success: what the pay of the allocation's ``teams`` may come to."""
    support: ShareByStage = 0.0
    """Support and implementation, spent as a running cost."""


class ProductEffect(Frozen):
    """What product spend does to churn and to the odds of winning.

    Churn hazard x (spend / reference) ** -``churn_elasticity``, odds of winning x (spend /
    reference) ** ``win_odds_elasticity``. It acts without delay, and for a quarter to four times
    the reference; both elasticities are assumptions, since no primary source measures them.
    """

    reference_per_month: Money
    """Product part a month at which churn and win rates are what the scenario states."""
    churn_elasticity: Multiple = 0.0
    """Relative fall of the churn hazard per relative rise of product spend."""
    win_odds_elasticity: Multiple = 0.0
    """Relative rise of the odds of winning per relative rise of product spend in the month in which
    the lead came, over the stages of the motion together."""


class Allocation(Frozen):
    """A total budget of the company, split between product, marketing, sales and success, support.

    The total is ``per_month`` plus ``share_of_arr``, at most what ``burn_limit_per_month`` leaves.
    """

    per_month: MoneyByStage | None = None
    """Amount a month, by company stage if it differs."""
    share_of_arr: ShareByStage | None = None
    """Plus this share of last closing ARR, a year (a twelfth each month)."""
    burn_limit_per_month: Money | None = None
    """Net burn a month that last month would not have exceeded with this month's total; alone, the
    total is all that it leaves."""
    focus: Focus
    """Shares of the parts."""
    teams: tuple[Name, ...] = ()
    """Teams of the sales and success part: a hire that would bring their pay (base, on-costs and
    tools) above it waits until it fits."""
    product_effect: ProductEffect | None = None
    """What product spend does to churn and win odds; nothing by default."""


class Response(Frozen):
    """Leads from spend, with diminishing returns and carry-over; a power law or a Hill curve.

    Power law: leads = ``leads`` x (effect / ``reference_spend``) ** ``elasticity``.
    Hill: leads = ``max_leads`` x effect ** ``slope`` / (effect ** ``slope`` + ``half_spend`` **
    ``slope``). The effect is spend smoothed by ``carry_over`` (equal to spend when it is steady).
    """

    reference_spend: Money | None = None
    """Power law: spend a month at which ``leads`` arrive."""
    leads: Rate | None = None
    """Power law: leads a month at the reference spend."""
    elasticity: Share | None = None
    """Power law: relative change of leads per relative change of spend."""
    max_leads: Rate | None = None
    """Hill: leads a month that no spend exceeds."""
    half_spend: Money | None = None
    """Hill: spend a month that brings half of the maximum."""
    slope: Multiple | None = None
    """Hill: steepness; over 1 the curve is S-shaped."""
    carry_over: Share = 0.0
    """Share of last month's effect that remains."""
    established: bool = False
    """Whether the spend ran before the start; the effect then begins at its steady level."""


class SpendShare(Frozen):
    """A channel's part of a budget."""

    budget: Name
    """Budget it draws on."""
    share: Share
    """Share of the budget."""


class Outbound(Frozen):
    """Leads that sellers find themselves."""

    team: Name
    """Team that prospects."""
    leads_per_rep_per_month: Rate
    """Leads a month of a fully ramped rep."""


class WordOfMouth(Frozen):
    """Leads that active customers bring."""

    per_customer_per_month: Rate
    """Leads a month per active customer."""
    customers_of: tuple[Name, ...] | None = None
    """Segments whose customers count; by default all."""
    reward: Money = 0.0
    """Paid per customer won through it."""


class Partners(Frozen):
    """Leads from partners."""

    count: Rate
    """Active partners at the start."""
    added_per_month: Rate = 0.0
    """Partners added each month."""
    leads_per_partner_per_month: Rate
    """Leads a month per partner."""
    commission: Share = 0.0
    """Share of first-year ACV paid to the partner per customer won."""


class Event(Frozen):
    """A conference, launch or campaign in one month."""

    month: MonthNumber
    """Month in which it takes place."""
    leads: Rate
    """Leads it brings, in expectation, in that month."""
    cost: Money = 0.0
    """What it costs, paid in that month."""
    every_months: Annotated[int, whole(1, MAX_MONTHS, "months")] | None = None
    """Repeats after so many months, to the end."""


class Reach(Frozen):
    """Which buyers of the market a channel reaches better than others."""

    employees: Multiple = 1.0
    """Employees of its median lead over those of the market's median account."""
    potential: Multiple = 1.0
    """ACV potential of its median lead over that of accounts of the same size."""
    verticals: Mapping[Name, Multiple] = {}
    """Weight by vertical, on the market's shares; 1 for those not named."""
    regions: Mapping[Name, Multiple] = {}
    """Weight by region, on the market's shares; 1 for those not named."""


class Channel(Frozen):
    """Where leads come from. Sources add up; leads a month are split by the segment mix."""

    segments: Mapping[Name, Share] = {}
    """Share of its leads per segment; sums to 1. Leads of a closed segment count as unserved.
    Without it, leads are accounts of the market in ``buyers``, and ``segmentation`` decides."""
    reach: Reach | None = None
    """Which buyers it reaches better than others; by default all alike."""
    organic_per_month: Rate = 0.0
    """Leads a month without spend, at the start."""
    growth_per_year: Growth = 0.0
    """Yearly growth of organic leads, compounding monthly."""
    seasonality: Annotated[tuple[Rate, ...], Field(min_length=12, max_length=12)] | None = None
    """Twelve factors on organic leads, January first."""
    spend_per_month: MoneyByStage = 0.0
    """Spend a month, by company stage if it differs."""
    spend: SpendShare | None = None
    """Or: a share of a budget."""
    response: Response | None = None
    """Leads that spend brings."""
    outbound: Outbound | None = None
    """Leads that sellers prospect."""
    virality: WordOfMouth | None = None
    """Leads from use of the product by customers."""
    referrals: WordOfMouth | None = None
    """Leads that customers recommend."""
    partners: Partners | None = None
    """Leads from partners."""
    events: Mapping[Name, Event] = {}
    """Leads from events in named months."""
    cost_per_lead: Money = 0.0
    """Paid for each lead on top of spend."""


class MotionStage(Frozen):
    """One stage of a motion: work, then an outcome."""

    win_rate: Share
    """Probability that a lead or deal in it goes on to the next stage (or is won)."""
    days: VaryingDays = 0.0
    """Time it takes."""
    cost: Money = 0.0
    """Paid per entry."""
    touches: Multiple = 0.0
    """Human touches per entry."""
    cost_per_touch: Money = 0.0
    """Cost of a touch, paid at entry."""
    team: Name | None = None
    """Team whose rep works it; entries queue for a free slot."""
    patience_days: VaryingDays | None = None
    """How long an entry waits for a rep before it is lost; by default for ever."""


Touch = Literal["self_service", "assisted", "field"]
"""How much a buyer is looked after, from none to a field team."""


class Motion(Frozen):
    """How a segment is sold to: its stages in the order of the file."""

    touch: Touch | None = None
    """How much it looks after buyers, against what those of ``buyers`` need. By default
    ``self_service`` without a team in its stages, else ``assisted``."""
    stages: Annotated[Mapping[Name, MotionStage], Field(min_length=1, max_length=12)]
    """Stages by name."""
    order: tuple[Name, ...] | None = None
    """Their order, where overlays add stages in between."""
    opportunity_stage: Name | None = None
    """From this stage on an entry counts as an opportunity: its ACV is fixed and its outcome
    falls at the stage's end. By default the first stage with a team, else the last stage."""


class Churn(Frozen):
    """Yearly churn that differs between customers: Beta over customers."""

    mean: Share | None = None
    """Mean yearly probability over newcomers."""
    concentration: Multiple | None = None
    """Alpha + beta; small means that customers differ much. Absent: all alike."""
    alpha: Multiple | None = None
    """Or: the Beta's own parameters."""
    beta: Multiple | None = None
    """Or: the Beta's own parameters."""


def _churn_form(value: Any) -> str:
    """Tell customers who differ from one uncertain probability, by the keys of the table."""
    if isinstance(value, Churn):
        return "churn"
    keys = set(value) if isinstance(value, Mapping) else set()
    differs = keys & set(Churn.model_fields) and not keys & {"sd", "family"}
    return "churn" if differs else "share"


ChurnPerYear = Annotated[
    Annotated[Churn, Tag("churn")] | Annotated[Share, Tag("share")], Discriminator(_churn_form)
]


class VolumeDiscount(Frozen):
    """A discount for large deals, off the price that the contract's own discount leaves."""

    from_acv: Money
    """List price a year from which a deal gets it, instead of that of the step before."""
    discount: Share
    """Price kept = (1 - the contract's ``discount``) x (1 - this)."""


class Contract(Frozen):
    """An offer on the segment's contract menu."""

    share: Share
    """Share of new customers who take it; the menu sums to 1."""
    term_months: Annotated[int, whole(1, 120, "months")]
    """Length; 1 is month to month."""
    billing: Literal["monthly", "quarterly", "half_yearly", "annual", "upfront"] = "annual"
    """Invoice period; it divides the term. ``upfront`` is the whole term."""
    in_arrears: bool = False
    """Invoice at the end of each period, not at its start."""
    payment_days: Days = 0.0
    """Days from invoice to payment."""
    discount: Share = 0.0
    """Discount on list price."""
    reference_discount: Share | None = None
    """Discount at which ``share`` was observed, for ``contract_choice``; by default its own."""
    reference_payment_days: Days | None = None
    """Payment days at which ``share`` was observed, for ``contract_choice``; by default its own."""
    volume_discounts: Annotated[tuple[VolumeDiscount, ...], Field(max_length=9)] = ()
    """More discount for larger deals, from the smallest step on; like ``discount`` it is fixed at
    the signature and goes on at renewals."""
    uplift: Share = 0.0
    """Price increase at each renewal; counts as expansion, shown apart."""
    service_starts: Literal["signature", "go_live"] = "go_live"
    """When ARR, invoices and the term begin."""


class ContractChoice(Frozen):
    """How buyers move between the contracts of a menu when the terms on offer change.

    Each contract's share is multiplied by ((1 - discount) / (1 - reference discount)) **
    -``discount_elasticity`` x exp(``payment_days_sensitivity`` x (payment days - reference) / 30),
    for deals with a volume discount by (1 - that) ** -``discount_elasticity`` as well, and the menu
    is scaled to sum to 1: at the reference terms the shares are those stated. Both numbers are
    assumptions: no primary source measures them.
    """

    discount_elasticity: Multiple = 0.0
    """Relative rise of a contract's weight per relative fall of its price."""
    payment_days_sensitivity: Multiple = 0.0
    """Rise of the logarithm of a contract's weight per 30 days more to pay."""


class Onboarding(Frozen):
    """What happens between signature and go-live."""

    days: VaryingDays = 0.0
    """Work until go-live, after the wait for a rep of the team."""
    cost: Money = 0.0
    """Cost per customer, paid when onboarding is due to start (signature)."""
    fee: Money = 0.0
    """One-off services fee per customer, invoiced at signature; revenue outside ARR."""
    first_value_days: Days | None = None
    """Time from signature to service within which customers expect value; by default they wait."""
    late_churn: Multiple = 1.0
    """Factor on the churn hazard of customers for whom that was missed."""
    team: Name | None = None
    """Team that implements; none means that nobody is waited for."""


class Playbook(Frozen):
    """A way in which customers expand."""

    per_year: Rate
    """Triggers a year per active customer (a usage limit reached, seats asked for)."""
    win_rate: Share
    """Probability that a trigger ends in an expansion."""
    uplift: VaryingShare
    """Added ARR as a share of the customer's ARR."""
    cost: Money = 0.0
    """Cost per trigger."""
    team: Name | None = None
    """Team that works it; without one the outcome falls at once."""
    days: VaryingDays = 0.0
    """Work per trigger, with a team only."""
    patience_days: VaryingDays | None = None
    """How long the trigger waits for a rep; by default for ever."""


class Contraction(Frozen):
    """Customers who shrink at renewal."""

    per_year: Share
    """Yearly probability of shrinking at the renewals that fall due."""
    size: VaryingShare
    """Share of ARR given up."""


class HealthScore(Frozen):
    """A noisy sign of churn: CSMs save only those whom it warns of, and work on false alarms too.

    Shares and time are assumptions: no primary source measures them.
    """

    sees: Share
    """Share of churning renewals that it warns of in time; the others cannot be saved."""
    false_alarms: Share = 0.0
    """Share of accounts that it warns of without cause, each month."""
    accounts_per_alarm: Multiple = 0.0
    """Work of an alarm, true or false: the time that so many accounts take for a month."""


class BusinessReviews(Frozen):
    """Regular reviews with the customer, as far as CSMs have time left for them.

    Effect and time are assumptions: no primary source measures them.
    """

    per_year: Rate = 4.0
    """Reviews a year per account."""
    cost: Money = 0.0
    """What a review costs beside the CSM's time."""
    accounts_per_review: Multiple = 0.5
    """Work of a review: the time that so many accounts take for a month."""
    churn: Multiple = 0.9
    """Factor on the churn hazard where all reviews are held; in proportion where some are."""


class AccountPlans(Frozen):
    """Plans by which large accounts are expanded, as far as CSMs have time left for them.

    Effect and time are assumptions: no primary source measures them.
    """

    cost_per_year: Money = 0.0
    """What a plan costs a year beside the CSM's time."""
    accounts_per_plan: Multiple = 0.25
    """Work of a plan: the time that so many accounts take, all the time."""
    expansion: Multiple = 1.2
    """Factor on expansion triggers where all plans are kept; in proportion where some are."""


class SuccessCoverage(Frozen):
    """Customer success: what it does while it keeps up, and what overload costs.

    Load = (accounts + work on alarms) / (``accounts_per_rep`` x ramped reps), over all segments of
    the team. Reviews and plans take the time that is then left: where it is not enough, the part
    for which it is enough is held.
    """

    team: Name
    """Team of CSMs."""
    accounts_per_rep: Multiple
    """Accounts that a fully ramped CSM can run."""
    churn_overload: Multiple = 1.0
    """Churn hazard is multiplied by 1 + this x (load - 1) where load exceeds 1."""
    expansion_overload: Multiple = 1.0
    """Expansion triggers are divided by 1 + this x (load - 1) where load exceeds 1."""
    save_rate: Share = 0.0
    """Share of churning renewals that a CSM saves at load up to 1; falls as 1 / load."""
    health: HealthScore | None = None
    """Health score; by default every churning renewal is seen, at no cost."""
    reviews: BusinessReviews | None = None
    """Business reviews."""
    account_plans: AccountPlans | None = None
    """Account plans."""


class Payments(Frozen):
    """Invoices that are not paid."""

    fails: Share = 0.0
    """Probability that an invoice is not paid when due."""
    retry_success: Share = 0.0
    """Share of those that a reminder or card retry still collects."""
    retry_days: Days = 14.0
    """Time the retry takes; then the contract ends and the debt is written off."""


class WinBack(Frozen):
    """Churned customers who return."""

    rate: Share
    """Share of churned customers who come back, on the same contract and ARR."""
    days: VaryingDays
    """How long they stay away."""


class Graduation(Frozen):
    """Where customers go who outgrow their segment."""

    to: Name
    """Segment that they move up to, once it is open: its team for success, its playbooks and its
    costs then hold for them. They keep their contract."""
    arr_above: Money
    """They move at the first month's start at which their ARR is at least this."""


class Fallback(Frozen):
    """Another motion for deals that are too small for the segment's own."""

    below_acv: Money
    """List price a year, at the prices of the month in which the lead comes, under which it goes
    through the other motion."""
    motion: Name
    """That motion, which has no team. The lead stays one of the segment, and so does the
    customer: price, contracts, onboarding and all that follows are the segment's."""


class ServiceLevel(Frozen):
    """A service level that is agreed with the segment's customers, and credits where it is missed.

    Outages hit all customers of a segment together: a month is missed for all or for none.
    """

    misses_per_year: Rate
    """Months a year in which it is missed, in expectation; at most 12, and where it is uncertain
    more than 12 counts as 12."""
    credit: Share
    """Share of a missed month's fee that customers get back, in cash at the month's end: less
    revenue, not less ARR."""
    churn: Multiple = 1.0
    """Churn hazard of a missed month over that of a kept one, judged at the renewal that ends the
    term; 1: who lives through it leaves no sooner. An assumption: no primary source measures it."""


class Segment(Frozen):
    """A segment: its motion, price, contracts, and what becomes of its customers."""

    motion: Name
    """Motion that sells to it."""
    profile: Literal["smb", "mid_market", "enterprise"] | None = None
    """Whose targets it is judged by; by default from its mean list price: under 15k, to 100k,
    above."""
    opens: Opens | None = None
    """When it opens. By default: with the stage that lists it, or at the start if none does."""
    acv: VaryingMoney | None = None
    """List price a year per deal, before discount."""
    potential_share: VaryingShare | None = None
    """Or, for accounts of ``buyers``: the first deal as a share of the account's ACV potential, at
    list price. Its ARR then never exceeds the potential, and ``expansion_cap`` is not asked."""
    churn_per_year: ChurnPerYear
    """Yearly logo churn of newcomers, judged at each renewal."""
    contracts: Mapping[Name, Contract]
    """Contract menu."""
    contract_choice: ContractChoice | None = None
    """How buyers' choice follows the discounts and payment days of the menu; by default they take
    the contracts by their shares whatever the terms."""
    onboarding: Onboarding = Onboarding()
    """From signature to go-live."""
    expansion: Mapping[Name, Playbook] = {}
    """Expansion playbooks."""
    expansion_cap: VaryingMultiple = 5.0
    """Potential of an account: its ARR never exceeds this multiple of its first ARR."""
    contraction: Contraction | None = None
    """Shrinking at renewal."""
    csm: SuccessCoverage | None = None
    """Customer success; none means automated."""
    payments: Payments = Payments()
    """Failed payments."""
    win_back: WinBack | None = None
    """Returning customers."""
    cogs_share: Share = 0.0
    """Hosting and third-party cost as a share of revenue, before service credits."""
    support_per_customer_per_year: Money = 0.0
    """Support cost per active customer."""
    tech_stack: Name | None = None
    """Tools it needs while open."""
    value_bands: Annotated[tuple[Money, ...], Field(max_length=9)] = ()
    """ACVs, ascending, at each of which deals go before smaller ones of the segment in the queues
    of teams; by default all are alike."""
    graduates: Graduation | None = None
    """Moving up of customers who outgrow it; by default they stay."""
    queue_priority: Annotated[int, whole(0, 99)] = 50
    """Order of its requests in team queues; lower goes first, equal is first come."""
    fallback: Fallback | None = None
    """Motion without a team that deals of low value fall back to; by default all go through
    ``motion``."""
    service_level: ServiceLevel | None = None
    """Service level that is agreed; by default none."""


class Hires(Frozen):
    """Planned hires: they start in a month, or after a stage began and the lead time passed."""

    month: MonthNumber | None = None
    """Month in which they start."""
    stage: Name | None = None
    """Or: company stage whose beginning has them hired."""
    n: CountGiven
    """How many."""


class HiringRules(Frozen):
    """Hires decided at month ends by what the month showed."""

    customers_per_rep: Multiple | None = None
    """Keep one rep per so many active customers of ``customers_of``."""
    customers_of: tuple[Name, ...] | None = None
    """Segments counted; by default those that the team serves as CSM, else all."""
    utilisation_above: Share | None = None
    """Hire when worked time exceeds this share of ramped capacity ..."""
    for_months: Annotated[int, whole(1, 24, "months")] = 2
    """... for so many months in a row."""
    n: Annotated[int, whole(1, 100)] = 1
    """Reps per decision of the utilisation rule."""


class Team(Frozen):
    """A team of reps with seats, ramp, pay and turnover."""

    function: Literal["sales", "marketing", "success", "implementation"]
    """Where its cost is shown; sales and marketing count as acquisition, the others as cost of
    revenue."""
    reps: CountGiven = 0
    """Reps at the start, fully ramped."""
    open_deals: Multiple = 1.0
    """Deals, projects or requests that a fully ramped rep holds at once."""
    hires: tuple[Hires, ...] = ()
    """Planned hires."""
    hiring: HiringRules | None = None
    """Hiring rules."""
    lead_time_months: Annotated[int, whole(0, 36, "months")] = 2
    """From a decision (rule, stage, replacement) to the start of work."""
    max_reps: Annotated[int, whole(1, 500)] = 100
    """Headcount that is never exceeded."""
    ramp_by_quarter: Annotated[tuple[Share, ...], Field(min_length=1, max_length=20)] = (1.0,)
    """Share of full capacity by quarter of tenure; the last value holds on."""
    leaves_per_year: Rate = 0.0
    """Attrition as a yearly hazard per rep."""
    replaces: bool = True
    """Whether a leaver is replaced after the lead time."""
    base_per_year: Money
    """Base pay; with commission at quota it makes OTE."""
    on_costs: Share = 0.0
    """Taxes, benefits and overhead as a share of base pay."""
    tools_per_month: Money = 0.0
    """Seat licences and equipment per rep."""
    recruiting_cost: Money = 0.0
    """Paid per hire when work starts."""
    commission: Share = 0.0
    """Share of first-year ACV of deals (or of added ARR of expansions) that the team worked."""
    quota_per_year: Money | None = None
    """Bookings a year expected of a fully ramped rep."""
    segments: tuple[Name, ...] | None = None
    """Segments that it works for: they bear its cost alike, open or not, in months in which nothing
    that it does tells whose the cost is. By default the open segments."""


class Target(Frozen):
    """A goal whose odds are reported."""

    metric: Name
    """A results variable or metric by month, such as ``closing_arr`` or ``cash``."""
    at_least: Figure | None = None
    """The target is met with the metric at or above this ..."""
    at_most: Figure | None = None
    """... or at or below this."""
    by_month: MonthNumber | None = None
    """Met if it holds at the end of any month up to this one."""
    at_month: MonthNumber | None = None
    """Or: met if it holds at the end of this very month."""
    always: bool = False
    """Or: met if it holds at the end of every month."""
    segment: Name | None = None
    """Only this segment; by default the company."""

    def last_month(self, months: int) -> int:
        """Month whose end decides it, in a simulation of so many months."""
        return self.at_month or self.by_month or months


class Expect(Frozen):
    """Something that the plan should achieve, judged by ``--check``."""

    that: ExpectationText
    """The expectation, such as ``p10(cash_min) > 0`` or ``prob(arr[36] >= 10M) >= 0.3``."""
    name: Title | None = None
    """What it is called in reports; by default its text."""
    level: Level = 0.95
    """Confidence that its verdict needs."""
    severity: Literal["error", "warning"] = "error"
    """Whether a breach fails the check, or is told only."""


class Objective(Frozen):
    """What one future is worth, for comparing plans.

    ``arr_multiple`` x closing ARR + ``cash`` x cash, or ``ruin`` where cash has run out.
    """

    arr_multiple: Weight
    """Value of a unit of ARR."""
    cash: Weight = 1.0
    """Value of a unit of cash."""
    ruin: Figure = 0.0
    """Value of a company that has run out of cash."""
    month: MonthNumber | None = None
    """Month at whose end it is valued; by default the last."""


class Limits(Frozen):
    """Limits of a healthy segment; those that are not given are the ruler's own."""

    cac: MoneyGiven | None = None
    """Fully loaded CAC, at most."""
    cac_to_acv: Weight | None = None
    """CAC per unit of first-year ACV, at most."""
    payback_months: MonthsGiven | None = None
    """CAC payback on gross margin, at most."""
    ltv_to_cac: Weight | None = None
    """LTV:CAC, at least."""
    churn_per_year: ShareGiven | None = None
    """Logo churn a year, at most."""
    gross_margin: ShareGiven | None = None
    """Gross margin, at least."""
    cac_ratio: Weight | None = None
    """CAC ratio of new logos, at most."""
    nrr: Figure | None = None
    """NRR, at least."""
    support_per_customer_per_year: MoneyGiven | None = None
    """Support cost of a customer a year, at most."""
    accounts_per_rep: Weight | None = None
    """Accounts that a CSM can run, at least."""
    expansion_per_year: ShareGiven | None = None
    """Expansion a year as a share of ARR, at least."""


class Rulers(Frozen):
    """What the segments of a profile are held against."""

    playbook: Limits = Limits()
    """The growth playbook's targets."""
    benchmark: Limits = Limits()
    """What surveys publish of companies with such customers."""


class Verdicts(Frozen):
    """Limits of healthy segments, by profile."""

    smb: Rulers = Rulers()
    """Segments of small businesses."""
    mid_market: Rulers = Rulers()
    """Segments of mid-sized companies."""
    enterprise: Rulers = Rulers()
    """Segments of large companies."""


class Correlation(Frozen):
    """Two uncertain inputs that tend to be high together, or one high where the other is low."""

    between: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
    """Paths of the two inputs, such as ``motions.sales.stages.demo.win_rate``. The one that is
    mentioned first, in this table or an earlier one, keeps its draws."""
    spearman: CorrelationGiven
    """Rank correlation, between -1 and 1."""


class BuyerClass(Frozen):
    """A class of accounts: what they need, and how they differ from others in a motion."""

    needs: Touch = "self_service"
    """Touch that these accounts need at least; an account needs the most that a class of it asks
    for."""
    win_odds: Multiple = 1.0
    """Factor on the odds of winning the whole motion, spread over its stages."""
    days: Multiple = 1.0
    """Factor on the time of every stage of the motion."""
    churn: Multiple = 1.0
    """Factor on the hazard of churn at renewals."""
    delivery_cost: Multiple = 1.0
    """Factor on onboarding cost and on support cost per customer."""


class SizeClass(BuyerClass):
    """Accounts by employees."""

    from_employees: Figure
    """Employees from which an account is in it; 0 or 1 for the smallest class."""


class TierClass(BuyerClass):
    """Accounts by ACV potential."""

    from_acv: Figure
    """ACV potential from which an account is in it; 0 for the smallest class."""


class ShareClass(BuyerClass):
    """Accounts by a quality that is not a number."""

    share: Share
    """Share of the market's accounts; the shares of one quality sum to 1."""


class Buyers(Frozen):
    """The market: accounts that differ in size, potential, use case, vertical and region."""

    accounts: CountGiven | None = None
    """Accounts in the market beside the opening customers; by default it never runs dry."""
    cool_off_months: Annotated[int, whole(0, 120, "months")] = 6
    """How long an account is lost to all channels after a lost deal or churn."""
    employees: VaryingRate = 1.0
    """Employees per account: lognormal."""
    potential: VaryingMoney
    """ACV potential per account, what it would pay a year at list price: lognormal."""
    size_and_potential: CorrelationGiven = 0.0
    """Rank correlation of employees and potential."""
    size_and_complexity: CorrelationGiven = 0.0
    """Rank correlation of employees and complexity, in the order of ``complexities``."""
    potential_and_complexity: CorrelationGiven = 0.0
    """Rank correlation of potential and complexity."""
    sizes: Mapping[Name, SizeClass] = {}
    """Classes of employees, from the smallest; by default one."""
    tiers: Mapping[Name, TierClass] = {}
    """Classes of potential, from the smallest; by default one."""
    complexities: Mapping[Name, ShareClass] = {}
    """Use cases, from the simplest; by default one."""
    verticals: Mapping[Name, ShareClass] = {}
    """Verticals; by default one."""
    regions: Mapping[Name, ShareClass] = {}
    """Regions; by default one."""


class SegmentRule(Frozen):
    """A rule of the segmentation.

    An account meets it if it is in one of the classes that are named, for each quality that is.
    """

    to: Name
    """Segment of the accounts that meet it, and no rule before it."""
    sizes: tuple[Name, ...] | None = None
    """Classes of employees."""
    tiers: tuple[Name, ...] | None = None
    """Classes of ACV potential."""
    complexities: tuple[Name, ...] | None = None
    """Use cases."""
    verticals: tuple[Name, ...] | None = None
    """Verticals."""
    regions: tuple[Name, ...] | None = None
    """Regions."""


class FitEffect(Frozen):
    """What a motion's touch does to accounts that need another."""

    win_odds: Multiple = 1.0
    """Factor on the odds of winning the whole motion, spread over its stages."""
    days: Multiple = 1.0
    """Factor on the time of every stage of the motion."""
    churn: Multiple = 1.0
    """Factor on the hazard of churn at renewals."""
    delivery_cost: Multiple = 1.0
    """Factor on onboarding cost and on support cost per customer."""


class Fit(Frozen):
    """What it does to give an account less touch than it needs, or more.

    The defaults are assumptions: no public study measures them. They say that too little touch
    loses deals and customers, and that too much takes longer; what it costs is in the motion.
    """

    under_by_two: FitEffect = FitEffect(win_odds=0.25, days=1.3, churn=2.2, delivery_cost=1.6)
    """Needs a field team, gets self-service."""
    under_by_one: FitEffect = FitEffect(win_odds=0.6, days=1.15, churn=1.5, delivery_cost=1.25)
    """Gets one step less than it needs."""
    over_by_one: FitEffect = FitEffect(days=1.25)
    """Gets one step more than it needs."""
    over_by_two: FitEffect = FitEffect(win_odds=0.9, days=1.6)
    """Needs nobody, gets a field team."""


class Scenario(Frozen):
    """A go-to-market plan."""

    scenario: Header
    """Name, question, calendar."""
    company: Company
    """Cash, funding, opening position."""
    stages: Mapping[Name, Stage] = {}
    """Company stages: pre_pmf, early_growth, scaling, mature at ARR of 0, 1, 10, 50 million
    unless changed here."""
    stage_rule: StageRule = StageRule()
    """When policy follows the stage."""
    segments: Annotated[Mapping[Name, Segment], Field(min_length=1)]
    """Segments."""
    motions: Annotated[Mapping[Name, Motion], Field(min_length=1)]
    """Motions."""
    teams: Mapping[Name, Team] = {}
    """Teams."""
    channels: Mapping[Name, Channel] = {}
    """Channels."""
    buyers: Buyers | None = None
    """The market whose accounts the channels without a segment mix reach."""
    segmentation: tuple[SegmentRule, ...] = ()
    """Which segment an account of the market is in: the first rule that it meets."""
    fit: Fit = Fit()
    """What it does to give accounts of the market another touch than they need."""
    budgets: Mapping[Name, Budget] = {}
    """Budgets that channels share."""
    allocation: Allocation | None = None
    """A total budget, split by focus."""
    costs: Mapping[Name, CostLine] = {}
    """Running costs."""
    tech_stacks: Mapping[Name, TechStack] = {}
    """Tools by stack."""
    price_changes: Mapping[Name, PriceChange] = {}
    """Changes of list prices."""
    targets: Mapping[Name, Target] = {}
    """Targets whose odds are reported."""
    expect: tuple[Expect, ...] = ()
    """Expectations that ``--check`` judges."""
    objective: Objective | None = None
    """What one future is worth, for comparing plans."""
    verdicts: Verdicts = Verdicts()
    """What makes a segment healthy, where it is not what the playbook and surveys say."""
    correlations: tuple[Correlation, ...] = ()
    """Correlations of uncertain inputs; pairs that are not named are independent but for what
    their common partners bring."""
