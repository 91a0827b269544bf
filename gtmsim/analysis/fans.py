"""How amounts develop at a point of a sweep: quantiles over its futures, month by month.

Of a future a sweep keeps single numbers; of a point it also keeps these, so that a reader can see
how the company develops there.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gtmsim.results.dataset import convert_units
from gtmsim.statistics.quantiles import quantiles

FAN = "fan"
"""Name in the store of a sweep."""
AMOUNTS = ("arr", "cash")
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
DIMS = ("amount", "level", "month")

Fan = NDArray[np.float64]


class FanSample:
    """Collects ARR and cash of the futures of one point, month by month, from their blocks."""

    def __init__(self, months: int, draws: int, replications: int) -> None:
        self._values = np.full((len(AMOUNTS), draws, replications, months), np.nan)

    def add(self, results: xr.Dataset, draws: slice, replications: slice) -> None:
        """Take a block.

        Parameters
        ----------
        results
            Of the block, by segment.
        draws, replications
            Its place among the futures of the point.
        """
        arr = results["closing_arr"].sum("segment", keep_attrs=True)
        for row, amount in enumerate((arr, results["cash"])):
            ordered = convert_units(amount).transpose("draw", "replication", "month")
            self._values[row, draws, replications] = ordered.to_numpy()

    def fan(self, months: int) -> Fan:
        """Return quantiles over all futures.

        Parameters
        ----------
        months
            Months of the longest point; NaN after the end of a shorter one.

        Returns
        -------
        ndarray, shape (amounts, levels, months)
            In currency.
        """
        out = np.full((len(AMOUNTS), len(LEVELS), months), np.nan)
        for row, values in enumerate(self._values):
            flat = values.reshape(-1, values.shape[-1])
            out[row, :, : values.shape[-1]] = quantiles(flat, LEVELS)
        return out
