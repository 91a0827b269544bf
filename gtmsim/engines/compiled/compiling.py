"""Compile the engine's kernels for this machine, once, in processes of their own.

Several processes take about half the time of one, and can be stopped at once, which a compiler
cannot. They leave the kernels in the cache, where this process finds them. What they could not
compile, for whatever reason, is compiled here when it is first called.
"""

import gc
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from itertools import chain
from typing import Any

import numba

from gtmsim.engines.compiled.agenda import begin_month
from gtmsim.engines.compiled.arrivals import arrive, arrive_from_market
from gtmsim.engines.compiled.customers import advance, measure
from gtmsim.engines.compiled.engine import Numbers, Player
from gtmsim.engines.compiled.graduation import graduate
from gtmsim.engines.compiled.handles import handle
from gtmsim.engines.compiled.opening import open_position
from gtmsim.engines.compiled.replication import World, play
from gtmsim.engines.compiled.sellers import work
from gtmsim.engines.compiled.signing import sign
from gtmsim.engines.compiled.termination import lose_largest
from gtmsim.engines.compiled.terms import terms_of
from gtmsim.engines.compiled.workspace import Capacity
from gtmsim.errors import Interrupted
from gtmsim.jit import cache_folder
from gtmsim.plan import compile_plan, draw_inputs, fill_values
from gtmsim.rules.boundary import close_month, open_month
from gtmsim.rules.state import fill_tables, new_books, new_tables, reset
from gtmsim.scenario.models import Scenario

PARTS: Sequence[tuple[Callable[..., Any], ...]] = (
    (sign, advance, work, graduate, lose_largest, open_position),
    (reset, open_month, begin_month, measure, close_month, arrive, arrive_from_market),
)
"""The larger kernels that `play` calls, in the order in which a process compiles them.

`work` calls `advance`. What both groups need comes first in the one and last in the other, which
then finds it in the cache.
"""

KERNELS = {kernel.__name__: kernel for kernel in (*chain(*PARTS), play)}

INPUTS = "inputs"
"""What draws inputs and fills their tables; compiled beside `play`, which needs all others."""

SMALLEST = {
    "scenario": {"name": "smallest", "start": "2026-01-01", "months": 1},
    "company": {"cash": 0.0},
    "segments": {
        "one": {
            "motion": "one",
            "acv": 1.0,
            "churn_per_year": {"mean": 0.5, "concentration": 1.0},
            "contracts": {"one": {"share": 1.0, "term_months": 1, "billing": "monthly"}},
        }
    },
    "motions": {"one": {"stages": {"one": {"win_rate": 1.0, "days": 0.0}}}},
    "channels": {"one": {"segments": {"one": 1.0}}},
}
"""A scenario whose tables have the types that those of every scenario have."""

_CODE = "import sys; sys.path[:] = {path!r}; from {module} import compile_here as c; c({names!r})"


def are_compiled() -> bool:
    """Tell whether the outermost kernel, which is compiled last, is in the cache."""
    module = play.__module__.rpartition(".")[2]
    return any(cache_folder().glob(f"*/{module}.{play.__name__}-*.nbi"))


def make_ready() -> None:
    """Compile the kernels that are not in the cache, in processes of their own.

    Raises
    ------
    Interrupted
        If the user pressed Ctrl-C.
    """
    if numba.config.DISABLE_JIT or are_compiled():
        return
    try:
        _compile_in_processes([[kernel.__name__ for kernel in group] for group in PARTS])
        _compile_in_processes([[play.__name__], [INPUTS]])
    except OSError:  # no process can be started
        return


def _compile_in_processes(shares: Sequence[Sequence[str]]) -> None:
    with ExitStack() as stack:
        processes: list[subprocess.Popen[bytes]] = []
        try:
            for names in shares:
                processes.append(stack.enter_context(_process(names)))
            for process in processes:
                process.wait()
        except (KeyboardInterrupt, OSError) as error:
            for process in processes:
                process.kill()
            if isinstance(error, KeyboardInterrupt):
                raise Interrupted("Stopped; nothing was saved") from None
            raise


def _process(names: Sequence[str]) -> subprocess.Popen[bytes]:
    code = _CODE.format(path=sys.path, module=__name__, names=list(names))
    # Every kernel is optimised anew within each of its callers: a fifth of the time goes by with
    # the highest level, and none of the speed (measured).
    environment = {"NUMBA_OPT": "1", **os.environ}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=quiet, stdout=quiet, stderr=quiet, env=environment
    )


def compile_here(names: Sequence[str]) -> None:
    """Compile kernels by name, or ``INPUTS``, in this process."""
    # numba makes millions of small objects; looking through them takes a fifth of the time.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    for name in names:
        if name == INPUTS:
            _draw_inputs()
        else:
            kernel: Any = KERNELS[name]
            kernel.compile(signature(kernel))


def _draw_inputs() -> None:
    """Call what is compiled before the first replication."""
    uncertain = {**SMALLEST, "company": {"cash": {"p10": 1.0, "p90": 2.0}}}
    plan = compile_plan(Scenario.model_validate(uncertain, strict=False))
    (values,) = fill_values(plan, draw_inputs(plan, 0, range(1)))
    fill_tables(values.table_specs, new_tables(values))


def signature(kernel: Callable[..., Any]) -> tuple[Any, ...]:
    """Types of a kernel's arguments, by their names, as `play` passes them."""
    whole = _world_type()
    parts = dict(whole.fields)
    types = {"world": whole, "when": numba.float64, "k0": numba.uint64, "k1": numba.uint64}
    types |= parts | dict(parts["workspace"].fields)
    return tuple(types.get(name, numba.int64) for name in inspect.signature(kernel).parameters)


@cache
def _world_type() -> Any:
    """Type of the handle that `play` takes, whatever the scenario."""
    return numba.typeof(_world())


def _world() -> World:
    """World of the smallest scenario; of all kernels only `round_half_up` is called for it."""
    plan = compile_plan(Scenario.model_validate(SMALLEST, strict=False))
    structure = plan.structure
    (values,) = fill_values(plan, draw_inputs(plan, 0, range(1)))
    terms = terms_of(structure, values, new_tables(values))
    player = Player(structure, Capacity())
    return player.world(Numbers(handle(values), handle(terms)), new_books(structure))
