"""The instants at which entities meet teams: kept by month, sorted when their month comes.

What comes up during a month for the same month goes to a binary heap, which stays small.
"""

from gtmsim.engines.compiled.workspace import NOBODY, Agenda
from gtmsim.jit import lean, lean_inlined, merged

START = -1
"""An opening deal goes on its way; a cause of requests, which come in their own order."""
END = 0
EXPIRY = 1
OWN = 2
REQUEST = 3

_KIND_BITS = 56
_ENTITY = (1 << _KIND_BITS) - 1
_SUB_BITS = 32
_SUBJECT = (1 << _SUB_BITS) - 1
_DUE = 0
_HEAP = 1


@lean_inlined
def key_of(kind: int, entity: int) -> int:
    """Kind and entity as one word that sorts by kind, then entity."""
    return (kind << _KIND_BITS) | entity


@lean_inlined
def kind_of(key: int) -> int:
    """Kind of a key."""
    return key >> _KIND_BITS


@lean_inlined
def entity_of(key: int) -> int:
    """Entity of a key."""
    return key & _ENTITY


@lean_inlined
def what_of(sub: int, subject: int) -> int:
    """Playbook's row (or -1) and job or customer slot as one word that sorts by the row."""
    return ((sub + 1) << _SUB_BITS) | subject


@lean_inlined
def subject_of(what: int) -> int:
    """Job or customer slot."""
    return what & _SUBJECT


@lean_inlined
def sub_of(what: int) -> int:
    """Playbook's row, or -1."""
    return (what >> _SUB_BITS) - 1


@lean_inlined
def has_room(agenda: Agenda, n: int) -> bool:
    """Whether ``n`` more instants fit, in the lists and in the heap."""
    capacity = agenda.time.shape[0]
    room = agenda.room
    return capacity - room[1] + room[2] >= n and capacity - agenda.size[_HEAP] >= n


@lean
def park(agenda: Agenda, month: int, t: float, key: int, what: int) -> None:
    """Put an instant on the list of its month, which has not begun."""
    room = agenda.room
    entry = room[0]
    if entry == NOBODY:
        entry = room[1]
        room[1] += 1
    else:
        room[0] = agenda.link[entry]
        room[2] -= 1
    agenda.time[entry] = t
    agenda.key[entry] = key
    agenda.what[entry] = what
    agenda.link[entry] = NOBODY
    if agenda.first[month] == NOBODY:
        agenda.first[month] = entry
    else:
        agenda.link[agenda.last[month]] = entry
    agenda.last[month] = entry


@lean_inlined
def comes_before(
    time_a: float, key_a: int, what_a: int, time_b: float, key_b: int, what_b: int
) -> bool:
    """Whether one instant precedes another: by time, kind, entity, sub."""
    if time_a != time_b:
        return time_a < time_b
    if key_a != key_b:
        return key_a < key_b
    return what_a < what_b


@lean
def push(agenda: Agenda, t: float, key: int, what: int) -> None:
    """Put an instant of the running month into the heap."""
    time, keys, whats = agenda.heap_time, agenda.heap_key, agenda.heap_what
    hole = agenda.size[_HEAP]
    agenda.size[_HEAP] = hole + 1
    while hole > 0:
        parent = (hole - 1) >> 1
        if not comes_before(t, key, what, time[parent], keys[parent], whats[parent]):
            break
        time[hole], keys[hole], whats[hole] = time[parent], keys[parent], whats[parent]
        hole = parent
    time[hole], keys[hole], whats[hole] = t, key, what


@merged
def drop_first(agenda: Agenda) -> None:
    """Take the first instant out of the heap."""
    time, keys, whats = agenda.heap_time, agenda.heap_key, agenda.heap_what
    n = agenda.size[_HEAP] - 1
    agenda.size[_HEAP] = n
    t, key, what = time[n], keys[n], whats[n]
    hole = 0
    child = 1
    while child < n:
        other = child + 1
        if other < n and comes_before(
            time[other], keys[other], whats[other], time[child], keys[child], whats[child]
        ):
            child = other
        if comes_before(t, key, what, time[child], keys[child], whats[child]):
            break
        time[hole], keys[hole], whats[hole] = time[child], keys[child], whats[child]
        hole = child
        child = 2 * hole + 1
    time[hole], keys[hole], whats[hole] = t, key, what


@lean
def begin_month(agenda: Agenda, month: int) -> None:
    """Sort the month's list.

    Instants fall into as many buckets of equal width as there are instants, each in the order in
    which it came, which the insertion sort then settles; what shares an instant comes in order
    already, or in numbers no larger than a team's slots.
    """
    link, bucket = agenda.link, agenda.bucket
    n = 0
    entry = agenda.first[month]
    while entry != NOBODY:
        n += 1
        entry = link[entry]
    bucket[: n + 2] = 0
    entry = agenda.first[month]
    while entry != NOBODY:
        bucket[_bucket(agenda.time[entry], month, n) + 2] += 1
        entry = link[entry]
    for i in range(1, n + 2):
        bucket[i] += bucket[i - 1]
    entry = agenda.first[month]
    while entry != NOBODY:
        place = _bucket(agenda.time[entry], month, n) + 1
        to = bucket[place]
        bucket[place] = to + 1
        agenda.due_time[to] = agenda.time[entry]
        agenda.due_key[to] = agenda.key[entry]
        agenda.due_what[to] = agenda.what[entry]
        entry = link[entry]
    _settle(agenda, n)
    if n > 0:
        link[agenda.last[month]] = agenda.room[0]
        agenda.room[0] = agenda.first[month]
        agenda.room[2] += n
    agenda.size[_DUE] = n
    agenda.size[_HEAP] = 0


@lean_inlined
def _bucket(t: float, month: int, n: int) -> int:
    # t - month is below 1, but its product with n may round up to n.
    place = int((t - month) * n)
    return place if place < n else n - 1


@merged
def _settle(agenda: Agenda, n: int) -> None:
    time, keys, whats = agenda.due_time, agenda.due_key, agenda.due_what
    for i in range(1, n):
        t, key, what = time[i], keys[i], whats[i]
        hole = i
        while hole > 0 and comes_before(
            t, key, what, time[hole - 1], keys[hole - 1], whats[hole - 1]
        ):
            time[hole], keys[hole], whats[hole] = time[hole - 1], keys[hole - 1], whats[hole - 1]
            hole -= 1
        time[hole], keys[hole], whats[hole] = t, key, what
