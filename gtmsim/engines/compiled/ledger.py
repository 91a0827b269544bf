"""Writing the ledger from compiled code."""

import numpy as np

from gtmsim.engines.block import LEDGER_DTYPE, Ledger
from gtmsim.engines.compiled.workspace import Log
from gtmsim.jit import lean


@lean
def note(
    log: Log,
    t: float,
    kind: int,
    entity: int,
    sub: int,
    segment: int,
    detail: int,
    seat: int,
    amount: int,
) -> None:
    """Write an entry; what does not fit is counted only, so that the driver knows the length."""
    n = log.count[0]
    log.count[0] = n + 1
    if n < log.time.shape[0]:
        log.time[n] = t
        log.column[n, 0] = kind
        log.column[n, 1] = entity
        log.column[n, 2] = sub
        log.column[n, 3] = segment
        log.column[n, 4] = detail
        log.column[n, 5] = seat
        log.column[n, 6] = amount


def entries(log: Log) -> Ledger:
    """Entries written so far, unsorted."""
    n = int(log.count[0])
    ledger = np.empty(n, LEDGER_DTYPE)
    time, *columns = LEDGER_DTYPE.names or ()
    ledger[time] = log.time[:n]
    for i, name in enumerate(columns):
        ledger[name] = log.column[:n, i]
    return ledger
