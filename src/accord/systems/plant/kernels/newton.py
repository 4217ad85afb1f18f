"""Residuals, weights, right sides, directions and steps of the interior-point method, over the columns of a chain.

``live`` is 0 where a column can only be at its bound (no sun: no solar output), ``upper`` 0 where it has no upper
bound; such entries hold harmless numbers and take no part. ``x`` is counted from the lower bound, ``s`` is the room
left to the upper bound ``u + a K``, ``z`` and ``v`` are their prices.

The heavy loops stand alone over one column, and keep their largest value hour by hour: so written they are compiled
for several hours at a time, which a check for a division by zero, or one largest value for all, prevents.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = [
    "affine", "centre", "direction", "gap_after", "head", "mehrotra", "move", "primal", "pull", "residual", "right",
    "weights",
]  # fmt: skip

_TINY = 1e-300


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _residual_of_column(c, u, a, live, upper, level, x, s, z, v, aty, rd, ru, worst_d, worst_u):
    """Fill the residuals of a column; return complementarity, cost, worth of its bound, what its capacity is paid."""
    product, cost, bound, worth = 0.0, 0.0, 0.0, 0.0
    for t in range(len(x)):
        dual = (c[t] - aty[t] - z[t] + v[t]) * live[t]
        rd[t] = dual
        room = (u[t] + a[t] * level - x[t] - s[t]) * upper[t]
        ru[t] = room
        dual, room = abs(dual), abs(room)
        worst_d[t] = dual if dual > worst_d[t] else worst_d[t]
        worst_u[t] = room if room > worst_u[t] else worst_u[t]
        product += x[t] * z[t] + s[t] * v[t]
        cost += c[t] * x[t] * live[t]
        bound += u[t] * v[t]
        worth += a[t] * v[t]
    return product, cost, bound, worth


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def residual(c, u, a, live, upper, capacity, size, x, s, z, v, aty, rd, ru, sums, paid):
    """Fill the dual residual ``rd`` (``aty`` in it on entry may be the same array) and that of the upper bounds ``ru``.

    ``sums``: largest of each, complementarity, primal cost, worth of the upper bounds. ``paid`` adds up ``a v`` for
    each capacity.
    """
    sums[:] = 0.0
    paid[:] = 0.0
    worst_d, worst_u = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for j in range(x.shape[0]):
        k = capacity[j]
        level = size[k] if k >= 0 else 0.0
        product, cost, bound, worth = _residual_of_column(
            c[j],
            u[j],
            a[j],
            live[j],
            upper[j],
            level,
            x[j],
            s[j],
            z[j],
            v[j],
            aty[j],
            rd[j],
            ru[j],
            worst_d,
            worst_u,
        )
        sums[2] += product
        sums[3] += cost
        sums[4] += bound
        if k >= 0:
            paid[k] += worth
    sums[0], sums[1] = worst_d.max(), worst_u.max()


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _weights_of_column(x, s, z, v, a, live, ridge, d, w, weight):
    """Fill the weights of a column and return what its capacity's ``curb`` gets."""
    total = 0.0
    for t in range(len(x)):
        d[t] = z[t] / x[t] + ridge
        w[t] = v[t] / s[t]
        weight[t] = live[t] / (d[t] + w[t])
        total += a[t] * a[t] * w[t] * d[t] * weight[t]
    return total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def weights(x, s, z, v, a, live, upper, capacity, ridge, d, w, weight, curb):
    """Fill ``d = z/x``, ``w = v/s``, ``weight = 1/(d + w)``, add ``a^2 w d / (d + w)`` to its capacity's ``curb``."""
    for j in range(x.shape[0]):
        total = _weights_of_column(x[j], s[j], z[j], v[j], a[j], live[j], ridge, d[j], w[j], weight[j])
        if capacity[j] >= 0:
            curb[capacity[j]] += total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def head(now, before, cyclic, weight, w, a, capacity, k, out):
    """Fill ``out`` with the column of capacity ``k`` in the Newton system, ``A D w a``, shape (rows, hours)."""
    out[:] = 0.0
    last = out.shape[1] - 1
    for j in range(weight.shape[0]):
        if capacity[j] != k:
            continue
        for i in range(now[0][j], now[0][j + 1]):
            r, value = now[1][i], now[2][i]
            for t in range(last + 1):
                out[r, t] += value * weight[j, t] * w[j, t] * a[j, t]
        for i in range(before[0][j], before[0][j + 1]):
            r, value = before[1][i], before[2][i]
            for t in range(last):
                out[r, t + 1] += value * weight[j, t] * w[j, t] * a[j, t]
            if cyclic[r]:
                out[r, 0] += value * weight[j, last] * w[j, last] * a[j, last]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _right_of_column(rd, ru, rcz, rcv, x, s, w, weight, a, g, weighted):
    """Fill ``g`` and ``D g`` of a column; return what its capacity's row gets."""
    total = 0.0
    for t in range(len(x)):
        up = rcv[t] / s[t] - w[t] * ru[t]
        g[t] = rd[t] - rcz[t] / x[t] + up
        weighted[t] = weight[t] * g[t]
        total += a[t] * (w[t] * weighted[t] - up)
    return total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def right(now, before, cyclic, rp, rd, ru, rcz, rcv, x, s, w, weight, a, capacity, g, out, shift):
    """Fill ``g`` and the right side ``out = rp + A D g``; ``shift`` is what each capacity's row gets."""
    shift[:] = 0.0
    hours = x.shape[1]
    last = hours - 1
    for r in range(out.shape[0]):
        for t in range(hours):
            out[r, t] = rp[r, t]
    weighted = np.empty(hours)
    for j in range(x.shape[0]):
        total = _right_of_column(
            rd[j], ru[j], rcz[j], rcv[j], x[j], s[j], w[j], weight[j], a[j], g[j], weighted
        )
        if capacity[j] >= 0:
            shift[capacity[j]] += total
        for i in range(now[0][j], now[0][j + 1]):
            r, value = now[1][i], now[2][i]
            for t in range(hours):
                out[r, t] += value * weighted[t]
        for i in range(before[0][j], before[0][j + 1]):
            r, value = before[1][i], before[2][i]
            for t in range(last):
                out[r, t + 1] += value * weighted[t]
            if cyclic[r]:
                out[r, 0] += value * weighted[last]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def pull(rp, now, before, cyclic, dx, out):
    """Fill ``out = rp - A dx`` and return its largest entry: what a direction leaves of the balances."""
    hours = dx.shape[1]
    last, worst = hours - 1, 0.0
    for r in range(out.shape[0]):  # written out: assigning a slice compiles half a minute of error messages
        for t in range(hours):
            out[r, t] = rp[r, t]
    for j in range(dx.shape[0]):
        for i in range(now[0][j], now[0][j + 1]):
            r, value = now[1][i], now[2][i]
            for t in range(hours):
                out[r, t] -= value * dx[j, t]
        for i in range(before[0][j], before[0][j + 1]):
            r, value = before[1][i], before[2][i]
            for t in range(last):
                out[r, t + 1] -= value * dx[j, t]
            if cyclic[r]:
                out[r, 0] -= value * dx[j, last]
    for r in range(out.shape[0]):
        for t in range(hours):
            worst = max(worst, abs(out[r, t]))
    return worst


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def primal(aty, g, added, w, weight, a, capacity, step, dx):
    """Fill ``dx`` from ``aty = A' dy`` and the capacities' ``step``; with ``added`` 1 add what a refinement changes.

    A refinement is added and not worked out anew from the whole of ``dy``: a free column multiplies the rounding of
    ``aty`` by 1e8, that of a small change by as much less.
    """
    hours = dx.shape[1]
    for j in range(dx.shape[0]):
        k = capacity[j]
        by = step[k] if k >= 0 else 0.0
        for t in range(hours):
            change = aty[j, t] + w[j, t] * a[j, t] * by - (1.0 - added) * g[j, t]
            dx[j, t] = added * dx[j, t] + weight[j, t] * change


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _direction_of_column(aty, rd, ru, rcz, rcv, x, s, z, v, a, live, upper, by, dx, ds, dz, dv, primal, dual):
    """Fill the rest of the direction of a column, and raise the largest relative falls of each hour."""
    for t in range(len(x)):
        left = rd[t] - aty[t]
        room = (ru[t] + a[t] * by - dx[t]) * upper[t]
        per_x, per_s = 1.0 / x[t], 1.0 / s[t]
        low = live[t] * (rcz[t] - z[t] * dx[t]) * per_x
        top = upper[t] * (rcv[t] - v[t] * room) * per_s
        at_low = live[t] if x[t] < z[t] else 0.0
        at_top = upper[t] * (1.0 - at_low) if s[t] < v[t] else 0.0
        price = at_low * (left + top) + (1.0 - at_low) * low
        worth = at_top * (low - left) + (1.0 - at_top) * top
        ds[t], dz[t], dv[t] = room, price, worth
        one, other = -dx[t] * per_x, -room * per_s
        one = one if one > other else other
        primal[t] = one if one > primal[t] else primal[t]
        one, other = -price / (z[t] + _TINY), -worth / (v[t] + _TINY)
        one = one if one > other else other
        dual[t] = one if one > dual[t] else dual[t]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def direction(aty, rd, ru, rcz, rcv, x, s, z, v, a, live, upper, capacity, step, dx, ds, dz, dv, pace):
    """Fill the rest of a direction from ``dx`` and the whole ``A' dy``; ``pace`` gets the largest relative falls.

    Where a column stands at its bound its price follows from the dual balance and not from complementarity, which
    would multiply rounding by ``z/x``.
    """
    primal, dual = np.full(x.shape[1], 1e-30), np.full(x.shape[1], 1e-30)
    for j in range(x.shape[0]):
        k = capacity[j]
        by = step[k] if k >= 0 else 0.0
        _direction_of_column(
            aty[j], rd[j], ru[j], rcz[j], rcv[j], x[j], s[j], z[j], v[j], a[j], live[j], upper[j], by,
            dx[j], ds[j], dz[j], dv[j], primal, dual,
        )  # fmt: skip
    pace[0], pace[1] = primal.max(), dual.max()


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def gap_after(x, s, z, v, dx, ds, dz, dv, primal, dual):
    """Return complementarity after a step."""
    total = 0.0
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            total += (x[j, t] + primal * dx[j, t]) * (z[j, t] + dual * dz[j, t])
            total += (s[j, t] + primal * ds[j, t]) * (v[j, t] + dual * dv[j, t])
    return total


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def affine(x, s, z, v, rcz, rcv):
    """Fill the complementarity residuals of the predictor, ``-x z`` and ``-s v``."""
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            rcz[j, t] = -x[j, t] * z[j, t]
            rcv[j, t] = -s[j, t] * v[j, t]


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def mehrotra(x, s, z, v, dx, ds, dz, dv, live, upper, target, rcz, rcv):
    """Fill those of the corrector: the target, less the product and the predictor's second order. Mehrotra (1992)."""
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            rcz[j, t] = live[j, t] * (target - x[j, t] * z[j, t] - dx[j, t] * dz[j, t])
            rcv[j, t] = upper[j, t] * (target - s[j, t] * v[j, t] - ds[j, t] * dv[j, t])


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def centre(x, s, z, v, dx, ds, dz, dv, live, upper, primal, dual, low, high, rcz, rcv, newz, newv):
    """Fill ``newz``, ``newv``: products that a longer step would make too small or large are sent back into a range.

    Gondzio (1996), Computational Optimization and Applications 6:137.
    """
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            product = (x[j, t] + primal * dx[j, t]) * (z[j, t] + dual * dz[j, t])
            change = max(low - product, 0.0) + max(min(high - product, 0.0), -high)
            newz[j, t] = rcz[j, t] + live[j, t] * change
            product = (s[j, t] + primal * ds[j, t]) * (v[j, t] + dual * dv[j, t])
            change = max(low - product, 0.0) + max(min(high - product, 0.0), -high)
            newv[j, t] = rcv[j, t] + upper[j, t] * change


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def move(x, s, z, v, dx, ds, dz, dv, live, primal, dual):
    """Take a step in place."""
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            x[j, t] += primal * dx[j, t] * live[j, t]
            s[j, t] += primal * ds[j, t]
            z[j, t] += dual * dz[j, t]
            v[j, t] += dual * dv[j, t]
