"""Residuals, weights, right sides, directions and steps of the interior-point method, over the columns of a chain.

``live`` is 0 where a column can only be at its bound (no sun: no solar output), ``upper`` 0 where it has no upper
bound; such entries hold harmless numbers and take no part. ``x`` is counted from the lower bound, ``s`` is the room
left to the upper bound ``u + a K``, ``z`` and ``v`` are their prices.
"""

from __future__ import annotations

from numba import njit

__all__ = [
    "affine", "centre", "direction", "gap_after", "head", "mehrotra", "move", "primal", "pull", "residual", "right",
    "weights",
]  # fmt: skip

_TINY = 1e-300


@njit(cache=True, nogil=True, fastmath=True)
def residual(c, u, a, live, upper, capacity, size, x, s, z, v, aty, rd, ru, sums, paid):
    """Fill the dual residual ``rd`` (``aty`` in it on entry may be the same array) and that of the upper bounds ``ru``.

    ``sums``: largest of each, complementarity, primal cost, worth of the upper bounds. ``paid`` adds up ``a v`` for
    each capacity.
    """
    sums[:] = 0.0
    paid[:] = 0.0
    hours = x.shape[1]
    for j in range(x.shape[0]):
        k = capacity[j]
        level = size[k] if k >= 0 else 0.0
        worst_d, worst_u, product, cost, bound, worth = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for t in range(hours):
            dual = (c[j, t] - aty[j, t] - z[j, t] + v[j, t]) * live[j, t]
            rd[j, t] = dual
            room = (u[j, t] + a[j, t] * level - x[j, t] - s[j, t]) * upper[j, t]
            ru[j, t] = room
            worst_d = max(worst_d, abs(dual))
            worst_u = max(worst_u, abs(room))
            product += x[j, t] * z[j, t] + s[j, t] * v[j, t]
            cost += c[j, t] * x[j, t] * live[j, t]
            bound += u[j, t] * v[j, t]
            worth += a[j, t] * v[j, t]
        sums[0] = max(sums[0], worst_d)
        sums[1] = max(sums[1], worst_u)
        sums[2] += product
        sums[3] += cost
        sums[4] += bound
        if k >= 0:
            paid[k] += worth


@njit(cache=True, nogil=True, fastmath=True)
def weights(x, s, z, v, a, live, upper, capacity, ridge, d, w, weight, curb):
    """Fill ``d = z/x``, ``w = v/s``, ``weight = 1/(d + w)``, add ``a^2 w d / (d + w)`` to its capacity's ``curb``."""
    hours = x.shape[1]
    for j in range(x.shape[0]):
        k, total = capacity[j], 0.0
        for t in range(hours):
            d[j, t] = z[j, t] / x[j, t] + ridge
            w[j, t] = v[j, t] / s[j, t]
            weight[j, t] = live[j, t] / (d[j, t] + w[j, t])
            total += a[j, t] * a[j, t] * w[j, t] * d[j, t] * weight[j, t]
        if k >= 0:
            curb[k] += total


@njit(cache=True, nogil=True, fastmath=True)
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


@njit(cache=True, nogil=True, fastmath=True)
def right(now, before, cyclic, rp, rd, ru, rcz, rcv, x, s, w, weight, a, capacity, g, out, shift):
    """Fill ``g`` and the right side ``out = rp + A D g``; ``shift`` is what each capacity's row gets."""
    shift[:] = 0.0
    hours = x.shape[1]
    last = hours - 1
    for r in range(out.shape[0]):
        for t in range(hours):
            out[r, t] = rp[r, t]
    for j in range(x.shape[0]):
        k, total = capacity[j], 0.0
        for t in range(hours):
            up = rcv[j, t] / s[j, t] - w[j, t] * ru[j, t]
            g[j, t] = rd[j, t] - rcz[j, t] / x[j, t] + up
            total += a[j, t] * (w[j, t] * weight[j, t] * g[j, t] - up)
        if k >= 0:
            shift[k] += total
        for i in range(now[0][j], now[0][j + 1]):
            r, value = now[1][i], now[2][i]
            for t in range(hours):
                out[r, t] += value * weight[j, t] * g[j, t]
        for i in range(before[0][j], before[0][j + 1]):
            r, value = before[1][i], before[2][i]
            for t in range(last):
                out[r, t + 1] += value * weight[j, t] * g[j, t]
            if cyclic[r]:
                out[r, 0] += value * weight[j, last] * g[j, last]


@njit(cache=True, nogil=True, fastmath=True)
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


@njit(cache=True, nogil=True, fastmath=True)
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


@njit(cache=True, nogil=True, fastmath=True)
def direction(aty, rd, ru, rcz, rcv, x, s, z, v, a, live, upper, capacity, step, dx, ds, dz, dv, pace):
    """Fill the rest of a direction from ``dx`` and the whole ``A' dy``; ``pace`` gets the largest relative falls.

    Where a column stands at its bound its price follows from the dual balance and not from complementarity, which
    would multiply rounding by ``z/x``.
    """
    pace[:] = 1e-30
    hours = x.shape[1]
    for j in range(x.shape[0]):
        k = capacity[j]
        by = step[k] if k >= 0 else 0.0
        primal, dual = 0.0, 0.0
        for t in range(hours):
            left = rd[j, t] - aty[j, t]
            one = dx[j, t]
            room = (ru[j, t] + a[j, t] * by - one) * upper[j, t]
            low = live[j, t] * (rcz[j, t] - z[j, t] * one) / x[j, t]
            top = upper[j, t] * (rcv[j, t] - v[j, t] * room) / s[j, t]
            at_low = live[j, t] > 0.0 and x[j, t] < z[j, t]
            at_top = upper[j, t] > 0.0 and s[j, t] < v[j, t] and not at_low
            price = left + top if at_low else low
            ds[j, t] = room
            dz[j, t] = price
            worth = low - left if at_top else top
            dv[j, t] = worth
            primal = max(primal, max(-one / x[j, t], -room / s[j, t]))
            dual = max(dual, max(-price / (z[j, t] + _TINY), -worth / (v[j, t] + _TINY)))
        pace[0] = max(pace[0], primal)
        pace[1] = max(pace[1], dual)


@njit(cache=True, nogil=True, fastmath=True)
def gap_after(x, s, z, v, dx, ds, dz, dv, primal, dual):
    """Return complementarity after a step."""
    total = 0.0
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            total += (x[j, t] + primal * dx[j, t]) * (z[j, t] + dual * dz[j, t])
            total += (s[j, t] + primal * ds[j, t]) * (v[j, t] + dual * dv[j, t])
    return total


@njit(cache=True, nogil=True, fastmath=True)
def affine(x, s, z, v, rcz, rcv):
    """Fill the complementarity residuals of the predictor, ``-x z`` and ``-s v``."""
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            rcz[j, t] = -x[j, t] * z[j, t]
            rcv[j, t] = -s[j, t] * v[j, t]


@njit(cache=True, nogil=True, fastmath=True)
def mehrotra(x, s, z, v, dx, ds, dz, dv, live, upper, target, rcz, rcv):
    """Fill those of the corrector: the target, less the product and the predictor's second order. Mehrotra (1992)."""
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            rcz[j, t] = live[j, t] * (target - x[j, t] * z[j, t] - dx[j, t] * dz[j, t])
            rcv[j, t] = upper[j, t] * (target - s[j, t] * v[j, t] - ds[j, t] * dv[j, t])


@njit(cache=True, nogil=True, fastmath=True)
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


@njit(cache=True, nogil=True, fastmath=True)
def move(x, s, z, v, dx, ds, dz, dv, live, primal, dual):
    """Take a step in place."""
    for j in range(x.shape[0]):
        for t in range(x.shape[1]):
            x[j, t] += primal * dx[j, t] * live[j, t]
            s[j, t] += primal * ds[j, t]
            z[j, t] += dual * dz[j, t]
            v[j, t] += dual * dv[j, t]
