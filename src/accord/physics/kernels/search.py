"""Compiled search for the passes of many satellites; Python reaches it through `accord.physics.passes`.

A whole group of neighbouring sites is first compared with each satellite's cap: only nodes from which any of them can
see it are looked at one by one. Crossings found there wait until a block of them is solved side by side.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from accord.physics.kernels.lanes import LANES, fresh, put, roots, share, tops
from accord.physics.kernels.passes import (
    COLUMNS,
    crossing,
    describe,
    extreme,
    margin,
    segment,
    summit,
    top_step,
)

__all__ = ["search"]

_CLOSE_KM = 0.1  # nearer to zero than this f is computed in full precision
_SPARE = 0.02  # f is concave about its maximum: a share of its largest change for where it is not quite
_SETTLED = 3e-4  # a last correction below this many steps leaves its square times f''/(2 f'): microseconds


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _heights(tracks, s, first, size, site, up, k, level, f, sine):
    """Fill f, and the square of the sine of elevation with its sign, at some nodes in single precision.

    The axes lie apart and the tracks are padded, so that sixteen nodes are worked on at once.
    """
    site_x, site_y, site_z = np.float32(site[k, 0]), np.float32(site[k, 1]), np.float32(site[k, 2])
    up_x, up_y, up_z = np.float32(up[k, 0]), np.float32(up[k, 1]), np.float32(up[k, 2])
    bar = np.float32(level)
    x, y, z = tracks[s, 0, first:], tracks[s, 1, first:], tracks[s, 2, first:]
    for i in range(16 * ((size + 15) // 16)):
        d_x, d_y, d_z = x[i] - site_x, y[i] - site_y, z[i] - site_z
        rise = d_x * up_x + d_y * up_y + d_z * up_z
        square = d_x * d_x + d_y * d_y + d_z * d_z
        f[i] = rise - bar * np.sqrt(square)
        sine[i] = rise * abs(rise) / square


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _exact(position, s, node, site, up, k, level):
    """Return f at a node in full precision."""
    rise, square = 0.0, 0.0
    for axis in range(3):
        d = position[s, node, axis] - site[k, axis]
        rise += d * up[k, axis]
        square += d * d
    return rise - level * math.sqrt(square)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _rate(position, velocity, s, node, site, up, k, level):
    """Return the rate of f at a node [km/s]."""
    rate, square, half = 0.0, 0.0, 0.0
    for axis in range(3):
        d, v = position[s, node, axis] - site[k, axis], velocity[s, node, axis]
        rate += v * up[k, axis]
        square += d * d
        half += d * v
    return rate - level * half / math.sqrt(square)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _between(position, velocity, s, step, node, f0, f1, site, up, k, level, spare, tolerance, c):
    """Return the two shares of a step at which f crosses zero and comes back, or -1 twice.

    f0 and f1, of one sign, are f at both nodes; where the tangents there meet short of zero by more than ``spare``
    [km], f does not reach it.
    """
    above = f1 >= 0.0
    sign = -1.0 if above else 1.0
    r0 = step * _rate(position, velocity, s, node, site, up, k, level)
    if sign * r0 <= 0.0:
        return -1.0, -1.0
    r1 = step * _rate(position, velocity, s, node + 1, site, up, k, level)
    if sign * r1 >= 0.0 or sign * (f0 + r0 * (f1 - r1 - f0) / (r0 - r1)) < -spare:
        return -1.0, -1.0
    segment(position, velocity, s, node, step, site, k, c)
    x = extreme(c, 0.0, 1.0, up, k, level, tolerance)
    if (margin(c, x, up, k, level)[0] >= 0.0) == above:
        return -1.0, -1.0
    return crossing(c, 0.0, x, up, k, level, tolerance), crossing(c, x, 1.0, up, k, level, tolerance)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def _turns(f, i, size, sign):
    """Return whether f may have a maximum (sign 1) or a minimum (-1) between nodes i and i + 1.

    f has one of each in a revolution, and nodes are less than a twelfth of one apart: it comes up to one node and goes
    down from the other.
    """
    before = f[i] - f[i - 1] if i > 0 else 0.0
    after = f[i + 1] - f[i + 2] if i + 2 < size else 0.0
    return sign * before >= 0.0 and sign * after >= 0.0


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def _scan(
    position,
    velocity,
    s,
    step,
    first,
    size,
    f,
    sine,
    site,
    up,
    k,
    level,
    fastest,
    tolerance,
    c,
    start,
    marks,
    ends,
):
    """List the passes between two nodes from row ``start`` of marks and ends; return their number.

    ``fastest`` bounds the change of f over a step [km]: where both nodes are farther than that from zero together, f
    cannot have crossed twice in between. Nor can it where the nodes around do not show a turn.

    Parameters
    ----------
    f, sine : float32 array, shape (room,)
        As `_heights` leaves them, ``size`` of them.
    marks : int array, shape (room, 3)
        Steps in which rise and set lie, -1 where the time is known, and the node at which it is highest, or -1.
    ends : float array, shape (room, 2)
        Known times of rise and set [steps].
    """
    f0 = float(f[0])
    if abs(f0) < _CLOSE_KM:
        f0 = _exact(position, s, first, site, up, k, level)
    last, row, inside, best = len(ends) - 1, start, f0 >= 0.0, sine[0]
    if inside:
        marks[row, 0], marks[row, 2], ends[row, 0] = -1, first, float(first)
    f1 = f0
    for i in range(size - 1):
        f0, f1, node = f1, float(f[i + 1]), first + i
        if abs(f1) < _CLOSE_KM:  # single precision may not know the sign
            f1 = _exact(position, s, node + 1, site, up, k, level)
        if f0 < 0.0 and f1 < 0.0 and (f0 + f1 <= -fastest or not _turns(f, i, size, 1.0)):
            continue
        at = min(row, last)
        if f0 < 0.0 and f1 >= 0.0:
            inside, best, marks[at, 0], marks[at, 2] = True, sine[i + 1], node, node + 1
        elif f0 >= 0.0 and f1 < 0.0:
            marks[at, 1], inside, row = node, False, row + 1
        elif f0 + f1 < fastest and (f1 < 0.0 or _turns(f, i, size, -1.0)):
            where = (f0, f1, site, up, k, level, _SPARE * fastest, tolerance, c)
            one, two = _between(position, velocity, s, step, node, *where)
            if one >= 0.0 and f1 < 0.0:
                marks[at, 0], marks[at, 1], marks[at, 2] = -1, -1, -1
                ends[at, 0], ends[at, 1], row = node + one, node + two, row + 1
            elif one >= 0.0:
                marks[at, 1], ends[at, 1], row = -1, node + one, row + 1
                at = min(row, last)
                best, marks[at, 0], marks[at, 2], ends[at, 0] = sine[i + 1], -1, node + 1, node + two
        if inside and sine[i + 1] > best:
            best, marks[at, 2] = sine[i + 1], node + 1
    if inside:
        at = min(row, last)
        marks[at, 1], ends[at, 1], row = -1, float(first + size - 1), row + 1
    return row - start


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _solve(
    position,
    velocity,
    step,
    sun,
    site,
    up,
    level,
    earth_km,
    tolerance,
    ids,
    rows,
    start,
    count,
    marks,
    ends,
    block,
    c,
):
    """Fill rows of passes whose steps are known, from row ``start`` on.

    Parameters
    ----------
    ids : int32 array, shape (room, 2)
        Satellite and site.
    marks, ends
        As `_scan` leaves them, from their first row on.
    """
    for side in range(2):
        for m in range(count):
            s, k, node = ids[start + m, 0], ids[start + m, 1], marks[m, side]
            if node >= 0:
                put(block, m, position, velocity, s, node, step, site, up, k, level)
        roots(block)
        for m in range(count):
            s, k, node = ids[start + m, 0], ids[start + m, 1], marks[m, side]
            if node >= 0:
                x, move = share(block, m)
                if not (move < _SETTLED and 0.0 <= x <= 1.0):
                    segment(position, velocity, s, node, step, site, k, c)
                    x = crossing(c, 0.0, 1.0, up, k, level[k], tolerance)
                ends[m, side] = node + x
    for m in range(count):
        s, k = ids[start + m, 0], ids[start + m, 1]
        marks[m, 2] = top_step(position, velocity, s, marks[m, 2], ends[m, 0], site, up, k)
        put(block, m, position, velocity, s, marks[m, 2], step, site, up, k, level)
    tops(block)
    for m in range(count):
        s, k, node = ids[start + m, 0], ids[start + m, 1], marks[m, 2]
        low, high = max(ends[m, 0] - node, 0.0), min(ends[m, 1] - node, 1.0)
        x, move = share(block, m)
        segment(position, velocity, s, node, step, site, k, c)
        if not (move < tolerance and low <= x <= high):
            x = summit(c, low, high, up, k, tolerance)
        rows[start + m, 0], rows[start + m, 1], rows[start + m, 2] = ends[m, 0], node + x, ends[m, 1]
        describe(sun, node, x, c, site, up, k, earth_km, rows, start + m)


@njit(cache=True, nogil=True)
def _move_up(marks, ends, left):
    for m in range(left):
        for column in range(3):
            marks[m, column] = marks[m + LANES, column]
        ends[m, 0], ends[m, 1] = ends[m + LANES, 0], ends[m + LANES, 1]


@njit(cache=True, nogil=True)
def _roomier(marks, ends, needed):
    more_marks, more_ends = np.empty((2 * needed, 3), np.int64), np.empty((2 * needed, 2))
    more_marks[: len(marks)], more_ends[: len(ends)] = marks, ends
    return more_marks, more_ends


@njit(cache=True, nogil=True)
def _wider(ids, rows, found, size):
    more_ids, more_rows = np.empty((size, 2), np.int32), np.empty((size, COLUMNS))
    more_ids[:found], more_rows[:found] = ids[:found], rows[:found]
    return more_ids, more_rows


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _runs(units, s, centre_x, centre_y, centre_z, bound, runs):
    """Fill runs, shape (room, 2), with first and last node of each stretch to look at, one node wider on both sides.

    Sixteen nodes at a time are passed over where none is near.
    """
    nodes, count = units.shape[2], 0
    for start in range(0, nodes, 16):
        stop = min(start + 16, nodes)
        nearest = np.float32(-2.0)
        for node in range(start, stop):
            toward = (
                units[s, 0, node] * centre_x + units[s, 1, node] * centre_y + units[s, 2, node] * centre_z
            )
            nearest = max(nearest, toward)
        if nearest < bound:
            continue
        for node in range(start, stop):
            toward = (
                units[s, 0, node] * centre_x + units[s, 1, node] * centre_y + units[s, 2, node] * centre_z
            )
            if toward < bound:
                continue
            if count > 0 and runs[count - 1, 1] >= node - 1:
                runs[count - 1, 1] = min(node + 1, nodes - 1)
            else:
                runs[count, 0], runs[count, 1] = max(node - 1, 0), min(node + 1, nodes - 1)
                count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def search(
    position, velocity, tracks, units, step, begin, stop, bound, fastest, sun, centre, start, site, up, level, earth_km,
    tolerance,
):  # fmt: skip
    """Find the passes of some satellites, one after another, over groups of neighbouring sites.

    Parameters
    ----------
    position, velocity : float array, shape (satellites, nodes, 3) [km], [km/s]
    tracks : float32 array, shape (satellites, 3, nodes + 16) [km]
        The positions, axes apart, and sixteen more nodes of anything.
    units : float32 array, shape (satellites, 3, nodes)
        Directions of the positions.
    step, tolerance : float [s], [steps]
    begin, stop : int
        The first satellite, and one past the last.
    bound : float32 array, shape (groups, satellites)
        Cosine of the widest angle from a group's centre at whose nodes a satellite is looked at.
    fastest : float array, shape (satellites,)
        Bound of the change of f over a step [km], see `_scan`.
    sun : float array, shape (nodes, 3) [km]
        Earth-fixed.
    centre : float32 array, shape (groups, 3)
        Direction of the middle of each group.
    start : int array, shape (groups + 1,)
        Group g holds the sites from ``start[g]`` to before ``start[g + 1]``.
    site, up : float array, shape (sites, 3)
    level : float array, shape (sites,)
        Sines of the masks.
    earth_km : float
        Radius that casts the shadow.

    Returns
    -------
    ids : int32 array, shape (passes, 2)
        Satellite and site.
    rows : float array, shape (passes, 6)
        Rise, culmination and set in steps, highest elevation and Sun's elevation [rad], share of the Sun seen.
    """
    ids, rows, found, done = np.empty((512, 2), np.int32), np.empty((512, COLUMNS)), 0, 0
    c, block, nodes, groups = np.empty((4, 3)), fresh(), position.shape[1], len(start) - 1
    marks, ends, runs = np.empty((512, 3), np.int64), np.empty((512, 2)), np.empty((nodes, 2), np.int64)
    f, sine = np.empty(nodes + 16, np.float32), np.empty(nodes + 16, np.float32)
    fixed = (position, velocity, step, sun, site, up, level, earth_km, tolerance)
    for turn in range((stop - begin) * groups):
        s, g = begin + turn // groups, turn % groups
        for r in range(_runs(units, s, centre[g, 0], centre[g, 1], centre[g, 2], bound[g, s], runs)):
            first, size = runs[r, 0], runs[r, 1] - runs[r, 0] + 1
            for k in range(start[g], start[g + 1]):
                _heights(tracks, s, first, size, site, up, k, level[k], f, sine)
                room = True
                while room:
                    many = _scan(
                        position, velocity, s, step, first, size, f, sine, site, up, k, level[k], fastest[s],
                        tolerance, c, found - done, marks, ends,
                    )  # fmt: skip
                    room = found - done + many > len(ends)
                    if room:
                        marks, ends = _roomier(marks, ends, found - done + many)
                if found + many > len(ids):
                    ids, rows = _wider(ids, rows, found, 2 * (found + many))
                for m in range(found, found + many):
                    ids[m, 0], ids[m, 1] = s, k
                found += many
                while found - done >= LANES:
                    _solve(*fixed, ids, rows, done, LANES, marks, ends, block, c)
                    done += LANES
                    _move_up(marks, ends, found - done)
    _solve(*fixed, ids, rows, done, found - done, marks, ends, block, c)
    return ids[:found], rows[:found]
