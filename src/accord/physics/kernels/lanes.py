"""Roots of many passes side by side, so that the processor works on several at once; see `kernels.search`.

A block holds 128 problems as rows of one flat array: the cubic of the satellite's place from the site over one step,
the site's normal, the sine of its mask. Every lane takes the same few rounds of Newton's rule; a lane that has not
settled says so, and is solved on its own.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["LANES", "fresh", "put", "roots", "share", "tops"]

LANES = 128  # a block fits the innermost cache
# rows of a block: cubic (12: constant to third power, three axes each), normal (3), sine of the mask, result, settled
_UP, _LEVEL, _X, _STEP = 12 * LANES, 15 * LANES, 16 * LANES, 17 * LANES
ROOM = 18 * LANES


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def put(block, lane, position, velocity, s, node, step, site, up, k, level):
    """Put one problem into a lane: a satellite's way from one node to the next over a site."""
    for axis in range(3):
        p0, p1 = position[s, node, axis], position[s, node + 1, axis]
        v0, v1 = velocity[s, node, axis] * step, velocity[s, node + 1, axis] * step
        block[axis * LANES + lane] = p0 - site[k, axis]
        block[(3 + axis) * LANES + lane] = v0
        block[(6 + axis) * LANES + lane] = 3.0 * (p1 - p0) - 2.0 * v0 - v1
        block[(9 + axis) * LANES + lane] = 2.0 * (p0 - p1) + v0 + v1
        block[_UP + axis * LANES + lane] = up[k, axis]
    block[_LEVEL + lane] = level[k]


@njit(cache=True, nogil=True, inline="always")
def _look(b, m, x):
    """Return rise over the plane, its rate, squared range, half its rate, of one lane at a share of the step."""
    dx = ((b[9 * LANES + m] * x + b[6 * LANES + m]) * x + b[3 * LANES + m]) * x + b[m]
    dy = ((b[10 * LANES + m] * x + b[7 * LANES + m]) * x + b[4 * LANES + m]) * x + b[LANES + m]
    dz = ((b[11 * LANES + m] * x + b[8 * LANES + m]) * x + b[5 * LANES + m]) * x + b[2 * LANES + m]
    vx = (3.0 * b[9 * LANES + m] * x + 2.0 * b[6 * LANES + m]) * x + b[3 * LANES + m]
    vy = (3.0 * b[10 * LANES + m] * x + 2.0 * b[7 * LANES + m]) * x + b[4 * LANES + m]
    vz = (3.0 * b[11 * LANES + m] * x + 2.0 * b[8 * LANES + m]) * x + b[5 * LANES + m]
    ux, uy, uz = b[_UP + m], b[_UP + LANES + m], b[_UP + 2 * LANES + m]
    rise, rate = dx * ux + dy * uy + dz * uz, vx * ux + vy * uy + vz * uz
    return rise, rate, dx * dx + dy * dy + dz * dz, dx * vx + dy * vy + dz * vz


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def roots(block):
    """Fill every lane's crossing of the mask, as a share of the step, and the last correction that it took."""
    for m in range(LANES):
        level = block[_LEVEL + m]
        rise, rate, square, half = _look(block, m, 0.0)
        reach = math.sqrt(square)
        f0, r0 = rise - level * reach, rate - level * half / reach
        rise, rate, square, half = _look(block, m, 1.0)
        reach = math.sqrt(square)
        f1, r1 = rise - level * reach, rate - level * half / reach
        c2, c3 = 3.0 * (f1 - f0) - 2.0 * r0 - r1, 2.0 * (f0 - f1) + r0 + r1
        y = f0 / (f0 - f1)
        y -= (((c3 * y + c2) * y + r0) * y + f0) / ((3.0 * c3 * y + 2.0 * c2) * y + r0)
        y -= (((c3 * y + c2) * y + r0) * y + f0) / ((3.0 * c3 * y + 2.0 * c2) * y + r0)
        block[_X + m] = y
    for _ in range(2):
        for m in range(LANES):
            x, level = block[_X + m], block[_LEVEL + m]
            rise, rate, square, half = _look(block, m, x)
            reach = math.sqrt(square)
            move = (rise - level * reach) / (rate - level * half / reach)
            block[_X + m] = x - move
            block[_STEP + m] = abs(move)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def tops(block):
    """Fill every lane's highest elevation, as a share of the step, and the last correction that it took."""
    for m in range(LANES):
        rise, rate, square, half = _look(block, m, 0.0)
        g0 = rate * square - rise * half
        rise, rate, square, half = _look(block, m, 1.0)
        g1 = rate * square - rise * half
        block[_X + m] = g0 / (g0 - g1)
    for _ in range(4):
        for m in range(LANES):
            x = block[_X + m]
            rise, rate, square, half = _look(block, m, x)
            bend, push, speed = 0.0, 0.0, 0.0
            for axis in range(3):
                d = (
                    (block[(9 + axis) * LANES + m] * x + block[(6 + axis) * LANES + m]) * x
                    + block[(3 + axis) * LANES + m]
                ) * x + block[axis * LANES + m]
                v = (
                    3.0 * block[(9 + axis) * LANES + m] * x + 2.0 * block[(6 + axis) * LANES + m]
                ) * x + block[(3 + axis) * LANES + m]
                a = 6.0 * block[(9 + axis) * LANES + m] * x + 2.0 * block[(6 + axis) * LANES + m]
                bend += a * block[_UP + axis * LANES + m]
                push += d * a
                speed += v * v
            g = rate * square - rise * half
            move = g / (bend * square + rate * half - rise * (speed + push))
            block[_X + m] = min(max(x - move, -0.5), 1.5)
            block[_STEP + m] = abs(move)


@njit(cache=True, nogil=True, inline="always")
def share(block, lane):
    """Return a lane's result and the last correction that it took."""
    return block[_X + lane], block[_STEP + lane]


@njit(cache=True, nogil=True)
def fresh():
    """Return an empty block whose lanes compute something harmless."""
    return np.ones(ROOM)
