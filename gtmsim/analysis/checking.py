"""A scenario's expectations judged from Python."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import numpy as np
import xarray as xr

from gtmsim.analysis.evaluating import Futures
from gtmsim.analysis.gate import (
    Asked,
    Judgement,
    Policy,
    asked,
    exit_code,
    judge,
    outcome,
    unjudged,
)
from gtmsim.errors import Interrupted, SimulationError
from gtmsim.expressions.tree import Expectation
from gtmsim.scenario import Scenario, load_document, read_scenario
from gtmsim.settings import (
    DEFAULT_DRAWS,
    DEFAULT_ENGINE,
    DEFAULT_REPLICATIONS,
    DEFAULT_SEED,
    MAX_JUDGED_DRAWS,
)
from gtmsim.simulation.api import checked_run, simulate, with_months
from gtmsim.statistics.error import Estimate
from gtmsim.words import alternatives


def check(  # noqa: PLR0913  one keyword per option of `gtmsim run --check`
    scenario: Scenario | str | PathLike[str],
    *,
    draws: int = DEFAULT_DRAWS,
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    workers: int | None = None,
    engine: str = DEFAULT_ENGINE,
    overrides: Sequence[str] = (),
    precision: str | Sequence[str] = (),
    max_draws: int = MAX_JUDGED_DRAWS,
    inconclusive: Policy = "fail",
) -> xr.Dataset:
    """Judge a scenario by its expectations, with as many draws as it takes.

    Parameters
    ----------
    scenario
        From `load_scenario`, or a TOML file. Files that expectations compare with lie beside the
        file, or, of a Scenario, in the working folder.
    draws
        Draws of the first look.
    replications, seed, months, workers, engine
        As in `simulate`.
    overrides
        ``path=value`` each, for a file.
    precision
        A figure that must be known so well, as in ``prob(arr[36] >= 10M) +- 0.02``, or several;
        the scenario then needs no expectations.
    max_draws
        Draws after which what is undecided stays so.
    inconclusive
        Whether that fails: ``fail`` or ``warn``.

    Returns
    -------
    Dataset
        By ``check``: ``verdict`` (pass, breach, inconclusive or error), ``fails``, ``figure`` by
        ``bound`` value, low and high at ``interval_level``, ``threshold``, ``draws``, share of
        ``undefined`` futures, ``reason``; ``that``, ``level`` and ``severity`` as coordinates.
        Attributes: ``outcome`` and ``exit_code`` of all together.

    Raises
    ------
    ScenarioError
        With every problem of the expectations, before anything is simulated; having none is one.
    SimulationError
        If a count, the engine's name or ``inconclusive`` is not valid.
    Interrupted
        If the user pressed Ctrl-C.
    """
    if inconclusive not in get_args(Policy):
        known = alternatives(map(repr, get_args(Policy)))
        raise SimulationError(f"inconclusive must be {known}; got {inconclusive!r}")
    how = checked_run(draws, replications, seed, workers, engine)
    document = None
    if not isinstance(scenario, Scenario):
        document = load_document(scenario, overrides)
        scenario = read_scenario(document)
    plan = with_months(scenario, months)
    precisions = (precision,) if isinstance(precision, str) else tuple(precision)
    what = asked(plan, document, check=not precisions or bool(plan.expect), precision=precisions)
    run = partial(
        simulate,
        replications=replications,
        seed=seed,
        workers=how.workers,
        engine=engine,
        extend=True,
    )
    with TemporaryDirectory(prefix="gtmsim-") as folder:
        own = Path(folder)
        return to_dataset(
            judged(
                what,
                draws,
                max(draws, max_draws),
                lambda draws: run(plan, draws=draws, out=own),
                lambda other, draws, to: run(
                    with_months(other, plan.scenario.months), draws=draws, out=to
                ),
                inconclusive,
            )
        )


def judged(
    what: Asked,
    start: int,
    budget: int,
    simulate: Callable[[int], xr.Dataset],
    simulate_other: Callable[[Scenario, int, Path], xr.Dataset],
    inconclusive: Policy,
) -> Judgement:
    """Judge with as many draws as it takes.

    Parameters
    ----------
    what
        What is asked.
    start, budget
        Draws of the first look, and of the last.
    simulate
        Results of the scenario with so many draws.
    simulate_other
        The same of another scenario, in a folder that is removed afterwards.
    inconclusive
        Whether what stays undecided fails.

    Raises
    ------
    Interrupted
        If the user pressed Ctrl-C; any other failure to simulate is a verdict.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="gtmsim-")))

        def more(draws: int) -> Futures:
            results = stack.enter_context(simulate(draws))
            others = {
                name: stack.enter_context(simulate_other(other, draws, scratch / str(n)))
                for n, (name, other) in enumerate(what.others.items())
            }
            return Futures(results, others)

        try:
            return judge(what.subject, what.checks, more, budget, start, inconclusive)
        except Interrupted:
            raise
        except SimulationError as error:
            return unjudged(what.subject, what.checks, str(error))


def to_dataset(judgement: Judgement) -> xr.Dataset:
    """Label a judgement; see `check`."""
    judged = judgement.judged
    expressions = [one.check.expression for one in judged]
    wanted = [
        (e.threshold if isinstance(e, Expectation) else e.half_width).value for e in expressions
    ]
    columns = {
        "verdict": [one.verdict.value for one in judged],
        "fails": [judgement.fails(one) for one in judged],
        "threshold": wanted,
        "interval_level": [one.level for one in judged],
        "draws": [one.draws for one in judged],
        "undefined": [one.measured.undefined for one in judged],
        "reason": [one.reason for one in judged],
    }
    told = {
        "verdict": "What came out",
        "fails": "Whether it fails the gate",
        "threshold": "What the figure, or its error, is compared with",
        "interval_level": "Confidence level of the interval that was judged by",
        "draws": "Draws that it was judged by",
        "undefined": "Share of futures in which it is undefined",
        "reason": "What qualifies the verdict",
    }
    figures = np.array([one.measured.estimate for one in judged], np.float64)
    return xr.Dataset(
        {
            **{
                name: xr.Variable("check", values, {"long_name": told[name]})
                for name, values in columns.items()
            },
            "figure": xr.Variable(
                ("check", "bound"), figures, {"long_name": "The figure and its interval"}
            ),
        },
        {
            "check": [one.check.name for one in judged],
            "bound": list(Estimate._fields),
            "that": ("check", [one.check.text for one in judged]),
            "level": ("check", [one.check.level for one in judged]),
            "severity": ("check", [one.check.severity for one in judged]),
        },
        {
            "title": judgement.subject,
            "outcome": outcome([judgement]).value,
            "exit_code": exit_code([judgement]),
        },
    )
