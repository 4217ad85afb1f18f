"""Compiled loops between file and map: radar calibration and geocoding."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["border_edges", "calibrate", "enlarge", "sample"]


@njit(cache=True, nogil=True)
def calibrate(dn, gain, noise, azimuth, block, at, share, out):
    """Turn digital numbers (rows, samples) into linear power, thermal noise taken off.

    power = max(DN^2 - noise, 0) / A^2, both tables linear along lines between their vectors. DN 0 is no data (NaN);
    what the noise swallows becomes 0, not minus infinity.

    Parameters
    ----------
    gain, noise : float32 array, (vectors, samples)
        Calibration constants A and range noise, already interpolated along range.
    azimuth : float32 array, (rows, blocks); block : int array, (samples,)
        Azimuth noise factor of every line in each block of samples.
    at, share : int and float32 array, (2, rows)
        Vector above each line and the share of the one below it, of `gain` and `noise`.
    """
    swallowed = 0
    for i in range(dn.shape[0]):
        a, n = at[0, i], at[1, i]
        s, t = share[0, i], share[1, i]
        for j in range(dn.shape[1]):
            x = np.float32(dn[i, j])
            if x == 0.0:
                out[i, j] = np.float32(np.nan)
                continue
            A = gain[a, j] + s * (gain[a + 1, j] - gain[a, j])
            eta = (noise[n, j] + t * (noise[n + 1, j] - noise[n, j])) * azimuth[i, block[j]]
            power = x * x - eta
            if power <= 0.0:
                swallowed += 1
                power = np.float32(0.0)
            out[i, j] = power / (A * A)
    return swallowed


@njit(cache=True, nogil=True)
def border_edges(dn, level, run, reach, first, last):
    """Find where each line's border noise ends: the first run whose mean reaches `level`, from both sides.

    `first` and `last` (rows,) get the first and one past the last sample to keep.
    """
    samples = dn.shape[1]
    for i in range(dn.shape[0]):
        first[i], last[i] = 0, samples
        for j in range(0, min(reach, samples - run), run):
            total = 0.0
            for k in range(run):
                total += dn[i, j + k]
            if total >= level * run:
                break
            first[i] = j + run
        for j in range(0, min(reach, samples - run), run):
            total = 0.0
            for k in range(run):
                total += dn[i, samples - 1 - j - k]
            if total >= level * run:
                break
            last[i] = samples - j - run


@njit(cache=True, nogil=True)
def sample(source, top, left, line, pixel, step, row0, column0, nodata, out):
    """Fill `out` (rows, columns) with the nearest pixel of `source`, by positions known on a lattice.

    Parameters
    ----------
    source : array, (lines, pixels)
        A window of the radar picture that begins at (`top`, `left`).
    line, pixel : float64 array, (lattice rows, lattice columns)
        Radar coordinates every `step` pixels of the map, from its origin.
    row0, column0 : int
        Map position of ``out[0, 0]``.
    """
    lines, pixels = source.shape
    for i in range(out.shape[0]):
        row = row0 + i
        a = row // step
        s = (row - a * step) / step
        for j in range(out.shape[1]):
            column = column0 + j
            b = column // step
            t = (column - b * step) / step
            u = (1.0 - s) * ((1.0 - t) * line[a, b] + t * line[a, b + 1])
            u += s * ((1.0 - t) * line[a + 1, b] + t * line[a + 1, b + 1])
            v = (1.0 - s) * ((1.0 - t) * pixel[a, b] + t * pixel[a, b + 1])
            v += s * ((1.0 - t) * pixel[a + 1, b] + t * pixel[a + 1, b + 1])
            r = int(np.floor(u + 0.5)) - top
            c = int(np.floor(v + 0.5)) - left
            if 0 <= r < lines and 0 <= c < pixels:
                out[i, j] = source[r, c]
            else:
                out[i, j] = nodata


@njit(cache=True, nogil=True)
def enlarge(part, k, skip, out):
    """Fill `out` with every pixel of `part` repeated k by k, after leaving out the first `skip` rows."""
    columns = out.shape[1]
    for i in range(out.shape[0]):
        r = (i + skip) // k
        if i and (i - 1 + skip) // k == r:
            out[i] = out[i - 1]
            continue
        line, source = out[i], part[r]
        if k == 2:  # by far the usual case, in a form that the compiler turns into vector instructions
            for c in range(columns // 2):
                line[2 * c] = source[c]
                line[2 * c + 1] = source[c]
            if columns % 2:
                line[columns - 1] = source[columns // 2]
            continue
        for c in range(part.shape[1]):
            x = source[c]
            for j in range(c * k, min((c + 1) * k, columns)):
                line[j] = x
