"""Plans that are simulated as the points of a sweep, by commands whose answer is another."""

from pathlib import Path
from typing import TYPE_CHECKING

from gtmsim.cli.progress import progress
from gtmsim.cli.session import Session, tell_damaged

if TYPE_CHECKING:
    from gtmsim.analysis.sweeping import Filled, Sweep


def filled_with(sweep: "Sweep", folder: Path, points: str, session: Session) -> "Filled":
    """Simulate what is missing of a sweep, and tell what was there."""
    from gtmsim.analysis.sweeping import begin, go_on

    begun = begin(sweep, folder)
    tell_damaged([f"number {n + 1} of the {points or 'plans'}" for n in begun.damaged], session)
    done = len(sweep.points) - len(begun.missing)
    if done and points:
        session.say(f"{done:,} of {len(sweep.points):,} {points} are done already.")
    futures = len(begun.missing) * sweep.shape[1] * sweep.shape[2]
    with progress(futures, session) as report:
        return go_on(sweep, begun, progress=report)
