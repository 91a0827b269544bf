"""Rows of numbers by column name, made into tables."""

from collections.abc import Sequence
from enum import IntEnum
from typing import TypeVar

import numpy as np

from gtmsim.plan.distributions import Number
from gtmsim.plan.structure import Flags, Floats, Ints

Column = TypeVar("Column", bound=IntEnum)
IntRow = dict[Column, int]
NumberRow = dict[Column, Number]


def int_table(columns: type[Column], rows: Sequence[IntRow[Column]]) -> Ints:
    """Table of whole numbers, shape (rows, columns)."""
    table = np.zeros((len(rows), len(columns)), np.int64)
    for row, cells in zip(table, rows, strict=True):
        for column in columns:  # every column, so that none is forgotten
            row[column] = cells[column]
    return table


def flag_table(n_columns: int, rows: Sequence[Sequence[bool]]) -> Flags:
    """Table of flags, shape (rows, n_columns)."""
    return np.array(rows, np.bool_).reshape(len(rows), n_columns)


def write_rows(out: Floats, columns: type[Column], rows: Sequence[NumberRow[Column]]) -> None:
    """Write rows into ``out``, shape (draws, rows, columns)."""
    for index, cells in enumerate(rows):
        for column in columns:
            out[:, index, column] = cells[column]


def write_cells(out: Floats, rows: Sequence[Sequence[Number]]) -> None:
    """Write rows without named columns into ``out``, shape (draws, rows, cells)."""
    for index, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            out[:, index, column] = cell
