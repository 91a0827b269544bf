"""`gtmsim tripwires`: what tells bad futures from good ones early."""

from pathlib import Path

import click

from gtmsim.cli.answering import FORMATS, write_answer
from gtmsim.cli.options import (
    Whole,
    format_option,
    set_option,
    simulation_options,
)
from gtmsim.cli.plans import Plan, Simulations, read_plans
from gtmsim.cli.run import How
from gtmsim.cli.session import Session, common_options
from gtmsim.settings import DEFAULT_DRAWS, MAX_COUNT, MAX_MONTHS


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--target", metavar="NAME", help="A future is bad if it misses this target of the "
              "plan; survives is one that every plan has.")  # fmt: skip
@click.option("--against", metavar="PLAN", type=click.Path(path_type=Path), help="Or: a future is "
              "bad if this other plan is worth more in it.")  # fmt: skip
@click.option("--by-month", metavar="N", type=Whole(1, MAX_MONTHS), help="Last month at which "
              "something is seen; by default half-way to the target's, at most 24.")  # fmt: skip
@click.option("--window", metavar="N", type=Whole(1, 12), default=6, show_default=True,
              help="Months that flows and ratios are of.")  # fmt: skip
@click.option("--metric", "metrics", metavar="NAME", multiple=True, help="Look at this alone, as "
              "at win_rate; may be repeated.")  # fmt: skip
@click.option("--false-alarms", metavar="SHARE", help="Stop at most this share of good futures, as "
              "in 20%; by default caught less wrongly stopped is largest.")  # fmt: skip
@click.option(
    "--draws", metavar="N", type=Whole(2, MAX_COUNT), default=DEFAULT_DRAWS, show_default=True,
    help="Draws of what is uncertain, where a scenario is simulated.",
)  # fmt: skip
@simulation_options
@set_option
@format_option(*FORMATS)
@common_options
def tripwires(  # noqa: PLR0913  one argument per option
    session: Session,
    *,
    plan: Path,
    target: str | None,
    against: Path | None,
    by_month: int | None,
    window: int,
    metrics: tuple[str, ...],
    false_alarms: str | None,
    draws: int,
    replications: int,
    seed: int,
    months: int | None,
    workers: int | None,
    engine: str,
    overrides: tuple[str, ...],
    form: str,
) -> None:
    """Find what tells early which futures of PLAN go wrong, and from which threshold on.

    PLAN is a scenario file, which is simulated and kept in results/ unless its results are there
    already, or a folder of results.
    """
    from gtmsim.analysis import tripwires as analysis
    from gtmsim.report.tripwires import tripwires_answer

    if (target is None) == (against is None):
        raise click.UsageError("Give --target NAME, or --against PLAN.")
    how = How(draws, replications, seed, months, workers, engine, (), extend=False)
    paths = (plan,) if against is None else (plan, against)
    given = read_plans(paths, overrides, months, session)
    if target is not None:
        _check_target(given[0], target, by_month)
    share = _share(false_alarms)
    _check_metrics(metrics)
    simulations = Simulations(how, session)
    results, *others = (simulations.of(one, draws) for one in given)
    found = analysis.tripwires(
        results,
        target or "",
        against=others[0] if others else None,
        by_month=by_month,
        window=window,
        metrics=metrics,
        false_alarms=share,
    )
    good = f"meet {target}" if target else f"do at least as well as {given[-1].name}"
    if target == analysis.SURVIVES:
        good = "keep their cash"
    answer = tripwires_answer(found, given[0].scenario.scenario.name, good)
    write_answer(answer, form, session)


def _check_target(plan: Plan, target: str, by_month: int | None) -> None:
    """Refuse a target that the plan lacks, before anything is simulated.

    Raises
    ------
    UsageError
        With what the plan has.
    """
    from gtmsim.words import closest

    known = [*plan.scenario.targets, "survives"]
    if target not in known:
        near = closest(target, known)
        hint = f"Did you mean {near}?" if near else f"It has {', '.join(known)}."
        raise click.UsageError(f"{plan.title} has no target {target}. {hint}")
    months = plan.scenario.scenario.months
    stated = plan.scenario.targets.get(target)
    goal = stated.last_month(months) if stated else months
    if goal > months:
        raise click.UsageError(f"Target {target} is of month {goal}, after the end, {months}.")
    if by_month is not None and by_month >= goal:
        raise click.UsageError(f"--by-month {by_month} is not before month {goal} of {target}.")


def _check_metrics(metrics: tuple[str, ...]) -> None:
    from gtmsim.analysis.tripwires import OBSERVABLES
    from gtmsim.words import closest

    known = [one.name for one in OBSERVABLES]
    for name in metrics:
        if name not in known:
            near = closest(name, known)
            hint = f"Did you mean {near}?" if near else f"Known are {', '.join(known)}."
            raise click.UsageError(f"--metric {name} is not looked at. {hint}")


def _share(text: str | None) -> float | None:
    from gtmsim.scenario.kinds import SHARE
    from gtmsim.scenario.literals import QuantityError, read_number

    if text is None:
        return None
    try:
        value = read_number(text if "%" in text else float(text), SHARE)
    except (QuantityError, ValueError):
        value = 0.0
    if not 0.0 < value < 1.0:
        raise click.UsageError(f"--false-alarms wants a share such as 20%; got {text!r}.")
    return value
