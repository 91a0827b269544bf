"""The agenda gives instants back in the model's order: time, kind, entity, sub."""

import numpy as np
import pytest

from gtmsim.engines.compiled.agenda import (
    END,
    EXPIRY,
    OWN,
    REQUEST,
    begin_month,
    drop_first,
    entity_of,
    has_room,
    key_of,
    kind_of,
    park,
    push,
    sub_of,
    subject_of,
    what_of,
)
from gtmsim.engines.compiled.handles import handle
from gtmsim.engines.compiled.workspace import NOBODY, _new_agenda

MONTHS = 4


def agenda(capacity: int = 4096):
    tables = handle(_new_agenda(MONTHS, capacity))
    tables.room[0] = NOBODY
    tables.first[:] = NOBODY
    tables.last[:] = NOBODY
    return tables


def instants(n: int, month: int, ties: bool) -> list[tuple[float, int, int]]:
    """Random instants of a month; with ``ties`` at few times, so that the rest decides."""
    luck = np.random.default_rng(7)
    times = luck.integers(0, 4, n) / 4 if ties else luck.random(n)
    kinds = luck.choice([END, EXPIRY, OWN, REQUEST], n)
    entities = luck.permutation(n)
    subs = luck.integers(-1, 3, n)
    return [
        (month + float(t), int(key_of(int(k), int(e))), int(what_of(int(s), i)))
        for i, (t, k, e, s) in enumerate(zip(times, kinds, entities, subs, strict=True))
    ]


def due(tables) -> list[tuple[float, int, int]]:
    n = tables.size[0]
    columns = (tables.due_time[:n], tables.due_key[:n], tables.due_what[:n])
    return [(float(t), int(key), int(what)) for t, key, what in zip(*columns, strict=True)]


@pytest.mark.parametrize("kind", [-1, END, EXPIRY, OWN, REQUEST])
def test_a_key_and_a_what_give_back_what_went_in(kind):
    entity = (1 << 55) + 12345
    key, what = key_of(kind, entity), what_of(17, 99)
    assert (kind_of(key), entity_of(key)) == (kind, entity)
    assert (sub_of(what), subject_of(what)) == (17, 99)
    assert sub_of(what_of(-1, 99)) == -1


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [0, 1, 2, 700])
def test_a_month_begins_with_its_instants_in_order(n, ties):
    tables = agenda()
    given = instants(n, 2, ties)
    for instant in given:
        park(tables, 2, *instant)
    for instant in instants(5, 3, ties):
        park(tables, 3, *instant)
    begin_month(tables, 2)
    assert due(tables) == sorted(given)
    begin_month(tables, 3)
    assert due(tables) == sorted(instants(5, 3, ties))


def test_an_instant_on_the_last_float_of_a_month_is_of_that_month():
    tables = agenda()
    last = float(np.nextafter(3.0, 0.0))
    given = [(last, 1, 0), (2.0, 2, 0), (2.5, 3, 0)]
    for instant in given:
        park(tables, 2, *instant)
    begin_month(tables, 2)
    assert due(tables) == sorted(given)


@pytest.mark.parametrize("ties", [False, True])
def test_what_comes_up_during_the_month_leaves_the_heap_in_order(ties):
    tables = agenda()
    given = instants(500, 1, ties)
    found = []
    for i, instant in enumerate(given):
        push(tables, *instant)
        if i % 3 == 2:
            found.append(_first(tables))
    while tables.size[1] > 0:
        found.append(_first(tables))
    assert sorted(found) == sorted(given)
    # From the last push on nothing new came, so that the rest is in order.
    rest = found[len(given) // 3 :]
    assert rest == sorted(rest)


def _first(tables) -> tuple[float, int, int]:
    first = (float(tables.heap_time[0]), int(tables.heap_key[0]), int(tables.heap_what[0]))
    drop_first(tables)
    return first


def test_entries_of_months_that_began_are_used_again():
    tables = agenda(capacity=64)
    for month in range(MONTHS):
        assert has_room(tables, 64)
        for instant in instants(60, month, ties=False):
            park(tables, month, *instant)
        assert not has_room(tables, 5)
        begin_month(tables, month)
    assert tables.room[1] == 60
