"""What to measure first: what knowing an input would be worth before choosing."""

from collections.abc import Iterator

from gtmsim.charts.picture import Picture
from gtmsim.pages.compare.reading import Plans
from gtmsim.pages.knowing import evpi_text, worth_of_inputs, worths
from gtmsim.pages.page import Block, Facts, Section
from gtmsim.report.wording import untold_text

HOW = (
    "Information is worth something only if it may change the choice. Measure first what is "
    "worth more than a useless input would seem to be."
)


def section(plans: Plans) -> Section | None:
    """Show what information is worth; None where nothing can be told."""
    blocks = tuple(_blocks(plans))
    if not blocks:
        return None
    text = [HOW]
    if plans.made.compared.sizes["input"] and not any(isinstance(b, Picture) for b in blocks):
        text.append("None of the inputs is worth knowing by itself: the choice stays the same.")
    return Section("information", "What to measure first", tuple(text), blocks)


def _blocks(plans: Plans) -> Iterator[Block]:
    compared = plans.made.compared
    found = worths(compared)
    if any(one.value.value > 0.0 for one in found):
        yield worth_of_inputs(found, plans.money)
    told = {
        "each input alone": untold_text(compared),
        "all inputs together": evpi_text(compared, plans.money),
    }
    if facts := tuple((whose, text) for whose, text in told.items() if text):
        yield Facts(facts)
