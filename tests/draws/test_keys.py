"""Names, keys and entities: unambiguous, reversible and checked."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gtmsim.draws import keys


def test_name_key_is_pinned() -> None:
    """A name key is the same in every version, or every stored result would change."""
    assert keys.name_key("channel", "outbound") == 0x21775774644A5130


def test_boundaries_and_order_of_names_count() -> None:
    """Names that read the same when joined have different keys."""
    variants = [("ab", "c"), ("a", "bc"), ("abc",), ("c", "ab"), ("abc", ""), ("", "abc")]
    assert len({keys.name_key(*names) for names in variants}) == len(variants)


def test_name_key_is_a_word() -> None:
    """Every name key is an unsigned 64-bit integer and uses the upper half of its range too."""
    found = [keys.name_key("x", str(i)) for i in range(100)]
    assert all(0 <= key < 2**64 for key in found)
    assert any(key >= 2**63 for key in found)


def test_name_key_needs_a_name() -> None:
    """A key of nothing is refused."""
    with pytest.raises(ValueError, match="at least one name"):
        keys.name_key()


def test_replication_key_packs_draw_and_replication() -> None:
    """The second key word holds the draw in its upper and the replication in its lower half."""
    assert keys.replication_key(7, 3, 5) == (7, 3 << 32 | 5)
    largest = keys.replication_key(2**64 - 1, 2**32 - 1, 2**32 - 1)
    assert largest == (2**64 - 1, 2**64 - 1)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((-1, 0, 0), "seed"),
        ((2**64, 0, 0), "seed"),
        ((0, -1, 0), "draw"),
        ((0, 2**32, 0), "draw"),
        ((0, 0, -1), "replication"),
        ((0, 0, 2**32), "replication"),
    ],
)
def test_replication_key_refuses_overflow(arguments: tuple[int, int, int], name: str) -> None:
    """A negative or too large part is named, with its range and its value."""
    with pytest.raises(ValueError, match=rf"{name} must lie in \[0, \d+\); got -?\d+"):
        keys.replication_key(*arguments)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((keys.MAX_STREAMS, 0, 0, 0, 0), "stream"),
        ((0, keys.MAX_MONTHS, 0, 0, 0), "month"),
        ((0, 0, keys.MAX_LAYERS, 0, 0), "layer"),
        ((0, 0, 0, keys.MAX_INDEX, 0), "index"),
        ((0, 0, 0, 0, keys.MAX_N), "n"),
        ((0, 0, 0, 0, -1), "n"),
    ],
)
def test_check_place_refuses_overflow(arguments: tuple[int, int, int, int, int], name: str) -> None:
    """A field one above its limit is refused by name."""
    with pytest.raises(ValueError, match=f"^{name} must lie in"):
        keys.check_place(*arguments)


def test_check_place_accepts_the_limits() -> None:
    """The largest value of every field is accepted."""
    keys.check_place(
        keys.MAX_STREAMS - 1,
        keys.MAX_MONTHS - 1,
        keys.MAX_LAYERS - 1,
        keys.MAX_INDEX - 1,
        keys.MAX_N - 1,
    )


@settings(deadline=None, derandomize=True)
@given(
    st.integers(0, keys.MAX_STREAMS - 1),
    st.integers(0, keys.MAX_MONTHS - 1),
    st.integers(0, keys.MAX_LAYERS - 1),
    st.integers(0, keys.MAX_INDEX - 1),
    st.integers(0, keys.MAX_N - 1),
)
def test_packing_is_reversible(stream: int, month: int, layer: int, index: int, n: int) -> None:
    """Stream and place come back from an entity, and every field from a counter word."""
    place = keys.pack_place(month, layer, index)
    entity = keys.entity_id(stream, place)
    word = int(keys.counter(place, n))
    assert (keys.stream_of(entity), keys.place_of(entity)) == (stream, place)
    assert (word >> 54, word >> 34 & 0xFFFFF, word >> 28 & 63, word & 0xFFFFFFF) == (
        month,
        layer,
        index,
        n,
    )


def test_collisions_are_named() -> None:
    """Two pairs whose keys give one counter word are both named."""
    message = re.escape("('a', 'y') and ('b', 'x')")
    with pytest.raises(ValueError, match=message):
        keys.check_collisions({"a": 1, "b": 2}, {"x": 0, "y": 3})


def test_equal_keys_collide() -> None:
    """Two streams with one key are refused whatever the purpose."""
    with pytest.raises(ValueError, match="rename"):
        keys.check_collisions({"a": 1, "b": 1}, {"x": 5})


def test_real_names_do_not_collide() -> None:
    """A few thousand pairs of hashed names pass."""
    streams = {f"channel {i}": keys.name_key("channel", str(i)) for i in range(60)}
    purposes = {f"purpose {i}": keys.name_key("purpose", str(i)) for i in range(60)}
    keys.check_collisions(streams, purposes)
