"""Judgements made by hand, and futures of a known probability."""

import numpy as np
import xarray as xr

from gtmsim.analysis.evaluating import Futures, Measured
from gtmsim.analysis.gate import Check, Judged, Judgement, Verdict
from gtmsim.errors import Place
from gtmsim.expressions import parse_precision
from gtmsim.statistics.error import UNDEFINED, Estimate

ESTIMATE = Estimate(0.34, 0.31, 0.37)


def check(text, name=None, **more):
    return Check(name or text, text, parse_precision(text), **more)


def judged(
    verdict, name="The cash lasts", severity="error", text="prob(survives) > 0.3", reason=""
):
    place = Place("plans/a.toml", 7, 8, "that = ...", 3)
    is_error = verdict == "error"
    measured = Measured(UNDEFINED, 1.0, reason) if is_error else Measured(ESTIMATE, 0.0)
    checked = check(text, name, severity=severity, place=place)
    return Judged(checked, Verdict(verdict), measured, 0.95, 512, 2, reason)


def judgement(*verdicts, inconclusive="fail", subject="A plan", **more):
    """Of verdicts by name; one with a ``?`` behind it is of severity warning."""
    found = (
        judged(verdict.removesuffix("?"), severity="warning" if "?" in verdict else "error", **more)
        for verdict in verdicts
    )
    return Judgement(subject, tuple(found), inconclusive)


def futures_of(values):
    """Futures with the given cash in their only month, shape (draws, replications)."""
    cash = np.asarray(values, np.float64)[:, :, None]
    return Futures(xr.Dataset({"cash": (("draw", "replication", "month"), cash)}))
