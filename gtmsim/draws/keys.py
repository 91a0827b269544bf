"""What a draw belongs to: the words of its key and of its counter.

The key is (seed, draw << 32 | replication). Counter word 0 is the stream's name key xor the
purpose's name key; counter word 1 is place << 28 | n.

An entity is (stream, place). A place is 36 bits, month 10 | layer 20 | index 6 for a lead, or an
ordinal for whatever does not arrive in a strip. Shifting is unchecked in compiled code: callers
compare with the ``MAX_`` constants below, or call `check_place`.
"""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np

from gtmsim.jit import inlined

INDEX_BITS = 6
LAYER_BITS = 20
MONTH_BITS = 10
PLACE_BITS = MONTH_BITS + LAYER_BITS + INDEX_BITS
N_BITS = 28
STREAM_BITS = 20

MAX_INDEX = 2**INDEX_BITS
MAX_LAYERS = 2**LAYER_BITS
MAX_MONTHS = 2**MONTH_BITS
MAX_PLACES = 2**PLACE_BITS
MAX_N = 2**N_BITS
MAX_STREAMS = 2**STREAM_BITS

_MAX_SEED = 2**64
_MAX_HALF_WORD = 2**32
_PLACE_MASK = MAX_PLACES - 1
_N_SHIFT = np.uint64(N_BITS)


def name_key(*names: str) -> int:
    """Hash a kind and its names, for example ``name_key("channel", "outbound")``.

    Parameters
    ----------
    names
        One or more strings; their order and their boundaries count.

    Returns
    -------
    int
        0 to 2**64 - 1, the same in every process and on every machine.

    Raises
    ------
    ValueError
        Without a name.
    """
    if not names:
        raise ValueError("name_key needs at least one name; got none")
    digest = blake2b(digest_size=8)
    for name in names:
        encoded = name.encode()
        digest.update(len(encoded).to_bytes(8, "little"))
        digest.update(encoded)
    return int.from_bytes(digest.digest(), "little")


def replication_key(seed: int, draw: int, replication: int) -> tuple[np.uint64, np.uint64]:
    """Both key words of one replication of one parameter draw.

    Parameters
    ----------
    seed
        0 to 2**64 - 1.
    draw, replication
        Ordinals, 0 to 2**32 - 1.

    Returns
    -------
    (k0, k1)
        ``seed`` and ``draw << 32 | replication``.

    Raises
    ------
    ValueError
        If one of them is out of its range.
    """
    _check_below("seed", seed, _MAX_SEED)
    _check_below("draw", draw, _MAX_HALF_WORD)
    _check_below("replication", replication, _MAX_HALF_WORD)
    return np.uint64(seed), np.uint64(int(draw) << 32 | int(replication))


def check_place(stream: int, month: int, layer: int, index: int, n: int = 0) -> None:
    """Refuse an entity or a draw ordinal that its bits cannot hold.

    Raises
    ------
    ValueError
        Naming the first of the five that is negative or too large.
    """
    _check_below("stream", stream, MAX_STREAMS)
    _check_below("month", month, MAX_MONTHS)
    _check_below("layer", layer, MAX_LAYERS)
    _check_below("index", index, MAX_INDEX)
    _check_below("n", n, MAX_N)


def check_collisions(stream_keys: Mapping[str, int], purpose_keys: Mapping[str, int]) -> None:
    """Refuse names whose counter words coincide, since they would share their luck.

    Parameters
    ----------
    stream_keys, purpose_keys
        Name keys by the name to report.

    Raises
    ------
    ValueError
        Naming every two (stream, purpose) pairs with the same ``stream ^ purpose`` word.
    """
    owners: dict[int, tuple[str, str]] = {}
    clashes: list[str] = []
    for stream, stream_key in stream_keys.items():
        for purpose, purpose_key in purpose_keys.items():
            pair = (stream, purpose)
            owner = owners.setdefault(stream_key ^ purpose_key, pair)
            if owner != pair:
                clashes.append(f"{owner} and {pair}")
    if clashes:
        raise ValueError(
            "these (stream, purpose) pairs would draw the same numbers; rename one name of each: "
            + "; ".join(clashes)
        )


@inlined
def pack_place(month: int, layer: int, index: int) -> int:
    """Place of point ``index`` of ``layer`` in ``month``; nothing is checked."""
    high = np.int64(month) << (LAYER_BITS + INDEX_BITS)
    return int(high | np.int64(layer) << INDEX_BITS | np.int64(index))


@inlined
def entity_id(stream: int, place: int) -> int:
    """Identity of an entity: ``stream << 36 | place`` as int64; nothing is checked."""
    return int(np.int64(stream) << PLACE_BITS | np.int64(place))


@inlined
def place_of(entity: int) -> int:
    """Place of an entity: its low 36 bits."""
    return int(np.int64(entity) & _PLACE_MASK)


@inlined
def stream_of(entity: int) -> int:
    """Stream of an entity: the bits above its place."""
    return int(np.int64(entity) >> PLACE_BITS)


@inlined
def counter(place: int, n: int) -> np.uint64:
    """Counter word 1 of draw ``n`` of a place: ``place << 28 | n``; nothing is checked."""
    return (np.uint64(place) << _N_SHIFT) | np.uint64(n)


def _check_below(name: str, value: int, limit: int) -> None:
    if not 0 <= value < limit:
        raise ValueError(f"{name} must lie in [0, {limit}); got {value}")
