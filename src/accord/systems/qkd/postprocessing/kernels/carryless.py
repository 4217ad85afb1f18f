"""Products of binary polynomials, 64 by 64 bits: by the processor's instruction, or by integer products elsewhere.

The integer form spreads each operand over four masks of every fourth bit, so that no sum of single products
reaches its neighbour: at most 16 of them meet, and a carry out of the last place falls off the word.
"""

from __future__ import annotations

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["FAST", "dot4", "multiply", "multiply_portable", "parity", "population", "trailing_zeros"]

_I8, _I64 = ir.IntType(8), ir.IntType(64)
_PAIR = ir.VectorType(_I64, 2)


def _has_instruction() -> bool:
    return binding.get_process_triple().startswith("x86_64") and bool(
        dict(binding.get_host_cpu_features()).get("pclmul")
    )


FAST = _has_instruction()


@intrinsic
def population(typingctx, word):
    """Return the number of bits set."""

    def codegen(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


@intrinsic
def trailing_zeros(typingctx, word):
    """Return the position of the lowest bit set; the word must not be zero."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), codegen


@njit(cache=True, inline="always")
def parity(word):
    """Return the parity of a word."""
    return population(word) & np.uint64(1)


@njit(cache=True)
def _low_product(x, y):
    m0, m1 = np.uint64(0x1111111111111111), np.uint64(0x2222222222222222)
    m2, m3 = np.uint64(0x4444444444444444), np.uint64(0x8888888888888888)
    x0, x1, x2, x3 = x & m0, x & m1, x & m2, x & m3
    y0, y1, y2, y3 = y & m0, y & m1, y & m2, y & m3
    z0 = ((x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1)) & m0
    z1 = ((x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2)) & m1
    z2 = ((x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3)) & m2
    z3 = ((x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0)) & m3
    return z0 | z1 | z2 | z3


@intrinsic
def _reversed(typingctx, word):
    def codegen(context, builder, signature, args):
        return builder.bitreverse(args[0])

    return types.uint64(types.uint64), codegen


@njit(cache=True)
def multiply_portable(x, y):
    """Return the low and the high word of the product of two binary polynomials, by integer products."""
    high = _reversed(_low_product(_reversed(x), _reversed(y))) >> np.uint64(1)
    return _low_product(x, y), high


@intrinsic
def _instruction(typingctx, x, y):
    def codegen(context, builder, signature, args):
        function = _clmul(builder.module)
        left = builder.insert_element(ir.Constant(_PAIR, [0, 0]), args[0], _I64(0))
        right = builder.insert_element(ir.Constant(_PAIR, [0, 0]), args[1], _I64(0))
        return _words(context, builder, signature, builder.call(function, [left, right, _I8(0)]))

    return types.UniTuple(types.uint64, 2)(types.uint64, types.uint64), codegen


def _clmul(module):
    return cgutils.get_or_insert_function(
        module, ir.FunctionType(_PAIR, [_PAIR, _PAIR, _I8]), "llvm.x86.pclmulqdq"
    )


def _words(context, builder, signature, pair):
    words = [builder.extract_element(pair, _I64(i)) for i in (0, 1)]
    return context.make_tuple(builder, signature.return_type, words)


@intrinsic
def _dot4_instruction(typingctx, t, at, v, start):
    signature = types.UniTuple(types.uint64, 2)(t, types.int64, v, types.int64)

    def codegen(context, builder, signature, args):
        arrays = [context.make_array(signature.args[i])(context, builder, args[i]) for i in (0, 2)]
        function, total = _clmul(builder.module), ir.Constant(_PAIR, [0, 0])
        for j in (0, 2):
            places = (builder.sub(args[1], _I64(j + 1)), builder.add(args[3], _I64(j)))
            loaded = [
                builder.load(builder.bitcast(builder.gep(a.data, [p]), _PAIR.as_pointer()), align=8)
                for a, p in zip(arrays, places, strict=True)
            ]
            for half in (0x01, 0x10):  # t descends while v ascends: the halves cross
                total = builder.xor(total, builder.call(function, [*loaded, _I8(half)]))
        return _words(context, builder, signature, total)

    return signature, codegen


@njit(cache=True)
def _dot4_portable(t, at, v, start):
    low, high = np.uint64(0), np.uint64(0)
    for j in range(4):
        a, b = multiply_portable(t[at - j], v[start + j])
        low ^= a
        high ^= b
    return low, high


multiply = _instruction if FAST else multiply_portable
dot4 = _dot4_instruction if FAST else _dot4_portable
