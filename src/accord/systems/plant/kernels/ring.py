"""Cholesky factor of the normal equations of a ring (or a chain) of hours.

Everything is stored column by column of the hour, ``(columns, hours)`` or ``(rows, hours)``, so that the inner loops
run along the hours. ``S = A D A'`` is block tridiagonal, with a corner where the last hour meets the first: ``square``
holds the lower part of the block of an hour, ``below`` what links the rows that look back (the last of the hour's rows)
to the hour before. Rows that do not look back are eliminated hour by hour; what is left is a narrow band, and the last
hour closes the ring as dense rows. Taking the corner out by a low-rank correction instead loses all digits where a
storage is never full nor empty: its prices may then shift together, and the band alone is nearly singular.
"""

from __future__ import annotations

import math

from numba import njit

__all__ = [
    "assemble", "back", "band", "close", "descend", "descend_one", "eliminate", "fade", "forward", "gram", "multiply",
    "multiply_transposed", "overlap", "spread", "weigh",
]  # fmt: skip


# Share of the diagonal added to it, above rounding: rows that depend on one another keep a pivot.
_SAFE = 3e-15
_FADED = 1e-60  # what has faded below is zero


@njit(cache=True, nogil=True, fastmath={"contract"})
def multiply(now, before, cyclic, x, out):
    """Fill ``out = M x_t + N x_(t-1)``, shape (rows, hours), from sparse columns ``(start, row, value)``."""
    out[:] = 0.0
    hours = x.shape[1]
    for j in range(x.shape[0]):
        for a in range(now[0][j], now[0][j + 1]):
            r, value = now[1][a], now[2][a]
            for t in range(hours):
                out[r, t] += value * x[j, t]
        for a in range(before[0][j], before[0][j + 1]):
            r, value = before[1][a], before[2][a]
            for t in range(hours - 1):
                out[r, t + 1] += value * x[j, t]
            if cyclic[r]:
                out[r, 0] += value * x[j, hours - 1]


@njit(cache=True, nogil=True, fastmath={"contract"})
def multiply_transposed(now, before, cyclic, y, out):
    """Fill ``out = A' y``, shape (columns, hours)."""
    out[:] = 0.0
    hours = y.shape[1]
    for j in range(out.shape[0]):
        for a in range(now[0][j], now[0][j + 1]):
            r, value = now[1][a], now[2][a]
            for t in range(hours):
                out[j, t] += value * y[r, t]
        for a in range(before[0][j], before[0][j + 1]):
            r, value = before[1][a], before[2][a]
            for t in range(hours - 1):
                out[j, t] += value * y[r, t + 1]
            if cyclic[r]:
                out[j, hours - 1] += value * y[r, 0]


@njit(cache=True, nogil=True, fastmath={"contract"})
def assemble(now, before, cyclic, weight, ridge, square, below):
    """Fill the blocks of ``A diag(weight) A' + ridge``; the last of ``below`` links the last hour to the first."""
    rows, hours = square.shape[0], square.shape[2]
    local, last = rows - below.shape[0], square.shape[2] - 1
    square[:] = 0.0
    below[:] = 0.0
    for j in range(weight.shape[0]):
        for a in range(now[0][j], now[0][j + 1]):
            for b in range(now[0][j], now[0][j + 1]):
                if now[1][a] >= now[1][b]:
                    value = now[2][a] * now[2][b]
                    high, low = now[1][a], now[1][b]
                    for t in range(hours):
                        square[high, low, t] += value * weight[j, t]
        for a in range(before[0][j], before[0][j + 1]):
            r = before[1][a]
            for b in range(before[0][j], before[0][j + 1]):
                if r >= before[1][b]:
                    value, low = before[2][a] * before[2][b], before[1][b]
                    for t in range(last):
                        square[r, low, t + 1] += value * weight[j, t]
                    if cyclic[r] and cyclic[low]:
                        square[r, low, 0] += value * weight[j, last]
            for b in range(now[0][j], now[0][j + 1]):
                value, low = before[2][a] * now[2][b], now[1][b]
                for t in range(last):
                    below[r - local, low, t] += value * weight[j, t]
                if cyclic[r]:
                    below[r - local, low, last] += value * weight[j, last]
    for r in range(rows):
        for t in range(hours):
            square[r, r, t] = square[r, r, t] * (1.0 + _SAFE) + ridge


@njit(cache=True, nogil=True, fastmath={"contract"})
def eliminate(square, below, local, near, far):
    """Eliminate the hour's own rows in place: their columns become those of the Cholesky factor, the diagonal 1 / it.

    ``near`` (rows, rows) and ``far`` (looking back, rows) say which blocks can differ from zero.
    """
    rows, hours = square.shape[0], square.shape[2]
    linked, last = below.shape[0], square.shape[2] - 1
    for k in range(local):
        for t in range(hours):
            pivot = square[k, k, t]
            square[k, k, t] = 1.0 / math.sqrt(pivot) if pivot > 0.0 else 0.0
        for i in range(k + 1, rows):
            if near[i, k]:
                for t in range(hours):
                    square[i, k, t] *= square[k, k, t]
        for c in range(linked):
            if far[c, k]:
                for t in range(hours):
                    below[c, k, t] *= square[k, k, t]
        for i in range(k + 1, rows):
            if not near[i, k]:
                continue
            for j in range(k + 1, i + 1):
                if near[j, k]:
                    for t in range(hours):
                        square[i, j, t] -= square[i, k, t] * square[j, k, t]
            for c in range(linked):
                if far[c, k]:
                    for t in range(hours):
                        below[c, i, t] -= below[c, k, t] * square[i, k, t]
        for c in range(linked):
            for e in range(c + 1):
                if far[c, k] and far[e, k]:
                    for t in range(last):
                        square[local + c, local + e, t + 1] -= below[c, k, t] * below[e, k, t]
                    square[local + c, local + e, 0] -= below[c, k, last] * below[e, k, last]


@njit(cache=True, nogil=True, fastmath={"contract"})
def band(square, below, local, place, factor, rim, corner):
    """Fill and factorise what links the hours: a band of all hours but the last, and the last, which closes the ring.

    ``factor[i, k] = L[i, i - k]`` with the diagonal ``1 / L``; ``rim`` is the part of the last hour's rows of L over
    the band, transposed, ``corner`` their own block. ``place`` is the position of each row within its hour. A pivot
    that rounding has made non-positive counts as infinite: that row takes no step. Returns the rows of ``rim`` before
    it fades.
    """
    linked, hours, width = below.shape[0], square.shape[2], factor.shape[1] - 1
    factor[:] = 0.0
    rim[:] = 0.0
    for t in range(hours - 1):
        for c in range(linked):
            i = t * linked + place[c]
            for e in range(c + 1):
                k = place[c] - place[e]
                if k >= 0:
                    factor[i, k] = square[local + c, local + e, t]
                else:
                    factor[i - k, -k] = square[local + c, local + e, t]
            if t > 0:
                for e in range(linked):
                    k = linked + place[c] - place[e]
                    if k <= width:
                        factor[i, k] = below[c, local + e, t - 1]
    for i in range((hours - 1) * linked):
        reach = min(width, i)
        for k in range(reach, -1, -1):
            total = factor[i, k]
            for p in range(k + 1, reach + 1):
                total -= factor[i, p] * factor[i - k, p - k]
            if k > 0:
                factor[i, k] = total * factor[i - k, 0]
            elif total > 0.0:
                factor[i, 0] = 1.0 / math.sqrt(total)
            else:
                factor[i, 0] = 0.0
    for c in range(linked):
        for e in range(linked):
            rim[place[c], place[e]] += below[c, local + e, hours - 1]
            rim[(hours - 2) * linked + place[e], place[c]] += below[c, local + e, hours - 2]
            corner[max(place[c], place[e]), min(place[c], place[e])] = square[
                local + max(c, e), local + min(c, e), hours - 1
            ]
    spent = fade(factor, rim, (hours - 2) * linked)
    for first, end in ((0, spent), (max(spent, (hours - 2) * linked), rim.shape[0])):
        for i in range(first, end):
            for c in range(linked):
                for e in range(c + 1):
                    corner[c, e] -= rim[i, c] * rim[i, e]
    for c in range(linked):
        for e in range(c + 1):
            total = corner[c, e]
            for p in range(e):
                total -= corner[c, p] * corner[e, p]
            if e < c:
                corner[c, e] = total * corner[e, e]
            else:
                corner[c, c] = 1.0 / math.sqrt(total) if total > 0.0 else 0.0
    return spent


@njit(cache=True, nogil=True, fastmath={"contract"})
def fade(factor, rim, tail):
    """Solve ``L U = rim`` as `descend`, for right sides that are zero between the first rows and ``tail``.

    Returns the row from which all is zero up to ``tail``: what links the first hour to the last fades as soon as the
    stores have been full or empty.
    """
    width, sides = factor.shape[1] - 1, rim.shape[1]
    quiet, i, spent = 0, 0, rim.shape[0]
    while i < rim.shape[0]:
        size = 0.0
        for n in range(sides):
            value = rim[i, n]
            for k in range(1, min(width, i) + 1):
                value -= factor[i, k] * rim[i - k, n]
            value *= factor[i, 0]
            if abs(value) < _FADED:
                value = 0.0
            rim[i, n] = value
            size += abs(value)
        quiet = quiet + 1 if size == 0.0 else 0
        i += 1
        if quiet >= width and width <= i < tail:
            spent = i
            i = tail
            quiet = 0
    return spent


@njit(cache=True, nogil=True, fastmath={"contract"})
def descend(factor, tails):
    """Solve ``L U = tails`` in place over the band for many right sides at once, shape (rows of the band, sides)."""
    width, sides = factor.shape[1] - 1, tails.shape[1]
    for i in range(tails.shape[0]):
        for k in range(1, min(width, i) + 1):
            value = factor[i, k]
            if value != 0.0:
                for n in range(sides):
                    tails[i, n] -= value * tails[i - k, n]
        for n in range(sides):
            tails[i, n] *= factor[i, 0]


@njit(cache=True, nogil=True, fastmath={"contract"})
def forward(square, below, local, near, far, place, right, tails, side):
    """Solve ``L u = right`` in place: own rows of the hour in ``right``, others into column ``side`` of ``tails``."""
    rows, hours = right.shape
    linked, last = below.shape[0], right.shape[1] - 1
    for k in range(local):
        for t in range(hours):
            right[k, t] *= square[k, k, t]
        for i in range(k + 1, rows):
            if near[i, k]:
                for t in range(hours):
                    right[i, t] -= square[i, k, t] * right[k, t]
        for c in range(linked):
            if far[c, k]:
                for t in range(last):
                    right[local + c, t + 1] -= below[c, k, t] * right[k, t]
                right[local + c, 0] -= below[c, k, last] * right[k, last]
    for t in range(hours):
        for c in range(linked):
            tails[t * linked + place[c], side] = right[local + c, t]


@njit(cache=True, nogil=True, fastmath={"contract"})
def close(rim, corner, spent, tails):
    """Finish what `descend` began over the band: the rows of the last hour."""
    size, linked, sides = rim.shape[0], rim.shape[1], tails.shape[1]
    for first, end in ((0, spent), (max(spent, size - linked), size)):
        for i in range(first, end):
            for c in range(linked):
                value = rim[i, c]
                for n in range(sides):
                    tails[size + c, n] -= value * tails[i, n]
    for c in range(linked):
        for n in range(sides):
            for e in range(c):
                tails[size + c, n] -= corner[c, e] * tails[size + e, n]
            tails[size + c, n] *= corner[c, c]


@njit(cache=True, nogil=True, fastmath={"contract"})
def descend_one(factor, tail):
    """Solve ``L u = tail`` in place over the band for one right side."""
    width = factor.shape[1] - 1
    for i in range(factor.shape[0]):
        total = tail[i]
        for k in range(1, min(width, i) + 1):
            total -= factor[i, k] * tail[i - k]
        tail[i] = total * factor[i, 0]


@njit(cache=True, nogil=True, fastmath={"contract"})
def back(square, below, local, near, far, place, factor, rim, corner, spent, right, tail):
    """Solve ``L' y = u`` in place, the result in ``right``."""
    rows, hours = right.shape
    linked, width = below.shape[0], factor.shape[1] - 1
    size, last = factor.shape[0], right.shape[1] - 1
    for c in range(linked - 1, -1, -1):
        tail[size + c] *= corner[c, c]
        for e in range(c):
            tail[size + e] -= corner[c, e] * tail[size + c]
    for first, end in ((0, spent), (max(spent, size - linked), size)):
        for i in range(first, end):
            for c in range(linked):
                tail[i] -= rim[i, c] * tail[size + c]
    for i in range(size - 1, -1, -1):
        value = tail[i] * factor[i, 0]
        tail[i] = value
        for k in range(1, min(width, i) + 1):
            tail[i - k] -= factor[i, k] * value
    for t in range(hours):
        for c in range(linked):
            right[local + c, t] = tail[t * linked + place[c]]
    for k in range(local - 1, -1, -1):
        for i in range(k + 1, rows):
            if near[i, k]:
                for t in range(hours):
                    right[k, t] -= square[i, k, t] * right[i, t]
        for c in range(linked):
            if far[c, k]:
                for t in range(last):
                    right[k, t] -= below[c, k, t] * right[local + c, t + 1]
                right[k, last] -= below[c, k, last] * right[local + c, 0]
        for t in range(hours):
            right[k, t] *= square[k, k, t]


@njit(cache=True, nogil=True, fastmath={"contract"})
def gram(tails, out):
    """Add ``tails' tails`` to the lower part of ``out``."""
    sides = tails.shape[1]
    for i in range(tails.shape[0]):
        for n in range(sides):
            value = tails[i, n]
            if value != 0.0:
                for k in range(n + 1):
                    out[n, k] += value * tails[i, k]


@njit(cache=True, nogil=True, fastmath=True)
def overlap(heads, local, out):
    """Add the products of the hour's own rows of every two of ``heads`` to the lower part of ``out``."""
    for n in range(heads.shape[0]):
        for k in range(n + 1):
            for r in range(local):
                total = 0.0
                for t in range(heads.shape[2]):
                    total += heads[n, r, t] * heads[k, r, t]
                out[n, k] += total


@njit(cache=True, nogil=True, fastmath=True)
def weigh(heads, tails, local, right, tail, out):
    """Fill ``out = V' u``: what a solved right side says to each border column."""
    out[:] = 0.0
    for n in range(heads.shape[0]):
        for r in range(local):
            total = 0.0
            for t in range(heads.shape[2]):
                total += heads[n, r, t] * right[r, t]
            out[n] += total
    for i in range(tails.shape[0]):
        for n in range(tails.shape[1]):
            out[n] += tails[i, n] * tail[i]


@njit(cache=True, nogil=True, fastmath=True)
def spread(heads, tails, local, own, right, tail):
    """Take ``V own`` off a solved right side."""
    for n in range(heads.shape[0]):
        for r in range(local):
            for t in range(heads.shape[2]):
                right[r, t] -= own[n] * heads[n, r, t]
    for i in range(tails.shape[0]):
        total = 0.0
        for n in range(tails.shape[1]):
            total += tails[i, n] * own[n]
        tail[i] -= total
