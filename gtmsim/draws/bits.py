"""Three machine operations that neither Python nor numba spells, for compiled code only."""

from typing import Any

from numba import types
from numba.extending import intrinsic


@intrinsic
def bits_of(typingctx: Any, value: Any) -> Any:
    """Reinterpret a float64 as the uint64 with the same bits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(types.uint64))

    return types.uint64(types.float64), codegen


@intrinsic
def float_of(typingctx: Any, bits: Any) -> Any:
    """Reinterpret a uint64 as the float64 with the same bits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.uint64), codegen


@intrinsic
def fma(typingctx: Any, x: Any, y: Any, z: Any) -> Any:
    """x * y + z rounded once: one instruction where the processor has it, the same bits elsewhere.

    Plain ``x * y + z`` stays two roundings, because the compiler may not contract it.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), codegen
