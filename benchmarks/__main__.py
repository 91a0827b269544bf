"""Measure speed, memory and start-up on the reference scenario, all in one run.

``python -m benchmarks`` prints a Markdown table. Absolute times are this machine's; the ratios are
what to compare.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.draws_only import count_draws, make_draws
from gtmsim.draws.families import LOGNORMAL
from gtmsim.draws.keys import replication_key
from gtmsim.engines import compiled, reference
from gtmsim.plan import Plan, compile_plan, draw_inputs, fill_values
from gtmsim.plan.structure import FunnelInt, Values
from gtmsim.scenario import load_scenario
from gtmsim.vocabulary import EventKind

REFERENCE = Path(__file__).with_name("reference.toml")
MARKET = Path(__file__).with_name("market.toml")
PLAN = Path(__file__).parent.parent / "scenarios" / "add_midmarket.toml"
SEED = 1
ROUNDS = 5
Row = tuple[str, str]

MORE_LEADS = "channels.content.organic_per_month=12.4k"
WHOLE_RUN = """
import sys, time
import gtmsim
scenario = gtmsim.load_scenario(sys.argv[1], sys.argv[3:])
start = time.perf_counter()
gtmsim.simulate(scenario, draws=int(sys.argv[2]), replications=1, seed=1).close()
seconds = time.perf_counter() - start
# not ru_maxrss: it would be that of the process which started this one
(peak,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(seconds, int(peak) / 1024)
"""


def main() -> None:
    """Run every measurement and print the table."""
    rows = [*start_up(), *speed(), *longer_stages(), *market(), *whole_runs(), *commands()]
    width = max(len(name) for name, _ in rows)
    print(f"| {'measure':{width}} | figure |")
    print(f"| {'-' * width} | ------ |")
    for name, figure in rows:
        print(f"| {name:{width}} | {figure} |")


def _plan(**overrides: str) -> tuple[Plan, tuple[Values, ...]]:
    settings = [f"{path.replace('__', '.')}={value}" for path, value in overrides.items()]
    plan = compile_plan(load_scenario(REFERENCE, settings))
    return plan, fill_values(plan, draw_inputs(plan, SEED, range(1)))


def _seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median seconds over some rounds, after one that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _play(plan: Plan, values: tuple[Values, ...], n: int) -> None:
    stop = np.zeros(1, np.int64)
    compiled.simulate_block(plan, values, SEED, range(1), range(n), stop)


def start_up() -> list[Row]:
    """First compile into an empty cache, and start-up with a warm one, as whole processes."""
    code = (
        "import time; start = time.perf_counter();"
        "from benchmarks.__main__ import _plan, _play;"
        "from gtmsim.engines.compiled import make_ready;"
        "make_ready(); _play(*_plan(), 1);"
        "print(time.perf_counter() - start)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"GTMSIM_CACHE_DIR": folder}
        cold, warm = (
            float(
                subprocess.run(
                    [sys.executable, "-c", code],
                    env=environment,
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout
            )
            for _ in range(2)
        )
    return [
        ("first start, with compiling", f"{cold:.1f} s"),
        ("start with compiled kernels, one replication", f"{warm:.2f} s"),
    ]


def speed() -> list[Row]:
    """Time of a replication: compiled, SimPy, and its draws alone, one after the other."""
    plan, values = _plan()
    _, ledger = compiled.trace(plan, values[0], SEED, 0, 0)
    one = _seconds(lambda: _play(plan, values, 20)) / 20
    draws = count_draws(plan, values[0], SEED)
    keys = replication_key(SEED, 0, 0)
    alone = _seconds(lambda: make_draws(draws, values[0], *keys))
    simpy = _seconds(lambda: _play_simpy(plan, values), 1)
    leads = np.isin(ledger["kind"], (EventKind.LEAD, EventKind.UNSERVED)).sum()
    return [
        ("leads a replication", f"{leads:,}"),
        ("events a replication", f"{len(ledger):,}"),
        ("compiled engine, one core", f"{one * 1e3:.1f} ms a replication"),
        ("events a second, one core", f"{len(ledger) / one / 1e6:.1f} million"),
        ("SimPy engine", f"{simpy * 1e3:,.0f} ms a replication"),
        ("compiled against SimPy, one core", f"{simpy / one:,.0f} x"),
        ("draws alone", f"{alone * 1e3:.2f} ms ({draws.pairs:,} pairs)"),
        ("compiled against draws alone", f"{one / alone:.1f} x"),
    ]


def _play_simpy(plan: Plan, values: tuple[Values, ...]) -> None:
    stop = np.zeros(1, np.int64)
    reference.simulate_block(plan, values, SEED, range(1), range(1), stop)


def whole_runs() -> list[Row]:
    """Whole simulations as processes of their own: time on all cores, and peak memory."""
    seconds, megabytes = _simulate(1000)
    _, more_leads = _simulate(100, MORE_LEADS)
    return [
        ("1,000 replications, all cores, with the results file", f"{seconds:.1f} s"),
        ("peak memory of that", f"{megabytes:,.0f} MB"),
        ("peak memory at four times the leads", f"{more_leads:,.0f} MB"),
    ]


def _simulate(draws: int, *overrides: str) -> tuple[float, float]:
    """Seconds and megabytes of a simulation in a process of its own."""
    command = [sys.executable, "-c", WHOLE_RUN, str(REFERENCE), str(draws), *overrides]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, megabytes = map(float, output.split())
    return seconds, megabytes


def commands() -> list[Row]:
    """Commands that people wait for, as processes of their own."""
    with tempfile.TemporaryDirectory() as folder:
        saved = ["--draws", "500", "--replications", "2", "--out", folder, "--quiet"]
        _gtmsim("run", str(PLAN), *saved)
        page = _seconds(lambda: _gtmsim("report", folder), 3)
    text = _seconds(lambda: _gtmsim("--help"))
    return [
        ("`gtmsim report` of 1,000 replications", f"{page:.1f} s"),
        ("`gtmsim --help`", f"{text:.2f} s"),
    ]


def _gtmsim(*words: str) -> None:
    command = [sys.executable, "-m", "gtmsim", *words]
    subprocess.run(command, check=True, capture_output=True)


def longer_stages() -> list[Row]:
    """Cost per event when every funnel stage takes ten times as long."""
    plan, values = _plan()
    slow = _stretched(plan, values[0], 10.0)
    figures = []
    for numbers in (values[0], slow):
        _, ledger = compiled.trace(plan, numbers, SEED, 0, 0)
        seconds = _seconds(lambda numbers=numbers: _play(plan, (numbers,), 10)) / 10
        figures.append(len(ledger) / seconds)
    return [("throughput, stages ten times longer", f"{figures[0] / figures[1]:.2f} x the cost")]


def market() -> list[Row]:
    """Time of a replication whose leads are accounts of a market, against one without."""
    plain, others = _plan()
    accounts = compile_plan(load_scenario(MARKET))
    values = fill_values(accounts, draw_inputs(accounts, SEED, range(1)))
    times = [
        _seconds(lambda plan=plan, numbers=numbers: _play(plan, numbers, 10))
        for plan, numbers in ((accounts, values), (plain, others))
    ]
    return [("with a market of accounts", f"{times[0] / times[1]:.2f} x the time")]


def _stretched(plan: Plan, values: Values, factor: float) -> Values:
    """Values with every funnel duration (lognormal) longer by ``factor``."""
    dists = values.dists.copy()
    for row in np.unique(plan.structure.funnel[:, FunnelInt.DURATION_DIST]):
        if dists[row, 0] == LOGNORMAL:
            dists[row, 1] += np.log(factor)
    return values._replace(dists=dists)


if __name__ == "__main__":
    main()
