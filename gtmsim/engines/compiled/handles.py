"""Named tuples of arrays, passed to kernels as one pointer.

numba passes a named tuple of arrays by value: seventy arrays are five hundred words per call, and
as many variables for the compiler. A handle is the address of a table with each array's address and
shape; a kernel reads ``handle.name`` from it when it needs it. Fields may be handles themselves.
Run without numba, a handle is an object with those attributes.
"""

from functools import cached_property
from hashlib import blake2b
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    register_model,
    typeof_impl,
    unbox,
)
from numba.core.typing.templates import AttributeTemplate
from numba.np.arrayobj import make_array, populate_array

Tuple = TypeVar("Tuple", bound=tuple[Any, ...])

_WORD = ir.IntType(64)


class Handle:
    """A named tuple of arrays and named tuples, and the table that compiled code reads it by.

    Attributes
    ----------
    address
        Of the table. The handle keeps the table and the arrays alive.
    """

    def __init__(self, fields: Any) -> None:
        self._kind = type(fields).__name__
        self._fields: dict[str, Any] = {
            name: Handle(value) if isinstance(value, tuple) else value
            for name, value in fields._asdict().items()
        }
        words: list[int] = []
        for value in self._fields.values():
            words += [value.address] if isinstance(value, Handle) else _words(value)
        self._table = np.array(words, np.uint64)
        self.address = self._table.ctypes.data
        self.__dict__.update(self._fields)

    @cached_property
    def numba_type(self) -> "HandleType":
        """Type of the handle in compiled code: names and types of its fields."""
        return HandleType(
            self._kind, tuple((name, numba.typeof(value)) for name, value in self._fields.items())
        )


def handle(fields: Tuple) -> Tuple:
    """Handle of a named tuple, typed as the tuple that it stands for."""
    return cast(Tuple, Handle(fields))


def _words(array: np.ndarray) -> list[int]:
    if not array.flags.c_contiguous:
        raise ValueError("a handle's arrays must be contiguous")
    return [array.ctypes.data, *array.shape]


class HandleType(types.Type):
    """Type of a handle; ``kind`` is the name of the named tuple's class."""

    def __init__(self, kind: str, fields: tuple[tuple[str, types.Type], ...]) -> None:
        self.fields = fields
        self.offsets: dict[str, int] = {}
        offset = 0
        for name, field in fields:
            self.offsets[name] = offset
            offset += 1 if isinstance(field, HandleType) else 1 + field.ndim
        # The name goes into that of every kernel that takes a handle: it had better be short.
        digest = blake2b(repr(fields).encode(), digest_size=6).hexdigest()
        super().__init__(f"{kind}_{digest}")


register_model(HandleType)(models.OpaqueModel)


@typeof_impl.register(Handle)
def _typeof_handle(value: Handle, context: Any) -> HandleType:
    return value.numba_type


@unbox(HandleType)
def _unbox_handle(typ: HandleType, value: Any, c: Any) -> NativeValue:
    number = c.pyapi.object_getattr_string(value, "address")
    address = c.pyapi.long_as_voidptr(number)
    c.pyapi.decref(number)
    return NativeValue(address, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


@infer_getattr
class _HandleFields(AttributeTemplate):
    key = HandleType

    def generic_resolve(self, typ: HandleType, name: str) -> types.Type | None:
        return dict(typ.fields).get(name)


@lower_getattr_generic(HandleType)
def _read_field(context: Any, builder: Any, typ: HandleType, value: Any, name: str) -> Any:
    field = dict(typ.fields)[name]
    words = builder.bitcast(value, _WORD.as_pointer())
    constant = builder.module.add_metadata([])

    def word(i: int) -> Any:
        read = builder.load(builder.gep(words, [_WORD(typ.offsets[name] + i)]))
        # The table never changes while compiled code runs: one read serves a whole loop.
        read.set_metadata("invariant.load", constant)
        return read

    if isinstance(field, HandleType):
        return builder.inttoptr(word(0), cgutils.voidptr_t)
    array = make_array(field)(context, builder)
    itemsize = context.get_abi_sizeof(context.get_data_type(field.dtype))
    shape = [word(1 + axis) for axis in range(field.ndim)]
    strides = [_WORD(itemsize)]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent))
    populate_array(
        array,
        data=builder.inttoptr(word(0), array.data.type),
        shape=shape,
        strides=strides,
        itemsize=_WORD(itemsize),
        meminfo=None,
    )
    return array._getvalue()
