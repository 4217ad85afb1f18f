"""Compiled loops of the products: connected regions over strips, outlines, sums over regions and blocks."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = [
    "block_sums",
    "corners",
    "correlate",
    "count_corners",
    "drawn",
    "find",
    "halve",
    "label",
    "region_sums",
    "rings",
    "strip_corners",
]

_UNSEEN = 255


@njit(cache=True, nogil=True, inline="always")
def find(parent, i):
    """Return the root of a label, halving its path."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True, nogil=True)
def label(values, above, above_label, parent, used, join, out, over, rim, size):
    """Give connected pixels of equal value one label, four neighbours, going on from the rows above.

    Label numbers depend on the picture alone: a second walk with ``join`` False gives the same ones. Value 255 and
    those above 1 get label 0.

    Parameters
    ----------
    values : uint8 array, (rows, columns)
    above, above_label : uint8 and int32 array, (columns,)
        The row before the first; labels 0 at the top of the scene.
    parent : int32 array
        Union-find; large enough for every pixel to be new.
    used : int
        Labels in use before.
    out : int32 array, (rows, columns)
    over : int32 array
        For each new label, the label above its first pixel (0 none); filled when joining.
    rim : uint8 array
        1 where a region touches an unseen pixel or the edge of the scene; filled when joining.
    size : int32 array
        Pixels of each label; filled when joining.

    Returns
    -------
    int
        Labels in use after.
    """
    rows, columns = values.shape
    # runs of equal pixels of the row above and of this one: where they begin, their value and label
    begins, names = np.empty((2, columns + 1), np.int32), np.empty((2, columns + 1), np.int32)
    kinds = np.empty((2, columns + 1), np.uint8)
    old, new = 0, 1
    count = _runs(above, above_label, begins[old], kinds[old], names[old])
    for i in range(rows):
        row, line = values[i], out[i]
        j, runs, at = 0, 0, 0
        while j < columns:
            v, first = row[j], j
            j += 1
            while j < columns and row[j] == v:
                j += 1
            while begins[old, at + 1] <= first:
                at += 1
            current = np.int32(0)
            if v <= 1:
                current = _alike(v, at, count, j, begins[old], kinds[old], names[old])
                if current == 0:
                    used += 1
                    current = np.int32(used)
                    if join:
                        parent[used], over[used], rim[used], size[used] = used, names[old, at], 0, 0
            for k in range(first, j):
                line[k] = current
            begins[new, runs], kinds[new, runs], names[new, runs] = first, v, current
            runs += 1
            if join:
                if v <= 1:
                    size[current] += j - first
                    if first == 0 or j == columns or row[first - 1] == _UNSEEN or row[j] == _UNSEEN:
                        rim[current] = 1
                _meet(v, current, at, count, j, begins[old], kinds[old], names[old], parent, rim)
        begins[new, runs] = columns
        old, new, count = new, old, runs
    return used


@njit(cache=True, nogil=True, inline="always")
def _runs(row, labels, begins, kinds, names):
    """Fill the runs of a row and return how many; one past the last begins where the row ends."""
    count = 0
    for j in range(len(row)):
        if j == 0 or row[j] != row[j - 1] or labels[j] != labels[j - 1]:
            begins[count], kinds[count], names[count] = j, row[j], labels[j]
            count += 1
    begins[count] = len(row)
    return count


@njit(cache=True, nogil=True, inline="always")
def _alike(v, at, count, end, begins, kinds, names):
    """Return the label of the first run of value `v` from run `at` on to column `end`, 0 where there is none."""
    for k in range(at, count):
        if begins[k] >= end:
            break
        if kinds[k] == v:
            return names[k]
    return np.int32(0)


@njit(cache=True, nogil=True, inline="always")
def _meet(v, current, at, count, end, begins, kinds, names, parent, rim):
    """Join a run with its kind above it, from run `at` on to column `end`, and note what touches the unseen."""
    k = at
    while k < count and begins[k] < end:
        if v <= 1 and kinds[k] == _UNSEEN:
            rim[current] = 1
        elif v == _UNSEEN and names[k]:
            rim[names[k]] = 1
        elif v <= 1 and kinds[k] == v and names[k] != current:
            a, b = find(parent, current), find(parent, names[k])
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b
        k += 1


@njit(cache=True, nogil=True)
def region_sums(labels, likelihood, people, count, total, high, heads):
    """Add pixels, likelihood, counts above 10, 50 and 90 per cent, and people of each label."""
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            k = labels[i, j]
            if k == 0:
                continue
            p = likelihood[i, j]
            count[k] += 1
            if p > 100:
                continue
            total[k] += p
            if p > 10:
                high[k, 0] += 1
            if p > 50:
                high[k, 1] += 1
            if p > 90:
                high[k, 2] += 1
            if people.shape[0]:
                heads[k] += people[i, j]


@njit(cache=True, nogil=True)
def block_sums(state, likelihood, people, top, size, pixels, heads, counts):
    """Add pixels and people by whole per cent of likelihood into blocks, over seen ground outside reference water.

    Parameters
    ----------
    state, likelihood : uint8 array, (rows, columns)
    people : float32 array, (rows, columns) or (0, 0)
    top, size : int
        First row, and pixels along a block.
    pixels, heads : float32 array, (block rows, block columns, 101)
    counts : int array, (block rows, block columns, 4)
        Pixels dry, water, reference water, unseen.
    """
    rows, columns, counted = state.shape[0], state.shape[1], people.shape[0] > 0
    even, odd = np.zeros(256, np.int64), np.zeros(256, np.int64)  # two tallies: one would wait for itself
    first = 0
    while first < rows:
        a = (top + first) // size
        last = min((a + 1) * size - top, rows)
        for b in range(pixels.shape[1]):
            left, right = b * size, min((b + 1) * size, columns)
            even[:] = 0
            odd[:] = 0
            wet, reference, unseen = 0, 0, 0
            for i in range(first, last):
                for j in range(left, right):
                    v, p = state[i, j], likelihood[i, j]
                    wet += v == 1
                    reference += v == 2
                    unseen += v > 2
                    if v > 1:
                        continue
                    if p > 100:
                        p = np.uint8(100) if v == 1 else np.uint8(0)
                    if j & 1:
                        odd[p] += 1
                    else:
                        even[p] += 1
                    if counted:
                        heads[a, b, p] += people[i, j]
            counts[a, b, 0] += (last - first) * (right - left) - wet - reference - unseen
            counts[a, b, 1] += wet
            counts[a, b, 2] += reference
            counts[a, b, 3] += unseen
            for p in range(101):
                pixels[a, b, p] += np.float32(even[p] + odd[p])
        first = last


@njit(cache=True, nogil=True)
def count_corners(above, mask):
    """Return how many corners outlines have on the upper edges of a strip's rows; inside is 1.

    Parameters
    ----------
    above : uint8 array, (columns,)
        The row before the strip.
    mask : uint8 array, (rows, columns)
    """
    n, (rows, columns) = 0, mask.shape
    for i in range(rows):
        for x in range(columns + 1):
            nw = sw = ne = se = 0
            if x:
                nw = int((mask[i - 1, x - 1] if i else above[x - 1]) == 1)
                sw = int(mask[i, x - 1] == 1)
            if x < columns:
                ne = int((mask[i - 1, x] if i else above[x]) == 1)
                se = int(mask[i, x] == 1)
            filled = nw + ne + sw + se
            n += int(filled == 1 or filled == 3) + 2 * int(filled == 2 and nw == se)
    return n


@njit(cache=True, nogil=True)
def corners(above, below, above_label, below_label, y, at, xs, ys, bits, owner):
    """Write the corners between two rows of a mask from position `at` on; returns the next position.

    ``bits``: 1 an edge goes down from here, 2 the pixel to the lower right is inside. Two corners at one place belong
    to two regions that touch at a point; the one whose edge goes left comes first, so that along a row the corners
    pair up into edges in the order written.
    """
    columns = len(above)
    for x in range(columns + 1):
        nw, sw = (int(above[x - 1] == 1), int(below[x - 1] == 1)) if x else (0, 0)
        ne, se = (int(above[x] == 1), int(below[x] == 1)) if x < columns else (0, 0)
        filled = nw + ne + sw + se
        if filled == 0 or filled == 4 or (filled == 2 and nw != se):
            continue
        if filled == 2:
            first, second = at, at + 1
            xs[first], ys[first], xs[second], ys[second] = x, y, x, y
            if nw:
                bits[first], owner[first] = 0, above_label[x - 1]
                bits[second], owner[second] = 3, below_label[x]
            else:
                bits[first], owner[first] = 1, below_label[x - 1]
                bits[second], owner[second] = 0, above_label[x]
            at += 2
            continue
        xs[at], ys[at] = x, y
        bits[at] = (1 if sw != se else 0) + (2 if se else 0)
        if se:
            owner[at] = below_label[x]
        elif sw:
            owner[at] = below_label[x - 1]
        elif nw:
            owner[at] = above_label[x - 1]
        else:
            owner[at] = above_label[x]
        at += 1
    return at


@njit(cache=True, nogil=True)
def strip_corners(above, above_label, mask, labels, top, xs, ys, bits, owner):
    """Write the corners of a strip, as `corners` does for two rows."""
    at = 0
    for i in range(mask.shape[0]):
        if i:
            at = corners(mask[i - 1], mask[i], labels[i - 1], labels[i], top + i, at, xs, ys, bits, owner)
        else:
            at = corners(above, mask[i], above_label, labels[i], top, at, xs, ys, bits, owner)


@njit(cache=True, nogil=True)
def rings(xs, ys, bits, partner, out_x, out_y, start, first):
    """Follow corners into closed rings; returns how many.

    Corners 2k and 2k + 1 share a horizontal edge, each and its `partner` a vertical one. `start` gets where each
    ring's corners begin in `out_x`, `out_y`, and `first` the corner it began at.
    """
    n = len(xs)
    seen = np.zeros(n, np.uint8)
    at, count = 0, 0
    for i in range(n):
        if seen[i]:
            continue
        start[count], first[count] = at, i
        count += 1
        k = i
        while not seen[k]:
            seen[k] = 1
            out_x[at], out_y[at] = xs[k], ys[k]
            at += 1
            k ^= 1
            seen[k] = 1
            out_x[at], out_y[at] = xs[k], ys[k]
            at += 1
            k = partner[k]
    start[count] = at
    return count


@njit(cache=True, nogil=True)
def halve(part, how, out):
    """Fill `out` with one pixel for two by two of a byte picture; `how`: 0 nearest, 1 mode, 2 average without 255."""
    rows, columns = part.shape
    for i in range(out.shape[0]):
        a, b = 2 * i, min(2 * i + 1, rows - 1)
        for j in range(out.shape[1]):
            c, d = 2 * j, min(2 * j + 1, columns - 1)
            p, q, r, s = part[a, c], part[a, d], part[b, c], part[b, d]
            if how == 0 or (p == q and p == r and p == s):
                out[i, j] = p
            elif how == 1:
                best, most = np.uint8(255), 0
                for v in (np.uint8(1), np.uint8(2), np.uint8(0)):
                    n = (p == v) + (q == v) + (r == v) + (s == v)
                    if n > most:
                        best, most = v, n
                out[i, j] = best
            else:
                total, n = 0, 0
                for v in (p, q, r, s):
                    if v != 255:
                        total += v
                        n += 1
                out[i, j] = (2 * total + n) // (2 * n) if n else 255


@njit(cache=True, nogil=True)
def correlate(z, keep):
    """Turn white noise (fields, rows, columns) into fields correlated by `keep` from cell to cell, in place."""
    fresh = np.float32(np.sqrt(np.float32(1.0) - keep * keep))
    for k in range(z.shape[0]):
        for i in range(z.shape[1]):
            for j in range(1, z.shape[2]):
                z[k, i, j] = keep * z[k, i, j - 1] + fresh * z[k, i, j]
        for i in range(1, z.shape[1]):
            for j in range(z.shape[2]):
                z[k, i, j] = keep * z[k, i - 1, j] + fresh * z[k, i, j]


@njit(cache=True, nogil=True)
def drawn(fields, rows, columns, common, own, edges, above, pixel, heads, out):
    """Add up what lies below each field: `out` (2, fields) gets ground and people.

    Parameters
    ----------
    fields : float32 array, (block rows, block columns, fields)
    rows, columns : int array, (blocks,)
        Blocks with anything to decide.
    common : float array, (fields,)
        Part of the latent field that the whole scene shares; `own` scales the rest.
    edges : float32 array, (99,)
        Normal quantiles of 1 to 99 per cent.
    above, heads : float32 array, (blocks, 102)
        Pixels and people at or above each per cent; `heads` may be empty.
    pixel : float array, (blocks,)
        Area of a pixel.
    """
    # where a value lies among the edges is looked up in fine steps, then settled against its neighbours
    fine, low, last = 256, np.floor(edges[0]), len(edges)
    guess = np.empty(int(fine * (np.ceil(edges[-1]) - low)) + 1, np.int64)
    for k in range(len(guess)):
        guess[k] = np.searchsorted(edges, np.float32(low + k / fine), side="right")
    out[:] = 0.0
    for b in range(len(rows)):
        field = fields[rows[b], columns[b]]
        for k in range(len(field)):
            z = common[k] + own * field[k]
            at = min(max((z - low) * fine, 0.0), len(guess) - 1.0)
            least = guess[int(at)]
            while least > 0 and z < edges[least - 1]:
                least -= 1
            while least < last and z >= edges[least]:
                least += 1
            out[0, k] += above[b, least + 1] * pixel[b]
            if len(heads):
                out[1, k] += heads[b, least + 1]
