"""The two ways a function of this package is compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit, types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile without the GIL and with IEEE division, which stops no loop from vectorising."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile like `kernel` and always inline, so that a caller's loop can vectorise."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy", forceinline=True)(function))


@intrinsic
def bits_of(typingctx, value):  # type: ignore[no-untyped-def]  # numba's own calling convention
    """Reinterpret a float64 as the uint64 with the same bits."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.bitcast(args[0], context.get_value_type(types.uint64))

    return types.uint64(types.float64), codegen


@intrinsic
def float_of(typingctx, bits):  # type: ignore[no-untyped-def]  # numba's own calling convention
    """Reinterpret a uint64 as the float64 with the same bits."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.uint64), codegen


@intrinsic
def fma(typingctx, x, y, z):  # type: ignore[no-untyped-def]  # numba's own calling convention
    """x * y + z rounded once: one instruction where the processor has it, the same bits elsewhere.

    Plain ``x * y + z`` stays two roundings, because the compiler may not contract it.
    """

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), codegen
