"""Tables that cannot be changed."""

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

Key = TypeVar("Key")
Item = TypeVar("Item")


class ReadOnly(dict[Key, Item]):
    """A dict that refuses changes; ``copy`` and ``|`` return a plain one.

    Unlike ``MappingProxyType`` it can be pickled, for workers that are processes, and deep-copied.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # The usual way of a dict fills an empty one, which would be refused.
        return type(self), (dict(self),)

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("this table is read-only; change a copy: `dict(table)`")

    __setitem__ = _refuse
    __delitem__ = _refuse
    __ior__ = _refuse
    clear = _refuse
    pop = _refuse
    popitem = _refuse
    setdefault = _refuse
    update = _refuse


def read_only(value: Any) -> Any:
    """Value with every table in it read-only; models and tuples stay as they are."""
    if isinstance(value, Mapping):
        return ReadOnly({key: read_only(item) for key, item in value.items()})
    return value
