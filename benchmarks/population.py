"""What the simulated companies look like beside published populations of SaaS companies.

Simulates the shipped scenarios and prints a Markdown table with a row per published regularity and
a column per scenario::

    python -m benchmarks.population [SCENARIO ...] [--draws N] [--replications N] [--seed N]

With ``--hiring`` it shows what faster hiring does to cash and ARR, with ``--opening`` when opening
mid-market pays against never opening it, on the same luck.

Unless a row says otherwise its figure is of the last two years of the replications that never run
out of cash, a ratio of sums over them (never a mean of ratios).
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import gtmsim
from gtmsim.metrics import acquisition, profit, revenue, sales
from gtmsim.metrics.labels import YEAR, at_start, company, ratio, trailing
from gtmsim.metrics.odds import month_of_stage

ROOT = Path(__file__).parent.parent
SCENARIOS = ("smb_only", "add_midmarket", "enterprise_first", "stage_gated", "too_early")
OVER = ("draw", "replication")
MILLION = 10**8
"""ARR of a million in hundredths of the currency."""
MANY_CUSTOMERS = 500
"""Fewer do not show a retention rate to within two points."""

Floats = NDArray[np.float64]
Metric = Callable[[xr.Dataset], xr.DataArray]
Measure = Callable[[xr.Dataset], str]


# --- Pooling ---------------------------------------------------------------------------------


def of_survivors(results: xr.Dataset) -> xr.Dataset:
    """All replications that never run out of cash as one company: sums over them."""
    names = [name for name in results.data_vars if set(OVER) <= set(results[name].dims)]
    alive = profit.survives(results)
    return results[names].where(alive, 0).sum(OVER, keep_attrs=True)


def last_years(pool: xr.Dataset, metric: Metric, years: int = 2) -> xr.DataArray:
    """Mean of a yearly metric at the last year ends."""
    ends = [pool.sizes["month"] - 1 - YEAR * year for year in range(years)]
    return metric(pool).isel(month=ends).mean("month")


def over_survivors(results: xr.Dataset, values: xr.DataArray) -> Floats:
    """Values of the replications that never run out of cash, shape (survivors,)."""
    chosen: Floats = values.to_numpy()[profit.survives(results).to_numpy()]
    return chosen


# --- What is measured ------------------------------------------------------------------------


def by_segment(results: xr.Dataset, metric: Metric, form: str) -> str:
    """Show a metric by segment."""
    values = last_years(of_survivors(results), metric)
    return ", ".join(
        f"{name} {format(float(value), form)}"
        for name, value in zip(values["segment"].to_numpy(), values.to_numpy(), strict=True)
        if np.isfinite(value)
    )


def overall(results: xr.Dataset, metric: Metric, form: str) -> str:
    """Show a metric of the company."""
    return format(float(last_years(company(of_survivors(results)), metric)), form)


def time_to_million(results: xr.Dataset) -> str:
    """Show quantiles of the month in which ARR first reaches a million.

    Of the companies that do, as surveys see them, and the median of all.
    """
    if int(results["opening_arr"].sum("segment").max()) >= MILLION:
        return "starts above"
    month = month_of_stage(results, "early_growth").to_numpy().ravel()
    reached = month[np.isfinite(month)]
    if reached.size == 0:
        return "none do"
    first, middle, last = np.quantile(reached, [0.02, 0.5, 0.9])
    of_all = np.sort(month)[month.size // 2]
    median = f"{of_all:.0f}" if np.isfinite(of_all) else "never"
    share = reached.size / month.size
    return (
        f"{share:.0%} do: p2 {first:.0f}, p50 {middle:.0f}, p90 {last:.0f}; median of all {median}"
    )


def growth_persistence(results: xr.Dataset) -> str:
    """Show the median over companies and years of next year's growth over this year's.

    Years that begin at a million of ARR or more and in which ARR grows by 5 % or more.
    """
    arr = company(results)["closing_arr"].where(results["insolvent"] == 0)
    ends = arr.isel(month=slice(YEAR - 1, None, YEAR))
    growth = ends / ends.shift(month=1) - 1.0
    before = growth.shift(month=1)
    counted = (ends.shift(month=2) >= MILLION) & (before >= 0.05)
    ratios = (growth / before).where(counted).to_numpy().ravel()
    low, middle, high = np.nanquantile(ratios, [0.25, 0.5, 0.75])
    return f"{middle:.2f} (quartiles {low:.2f} to {high:.2f})"


def growth_at_end(results: xr.Dataset) -> str:
    """Show quartiles of the last year's growth of ARR."""
    values = over_survivors(results, revenue.arr_growth(company(results)).isel(month=-1))
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return f"{middle:.0%} (quartiles {low:.0%} to {high:.0%})"


def yearly_retention(pool: xr.Dataset, segment: str) -> Floats:
    """Share of yearly cohorts kept from one year end to the next, by years since they joined.

    Parameters
    ----------
    pool
        Sums over replications.
    segment
        Name of the segment.

    Returns
    -------
    Floats, shape (years,)
        All cohorts that can be followed so long, pooled; without years that begin with too few.
    """
    customers = pool["cohort_customers"].sel(segment=segment).transpose("cohort", "month")
    ends = customers.to_numpy()[1:, YEAR - 1 :: YEAR].astype(np.float64)
    followed = min(ends.shape) - 1
    kept = []
    for age in range(followed):
        cohorts = range(followed - age)
        before = sum(ends[k, k + age] for k in cohorts)
        after = sum(ends[k, k + age + 1] for k in cohorts)
        if before >= MANY_CUSTOMERS:
            kept.append(after / before)
    return np.array(kept)


def retention_by_tenure(results: xr.Dataset) -> str:
    """Show retention by tenure, and by how much the first year's rate falls short of it."""
    pool = of_survivors(results)
    lines = []
    for name in results["segment"].to_numpy():
        kept = yearly_retention(pool, name)
        if kept.size > 1:
            missed = 1.0 - kept[0] ** kept.size / kept.prod()
            shares = " ".join(f"{100 * share:.0f}" for share in kept)
            lines.append(f"{name} {shares} % (constant rate: {missed:.0%} short)")
    return "; ".join(lines)


def expansion_share_above_50m(results: xr.Dataset) -> str:
    """Show expansion / (new + expansion) over months that open with 50M of ARR or more."""
    whole = company(results)
    large = at_start(whole, "arr") >= 50 * MILLION
    expansion = float(whole["expansion_arr"].where(large, 0).sum())
    new = float(whole["new_arr"].where(large, 0).sum())
    return f"{expansion / (new + expansion):.0%}" if new > 0 else "none so large"


def largest_customer(results: xr.Dataset) -> str:
    """Show the largest customer's share of ARR at the end, and how many mean customers that is."""
    end = company(results).isel(month=-1)
    share = over_survivors(results, end["largest_customer_arr"] / end["closing_arr"])
    customers = over_survivors(results, end["closing_customers"])
    return f"{np.median(share):.1%} of ARR, {np.median(share * customers):.0f} times the mean"


def insolvency(results: xr.Dataset) -> str:
    """Show the share of replications that run out of cash."""
    return f"{1 - float(profit.survives(results).mean()):.0%}"


def price(results: xr.Dataset) -> xr.DataArray:
    """Booked ARR per deal, currency."""
    return gtmsim.convert_units(acquisition.booked_arr_per_logo(results))


def share_of_revenue(cost: Metric) -> Metric:
    """Metric: a monthly cost over revenue, both of a year."""

    def share(pool: xr.Dataset) -> xr.DataArray:
        return ratio(trailing(cost(pool), YEAR), trailing(pool["revenue"], YEAR))

    return share


def product_cost(results: xr.Dataset) -> xr.DataArray:
    """Cost of product by month."""
    return results["product_cost"]


# --- The table -------------------------------------------------------------------------------


def _segments(metric: Metric, form: str = ".0%") -> Measure:
    return partial(by_segment, metric=metric, form=form)


def _whole(metric: Metric, form: str = ".0%") -> Measure:
    return partial(overall, metric=metric, form=form)


SALES_AND_MARKETING = share_of_revenue(acquisition.sales_and_marketing_cost)

ROWS: tuple[tuple[str, str, Measure], ...] = (
    ("Month of 1M ARR", "median 33, best 9, right-skewed (ChartMogul)", time_to_million),
    ("Next year's growth / this year's", "0.70-0.85 (Bessemer, Scale VP)", growth_persistence),
    ("Growth in the last year", "median 26 %, top quartile 50 % (Benchmarkit 2025)", growth_at_end),
    ("NRR", "climbs with ACV, 100-110 % (SaaS Capital 2023)", _segments(revenue.nrr)),
    ("GRR", "nearly flat, 90-93 % (SaaS Capital 2023)", _segments(revenue.grr)),
    ("Logo churn a year", "31-58 / 11-22 / 6-10 % (T. Tunguz)", _segments(revenue.logo_churn)),
    (
        "Cohort kept, year after year",
        "rises; a constant rate is 30-54 % short at year 12 (Fader et al. 2018)",
        retention_by_tenure,
    ),
    ("Expansion / (new + expansion)", "30-40 %", _whole(revenue.expansion_share)),
    ("The same above 50M ARR", "over 50 %", expansion_share_above_50m),
    ("Booked ARR per deal", "< 15k / 15-100k / > 100k (surveys of 2025)", _segments(price, ",.0f")),
    ("Win rate", "30-40 / 20-30 / 15-20 % (The CRO Report)", _segments(sales.win_rate)),
    ("Sales cycle, days", "40 / 84 / 180-365 (Optifai 2025)", _segments(sales.sales_cycle, ".0f")),
    (
        "Gross-margin payback, months",
        "8-12 / 14-18 / 18-24 (Optifai 2025)",
        _segments(acquisition.cac_payback, ".0f"),
    ),
    ("Largest customer", "customer ARR is fat-tailed", largest_customer),
    (
        "New-logo CAC ratio",
        "median 2.00, worst quartile 2.82 (Benchmarkit 2025)",
        _whole(acquisition.cac_ratio, ".2f"),
    ),
    ("S&M / revenue", "33-47 % (Benchmarkit 2025)", _whole(SALES_AND_MARKETING)),
    ("R&D / revenue", "34 % (Benchmarkit 2025)", _whole(share_of_revenue(product_cost))),
    ("Gross margin", "70-85 % (KeyBanc 2024)", _whole(profit.gross_margin)),
    ("Run out of cash", "no published figure", insolvency),
)
"""Property, published figure (small / mid-market / enterprise), measure."""


def table(columns: dict[str, xr.Dataset]) -> Iterator[str]:
    """Lines of the Markdown table: a row per property, a column per scenario."""
    yield "| | published | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 2) + "|"
    for name, published, measure in ROWS:
        cells = [measure(results) for results in columns.values()]
        yield f"| {name} | {published} | " + " | ".join(cells) + " |"


# --- Experiments -----------------------------------------------------------------------------


class Size(NamedTuple):
    """How many futures, of which luck."""

    draws: int
    replications: int
    seed: int


def simulate(
    path: Path, size: Size, overrides: Sequence[str] = (), months: int | None = None
) -> xr.Dataset:
    """Results of a scenario, in memory."""
    scenario = gtmsim.load_scenario(path, overrides)
    return gtmsim.simulate(scenario, **size._asdict(), months=months).load()


def shipped(name: str) -> Path:
    """Path of a shipped scenario."""
    return ROOT / "scenarios" / f"{name}.toml"


def millions(values: xr.DataArray) -> str:
    """Median over futures, in millions."""
    return f"{float(values.median()) / MILLION:.2f}M"


HIRING = {
    "as planned": (),
    "twice as many": (
        "teams.sdr.hires=[{month = 6, n = 2}, {month = 13, n = 2}]",
        "teams.ae.hires=[{month = 7, n = 4}]",
    ),
    "three times": (
        "teams.sdr.hires=[{month = 6, n = 3}, {month = 13, n = 3}]",
        "teams.sdr.max_reps=10",
        "teams.ae.hires=[{month = 7, n = 6}]",
    ),
}
"""First hires of add_midmarket, as overrides."""
NO_LIMIT = "company.cash=8M"
"""So much that a deeper trough is seen, and not insolvency."""


def hiring_table(size: Size) -> Iterator[str]:
    """Lines of a Markdown table: cash and ARR of add_midmarket by how many sellers start."""
    months = (12, 24, 36, 48)
    yield "| sellers | lowest cash | " + " | ".join(f"ARR, month {m}" for m in months) + " |"
    yield "|---" * (len(months) + 2) + "|"
    for name, overrides in HIRING.items():
        results = simulate(shipped("add_midmarket"), size, (NO_LIMIT, *overrides))
        used = results["cash"].min("month") - results["opening_cash"]
        arr = company(results)["closing_arr"]
        figures = [used, *(arr.sel(month=month) for month in months)]
        yield f"| {name} | " + " | ".join(map(millions, figures)) + " |"


OPENINGS = ("add_midmarket", "add_midmarket_later")


def opening_table(size: Size) -> Iterator[str]:
    """Lines of a Markdown table: what opening mid-market adds to smb_only, on the same luck."""
    months = (24, 36, 48, 60, 72, 84)
    never = simulate(shipped("smb_only"), size, months=months[-1])
    yield "| opened | adds | " + " | ".join(f"month {month}" for month in months) + " |"
    yield "|---" * (len(months) + 2) + "|"
    for name in OPENINGS:
        opened = simulate(shipped(name), size, months=months[-1])
        month = gtmsim.load_scenario(shipped(name)).segments["mid_market"].opens.month
        for account in ("closing_arr", "cash"):
            more = company(opened)[account] - company(never)[account]
            cells = [
                f"{millions(more.sel(month=m))} ({float((more.sel(month=m) > 0).mean()):.0%})"
                for m in months
            ]
            yield f"| in month {month} | {account} | " + " | ".join(cells) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.population")
    parser.add_argument("scenarios", nargs="*", type=Path, default=[*map(shipped, SCENARIOS)])
    parser.add_argument("--hiring", action="store_true", help="instead: what faster hiring does")
    parser.add_argument("--opening", action="store_true", help="instead: when mid-market pays")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--replications", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    size = Size(options.draws, options.replications, options.seed)
    if options.hiring:
        lines = hiring_table(size)
    elif options.opening:
        lines = opening_table(size)
    else:
        lines = table({path.stem: simulate(path, size) for path in options.scenarios})
    print("\n".join(lines))


if __name__ == "__main__":
    main()
