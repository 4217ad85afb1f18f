"""Compiled loops of the radar and optical methods.

Each output pixel is computed from its own neighbourhood in a fixed order of operations, never from running sums, so
that a map is the same bit for bit however the scene is cut into blocks.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = [
    "blind",
    "crossing",
    "dswe_tests",
    "lee",
    "mixture",
    "power_to_centibel",
    "product_vote",
    "rules",
    "settle",
    "tile_histograms",
]

_NONE = -32768


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _seven(a, b, c, d, e, f, g, out):
    """Fill `out` with the sum of seven rows, in this order, in one pass: partial sums stay in registers."""
    for j in range(len(out)):
        out[j] = a[j] + b[j] + c[j] + d[j] + e[j] + f[j] + g[j]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _seven_along(row, out):
    """Fill `out` with sums of seven neighbours of a longer row, in order."""
    n = len(out)
    _seven(
        row[:n],
        row[1 : n + 1],
        row[2 : n + 2],
        row[3 : n + 3],
        row[4 : n + 4],
        row[5 : n + 5],
        row[6 : n + 6],
        out,
    )


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _rows_of_seven(ring, i, out):
    """Fill `out` with the sum of the rows i to i + 6, which lie in a ring of seven."""
    _seven(ring[i % 7], ring[(i + 1) % 7], ring[(i + 2) % 7], ring[(i + 3) % 7], ring[(i + 4) % 7],
           ring[(i + 5) % 7], ring[(i + 6) % 7], out)  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def lee(power, looks, out):
    """Filter speckle of linear power (rows, columns) with a 7 x 7 window; NaN is no data. Returns the least power.

    `out` has 3 rows fewer above and below. Lee (1980), IEEE PAMI 2:165, with the gain of the multiplicative model
    k = (1 - Cu^2/Ci^2) / (1 + Cu^2), Cu^2 = 1/looks, clipped to 0..1. Every sum is made anew, rows before columns, from
    a ring of seven rows: the same bits however the scene is cut.
    """
    rows, columns = power.shape
    one, zero = np.float32(1.0), np.float32(0.0)
    value, square = np.zeros((7, columns), np.float32), np.zeros((7, columns), np.float32)
    known = np.zeros((7, columns), np.float32)
    whole = np.zeros(7, np.bool_)
    total, squares = np.zeros(columns + 6, np.float32), np.zeros(columns + 6, np.float32)
    count = np.zeros(columns + 6, np.float32)
    full = np.empty(columns, np.float32)  # pixels in the window where nothing is missing
    count[3 : columns + 3] = np.float32(7.0)
    _seven_along(count, full)
    s, q, n = np.empty(columns, np.float32), np.empty(columns, np.float32), np.empty(columns, np.float32)
    cu2, least = np.float32(1.0 / looks), np.float32(np.inf)
    for i in range(rows):
        x, at = power[i], i % 7
        clean, twice, told = value[at], square[at], known[at]
        gaps, low = 0, np.float32(np.inf)
        for j in range(columns):
            is_data = x[j] == x[j]
            clean[j] = x[j] if is_data else zero
            told[j] = one if is_data else zero
            twice[j] = clean[j] * clean[j]
        for j in range(columns):
            gaps += told[j] == zero
        for j in range(columns):
            low = clean[j] if clean[j] < low else low
        whole[at] = gaps == 0
        least = min(least, low)
        top = i - 6
        if top < 0:
            continue
        _rows_of_seven(value, top, total[3 : columns + 3])
        _rows_of_seven(square, top, squares[3 : columns + 3])
        _seven_along(total, s)
        _seven_along(squares, q)
        pixels = full
        if not whole.all():
            _rows_of_seven(known, top, count[3 : columns + 3])
            _seven_along(count, n)
            pixels = n
        middle, filtered = power[top + 3], out[top]
        for j in range(columns):
            share = one / pixels[j]
            mean = s[j] * share
            spread = max(q[j] * share - mean * mean, zero)
            gain = (one - cu2 * mean * mean / spread) / (one + cu2)
            gain = min(max(gain, zero), one) if spread > zero else zero
            filtered[j] = mean + gain * (middle[j] - mean)  # NaN stays NaN
    return least


@njit(cache=True, nogil=True, error_model="numpy")
def power_to_centibel(power, floor, out):
    """Turn linear power into hundredths of a decibel (int16); NaN becomes -32768, what lies below `floor` the floor.

    Returns the number of valid pixels below the floor.
    """
    below = 0
    low = np.float32(10.0 ** (floor / 1000.0))
    for i in range(power.shape[0]):
        for j in range(power.shape[1]):
            x = power[i, j]
            if x != x:
                out[i, j] = _NONE
            elif x <= low:
                out[i, j] = floor
                below += 1
            else:
                out[i, j] = min(round(1000.0 * math.log10(x)), 32767)
    return below


@njit(cache=True, nogil=True)
def tile_histograms(values, tile, low, step, out):
    """Count centibel values of (rows, columns) into histograms (tile rows, tile columns, bins) of square tiles."""
    rows, columns = values.shape
    bins = out.shape[2]
    for i in range(rows):
        for j in range(columns):
            x = values[i, j]
            if x == _NONE:
                continue
            k = (x - low) // step
            k = min(max(k, 0), bins - 1)
            out[i // tile, j // tile, k] += 1


@njit(cache=True, nogil=True)
def mixture(histogram, centre, rounds, out):  # noqa: PLR0912 (one loop, nothing to part)
    """Fit two Gaussians to a histogram by expectation-maximisation; `out` gets w1, mu1, sd1, w2, mu2, sd2.

    The lower class comes first. Dempster, Laird & Rubin (1977), JRSS B 39:1. Returns whether it settled to two
    classes of positive spread. Starts from the two halves about the mean.
    """
    n, total = len(histogram), 0.0
    mean = 0.0
    for k in range(n):
        total += histogram[k]
        mean += histogram[k] * centre[k]
    if total <= 0.0:
        return False
    mean /= total
    width = centre[1] - centre[0]
    w, m, s, q = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    for k in range(n):
        c = 0 if centre[k] < mean else 1
        w[c] += histogram[k]
        m[c] += histogram[k] * centre[k]
        q[c] += histogram[k] * centre[k] ** 2
    if w[0] <= 0.0 or w[1] <= 0.0:
        return False
    for c in range(2):
        m[c] /= w[c]
        s[c] = math.sqrt(max(q[c] / w[c] - m[c] ** 2, width**2 / 12.0))
        w[c] /= total
    for _ in range(rounds):
        sums, first, second = np.zeros(2), np.zeros(2), np.zeros(2)
        for k in range(n):
            h = histogram[k]
            if h == 0:
                continue
            a = w[0] / s[0] * math.exp(-0.5 * ((centre[k] - m[0]) / s[0]) ** 2)
            b = w[1] / s[1] * math.exp(-0.5 * ((centre[k] - m[1]) / s[1]) ** 2)
            if a + b <= 0.0:
                a, b = (1.0, 0.0) if abs(centre[k] - m[0]) < abs(centre[k] - m[1]) else (0.0, 1.0)
            r = h * a / (a + b)
            sums[0] += r
            first[0] += r * centre[k]
            second[0] += r * centre[k] ** 2
            sums[1] += h - r
            first[1] += (h - r) * centre[k]
            second[1] += (h - r) * centre[k] ** 2
        moved = 0.0
        for c in range(2):
            if sums[c] <= 1e-9 * total:
                return False
            new = first[c] / sums[c]
            moved = max(moved, abs(new - m[c]))
            m[c] = new
            s[c] = math.sqrt(max(second[c] / sums[c] - new**2, width**2 / 12.0))
            w[c] = sums[c] / total
        if moved < 1e-6 * width:
            break
    first_class = 0 if m[0] <= m[1] else 1
    for c in range(2):
        o = first_class if c == 0 else 1 - first_class
        out[3 * c], out[3 * c + 1], out[3 * c + 2] = w[o], m[o], s[o]
    return True


@njit(cache=True, nogil=True)
def crossing(p):
    """Return where the weighted densities of a `mixture` are equal, between the two means."""
    low, high = p[1], p[4]
    for _ in range(80):
        x = 0.5 * (low + high)
        a = math.log(p[0] / p[2]) - 0.5 * ((x - p[1]) / p[2]) ** 2
        b = math.log(p[3] / p[5]) - 0.5 * ((x - p[4]) / p[5]) ** 2
        if a > b:
            low = x
        else:
            high = x
    return 0.5 * (low + high)


@njit(cache=True, nogil=True, error_model="numpy")
def rules(b, g, r, n, s1, s2, gain, offset, have, table, low, scale, votes, chance):  # noqa: PLR0912 (one pass over a row)
    """Apply the optical water rules to digital numbers in one pass.

    `b` to `s2`: integer arrays (rows, columns) of blue, green, red, near and both shortwave infrared bands; an absent
    one is any array. Reflectance = `gain` x number + `offset`, each (6,). `have` (4,): whether MNDWI, NDWI, AWEI, DSWE
    run. `table` (4, bins): likelihood by score, bin = (score - `low`) x `scale`, clipped. Filled: `votes` (rows,
    columns), members that say water; `chance`, the sum of their likelihoods.
    """
    last = np.float32(table.shape[1] - 1)
    zero, one, least = np.float32(0.0), np.float32(1.0), np.float32(1e-6)
    columns = g.shape[1]
    B, G, R = np.empty(columns, np.float32), np.empty(columns, np.float32), np.empty(columns, np.float32)
    N, S, T = np.empty(columns, np.float32), np.empty(columns, np.float32), np.empty(columns, np.float32)
    mndwi, ndwi, awei = (
        np.zeros(columns, np.float32),
        np.zeros(columns, np.float32),
        np.zeros(columns, np.float32),
    )
    water, total = np.zeros(columns, np.uint8), np.zeros(columns, np.float32)
    place = np.zeros(columns, np.int32)
    for i in range(g.shape[0]):
        for j in range(columns):  # plain loops over a row, which the compiler turns into vector instructions
            B[j] = gain[0] * np.float32(b[i, j]) + offset[0]
            G[j] = gain[1] * np.float32(g[i, j]) + offset[1]
            R[j] = gain[2] * np.float32(r[i, j]) + offset[2]
        for j in range(columns):
            N[j] = gain[3] * np.float32(n[i, j]) + offset[3]
            S[j] = gain[4] * np.float32(s1[i, j]) + offset[4]
            T[j] = gain[5] * np.float32(s2[i, j]) + offset[5]
        for j in range(columns):
            over, under = G[j] - S[j], G[j] + S[j]
            mndwi[j] = min(max(over / max(under, least), -one), one)  # no ratio where both are dark: its sign
        for j in range(columns):
            over, under = G[j] - N[j], G[j] + N[j]
            ndwi[j] = min(max(over / max(under, least), -one), one)
        for j in range(columns):
            awei[j] = (
                B[j] + np.float32(2.5) * G[j] - np.float32(1.5) * (N[j] + S[j]) - np.float32(0.25) * T[j]
            )
        for j in range(columns):
            water[j] = 0
            total[j] = zero
        for member in range(3):
            if not have[member]:
                continue
            score = mndwi if member == 0 else (ndwi if member == 1 else awei)
            first, factor, curve = low[member], scale[member], table[member]
            for j in range(columns):
                place[j] = np.int32(min(max((score[j] - first) * factor, zero), last))
            for j in range(columns):
                water[j] += np.uint8(score[j] > zero)
            for j in range(columns):
                total[j] += curve[place[j]]
        if have[3]:
            curve = table[3]
            for j in range(columns):
                place[j] = dswe_tests(B[j], G[j], R[j], N[j], S[j], T[j], mndwi[j], awei[j])
            for j in range(columns):
                water[j] += np.uint8(place[j] >= 2)
            for j in range(columns):
                total[j] += curve[place[j]]
        for j in range(columns):
            votes[i, j] = water[j]
            chance[i, j] = total[j]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def dswe_tests(blue, green, red, nir, swir16, swir22, mndwi, awei):
    """Return how many of the five DSWE tests a pixel passes; reflectances, USGS LSDS-1319 (2022), thresholds there."""
    tests = np.int32(mndwi > np.float32(0.124)) + np.int32(green + red > nir + swir16)
    tests += np.int32(awei > np.float32(0.0))
    partial = (mndwi > np.float32(-0.44)) & (swir16 < np.float32(0.09)) & (nir < np.float32(0.15))
    tests += np.int32(partial & (nir - red < np.float32(0.7) * (nir + red)))
    partial = (mndwi > np.float32(-0.5)) & (blue < np.float32(0.1)) & (swir16 < np.float32(0.3))
    tests += np.int32(partial & (swir22 < np.float32(0.1)) & (nir < np.float32(0.25)))
    return tests


@njit(cache=True, nogil=True, error_model="numpy")
def settle(votes, ran, chance, divisor, needed, reason, advice, split, state, likelihood, agreement):
    """Turn votes into the three-valued state and percentages; where `reason` is not 0 the pixel is unseen.

    Parameters
    ----------
    votes, reason : uint8 array, (rows, columns)
    ran, needed : int
        Members that ran; votes that make water.
    chance : float32 array, (rows, columns)
    divisor : float
        Likelihood = chance / divisor.
    advice : uint8 array, (rows, columns)
        Gets the bit `split` where fewer than two thirds agree; 0 where unseen.
    state, likelihood, agreement : uint8 array, (rows, columns)
        Filled: 0 dry, 1 water, 255 unseen; per cent; per cent of members that agree with the state.
    """
    scale, half = np.float32(100.0 / divisor), np.float32(0.5)
    # by votes, and one row more for what is unseen: state, agreement, bits of advice to keep and to set
    wet, share = np.full(ran + 2, 255, np.uint8), np.full(ran + 2, 255, np.uint8)
    keep, add = np.full(ran + 2, 255, np.uint8), np.zeros(ran + 2, np.uint8)
    for v in range(ran + 1):
        wet[v] = v >= needed
        share[v] = (100 * (v if wet[v] else ran - v) + ran // 2) // ran
        add[v] = split if share[v] < 67 else 0
    keep[ran + 1] = 0
    zero, most, none, last = np.float32(0.0), np.float32(100.0), np.uint8(255), np.uint8(ran + 1)
    columns = votes.shape[1]
    for i in range(votes.shape[0]):
        vote, why, seen, told = votes[i], reason[i], state[i], advice[i]
        sure, agree, sums = likelihood[i], agreement[i], chance[i]
        for j in range(columns):  # a plain loop over a row, which the compiler turns into vector instructions
            percent = np.uint8(min(max(sums[j] * scale + half, zero), most))
            sure[j] = percent if why[j] == 0 else none
        for j in range(columns):
            k = vote[j] if why[j] == 0 else last
            seen[j] = wet[k]
            agree[j] = share[k]
            told[j] = (told[j] & keep[k]) | add[k]


@njit(cache=True, nogil=True)
def blind(quality, why, reason):
    """Give pixels that are still seen the reason of their quality value, in place."""
    for i in range(reason.shape[0]):
        for j in range(reason.shape[1]):
            if reason[i, j] == 0:
                reason[i, j] = why[quality[i, j]]


@njit(cache=True, nogil=True)
def product_vote(quality, wet, if_wet, if_dry, votes, chance):
    """Add the vote and the likelihood of the product's own water bit, in place."""
    for i in range(votes.shape[0]):
        for j in range(votes.shape[1]):
            if wet[quality[i, j]]:
                votes[i, j] += 1
                chance[i, j] += if_wet
            else:
                chance[i, j] += if_dry
