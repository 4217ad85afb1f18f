"""Compiled search for passes; Python reaches it through `accord.physics.passes`.

A satellite is above the mask when ``f = d . up - sin(mask) |d| >= 0``, with d from site to satellite. Positions between
nodes are cubic in time, so f and its rate are exact and cheap; a cubic through f and its rate at both nodes starts
Newton's rule, kept inside its bracket, next to the root.

A whole group of neighbouring sites is first compared with the satellite's cap: only nodes from which any of them can
see the satellite are looked at one by one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["complete", "lit_share", "search", "shadow_shares"]

_SUN_RADIUS_KM = 695700.0  # IAU 2015 resolution B3
_WIDEST_SUN = 0.0048  # above the sine of the Sun's apparent radius at any time of the year
_COLUMNS = 6


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def _segment(position, velocity, node, step, site, c):
    """Fill c, shape (4, 3): the cubic of a satellite's place from the site over one step, time in steps."""
    for axis in range(3):
        p0, p1 = position[node, axis], position[node + 1, axis]
        v0, v1 = velocity[node, axis] * step, velocity[node + 1, axis] * step
        c[0, axis] = p0 - site[axis]
        c[1, axis] = v0
        c[2, axis] = 3.0 * (p1 - p0) - 2.0 * v0 - v1
        c[3, axis] = 2.0 * (p0 - p1) + v0 + v1


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def _look(c, x, up):
    """Return rise over the site's plane and its rate, squared range and half its rate; x is the share of a step."""
    rise, rate, square, half = 0.0, 0.0, 0.0, 0.0
    for axis in range(3):
        d = ((c[3, axis] * x + c[2, axis]) * x + c[1, axis]) * x + c[0, axis]
        v = (3.0 * c[3, axis] * x + 2.0 * c[2, axis]) * x + c[1, axis]
        rise += d * up[axis]
        rate += v * up[axis]
        square += d * d
        half += d * v
    return rise, rate, square, half


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def _margin(c, x, up, level):
    """Return f, how far the satellite is above the mask [km], and its rate [km a step]."""
    rise, rate, square, half = _look(c, x, up)
    reach = math.sqrt(square)
    return rise - level * reach, rate - level * half / reach


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def _turn(c, x, up):
    """Return what has the sign of the rate of the elevation."""
    rise, rate, square, half = _look(c, x, up)
    return rate * square - rise * half


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _crossing(c, low, high, up, level, tolerance):
    """Return where f crosses zero between two shares of a step that lie on either side of the mask."""
    f0, r0 = _margin(c, low, up, level)
    f1, r1 = _margin(c, high, up, level)
    if f0 == 0.0:
        return low
    if f1 == 0.0:
        return high
    rising = f1 > f0
    # the cubic through both ends: regula falsi for its root, then two rounds of Newton on the cubic itself
    width = high - low
    a, b = r0 * width, r1 * width
    c2, c3 = 3.0 * (f1 - f0) - 2.0 * a - b, 2.0 * (f0 - f1) + a + b
    y = f0 / (f0 - f1)
    for _ in range(3):
        slope = (3.0 * c3 * y + 2.0 * c2) * y + a
        if slope == 0.0:
            break
        y -= (((c3 * y + c2) * y + a) * y + f0) / slope
    x = low + width * y
    if not low < x < high:
        x = 0.5 * (low + high)
    for _ in range(100):
        f, rate = _margin(c, x, up, level)
        if (f > 0.0) == rising:
            high = x
        else:
            low = x
        after = x - f / rate if rate != 0.0 else low
        if not low < after < high:
            after = 0.5 * (low + high)
        if abs(after - x) < tolerance or f == 0.0:
            return after
        x = after
    return x


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _extreme(c, low, high, up, level, tolerance):
    """Return where f is highest or lowest between shares of a step at which its rate has opposite signs."""
    r0, r1 = _margin(c, low, up, level)[1], _margin(c, high, up, level)[1]
    for _ in range(100):
        if high - low <= tolerance:
            break
        x = (low * r1 - high * r0) / (r1 - r0)
        if not low < x < high:
            x = 0.5 * (low + high)
        r = _margin(c, x, up, level)[1]
        if (r > 0.0) == (r1 > 0.0):
            if x - low < tolerance:
                return x
            high, r1 = x, r
            r0 *= 0.5
        else:
            if high - x < tolerance:
                return x
            low, r0 = x, r
            r1 *= 0.5
    return 0.5 * (low + high)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _summit(c, low, high, up, tolerance):
    """Return where the elevation is highest between two shares of a step: the root of its rate, or one of the ends."""
    g0, g1 = _turn(c, low, up), _turn(c, high, up)
    if g0 <= 0.0:
        return low
    if g1 >= 0.0:
        return high
    for _ in range(100):
        if high - low <= tolerance:
            break
        x = (low * g1 - high * g0) / (g1 - g0)
        g = _turn(c, x, up)
        if g > 0.0:
            if high - x < tolerance:
                return x
            low, g0 = x, g
            g1 *= 0.5
        else:
            if x - low < tolerance:
                return x
            high, g1 = x, g
            g0 *= 0.5
    return 0.5 * (low + high)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def lit_share(x, y, z, sun_x, sun_y, sun_z, earth_km):
    """Return the share of the Sun's disc that a satellite sees past a spherical Earth; places in km.

    Montenbruck & Gill (2000), Satellite Orbits, section 3.4.2.
    """
    r2 = x * x + y * y + z * z
    to_x, to_y, to_z = sun_x - x, sun_y - y, sun_z - z
    to2 = to_x * to_x + to_y * to_y + to_z * to_z
    cosine = -(x * to_x + y * to_y + z * to_z) / math.sqrt(r2 * to2)
    if cosine <= 0.0:
        return 1.0
    radius = math.sqrt(r2)
    axis = radius * math.sqrt(max(1.0 - cosine * cosine, 0.0))  # distance from the shadow's axis
    cone = _WIDEST_SUN * radius
    if axis >= earth_km + cone:
        return 1.0
    if axis <= earth_km * 0.99998 - cone:
        return 0.0
    apart = math.acos(min(cosine, 1.0))
    sun = math.asin(_SUN_RADIUS_KM / math.sqrt(to2))
    earth = math.asin(min(earth_km / radius, 1.0))
    if apart >= sun + earth:
        return 1.0
    if apart <= earth - sun:
        return 0.0
    if apart <= sun - earth:  # from far away the Earth lies inside the disc
        return 1.0 - (earth / sun) ** 2
    along = (apart * apart + sun * sun - earth * earth) / (2.0 * apart)
    across = math.sqrt(max(sun * sun - along * along, 0.0))
    one = sun * sun * math.acos(min(max(along / sun, -1.0), 1.0))
    two = earth * earth * math.acos(min(max((apart - along) / earth, -1.0), 1.0))
    return min(max(1.0 - (one + two - apart * across) / (math.pi * sun * sun), 0.0), 1.0)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _store(position, velocity, sun, step, site, up, rise, end, earth_km, tolerance, c, row):
    """Fill one row of six: rise, culmination, set in steps; highest elevation, Sun's elevation [rad]; share lit."""
    node, best, best_square = -1, -1.0, 1.0  # the sine of elevation squared, with its sign, as a fraction
    for between in range(int(rise) + 1, math.ceil(end)):
        up_part, square = 0.0, 0.0
        for axis in range(3):
            d = position[between, axis] - site[axis]
            up_part += d * up[axis]
            square += d * d
        part = up_part * abs(up_part)
        if node < 0 or part * best_square > best * square:
            node, best, best_square = between, part, square
    if node < 0:  # rise and set lie in one step
        node = min(int(rise), len(position) - 2)
        _segment(position, velocity, node, step, site, c)
    else:
        _segment(position, velocity, node, step, site, c)
        if _turn(c, 0.0, up) <= 0.0:
            node -= 1
            _segment(position, velocity, node, step, site, c)
    x = _summit(c, max(rise - node, 0.0), min(end - node, 1.0), up, tolerance)
    rising, _, square, _ = _look(c, x, up)
    row[0], row[1], row[2] = rise, node + x, end
    row[3] = math.atan2(rising, math.sqrt(max(square - rising * rising, 0.0)))
    sun_x = sun[node, 0] * (1.0 - x) + sun[node + 1, 0] * x
    sun_y = sun[node, 1] * (1.0 - x) + sun[node + 1, 1] * x
    sun_z = sun[node, 2] * (1.0 - x) + sun[node + 1, 2] * x
    above = sun_x * up[0] + sun_y * up[1] + sun_z * up[2]
    far = math.sqrt(sun_x * sun_x + sun_y * sun_y + sun_z * sun_z)
    row[4] = math.asin(min(max(above / far, -1.0), 1.0))
    at_x = ((c[3, 0] * x + c[2, 0]) * x + c[1, 0]) * x + c[0, 0] + site[0]
    at_y = ((c[3, 1] * x + c[2, 1]) * x + c[1, 1]) * x + c[0, 1] + site[1]
    at_z = ((c[3, 2] * x + c[2, 2]) * x + c[1, 2]) * x + c[0, 2] + site[2]
    row[5] = lit_share(at_x, at_y, at_z, sun_x, sun_y, sun_z, earth_km)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def _node_margin(position, node, site, up, level):
    rise, square = 0.0, 0.0
    for axis in range(3):
        d = position[node, axis] - site[axis]
        rise += d * up[axis]
        square += d * d
    return rise - level * math.sqrt(square)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _between(c, f, up, level, tolerance):
    """Return the two shares of a step at which f crosses zero and comes back, or -1 twice; f is that of both ends."""
    r0, r1 = _margin(c, 0.0, up, level)[1], _margin(c, 1.0, up, level)[1]
    if not ((f < 0.0 and r0 > 0.0 > r1) or (f >= 0.0 and r0 < 0.0 < r1)):
        return -1.0, -1.0
    x = _extreme(c, 0.0, 1.0, up, level, tolerance)
    if (_margin(c, x, up, level)[0] >= 0.0) == (f >= 0.0):
        return -1.0, -1.0
    return _crossing(c, 0.0, x, up, level, tolerance), _crossing(c, x, 1.0, up, level, tolerance)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _scan(position, velocity, step, first, last, site, up, level, fastest, tolerance, c, ends):
    """Fill ends, shape (room, 2), with rise and set in steps between two nodes; return their number.

    ``fastest`` bounds the change of f over a step [km]: where both nodes are farther than that from zero together, f
    cannot have crossed twice in between.
    """
    count, rise, room = 0, -1.0, len(ends)
    f0 = _node_margin(position, first, site, up, level)
    if f0 >= 0.0:
        rise = float(first)
    for node in range(first, last):
        f1 = _node_margin(position, node + 1, site, up, level)
        if (f0 >= 0.0) != (f1 >= 0.0):
            _segment(position, velocity, node, step, site, c)
            when = node + _crossing(c, 0.0, 1.0, up, level, tolerance)
            if f1 >= 0.0:
                rise = when
            else:
                ends[min(count, room - 1), 0], ends[min(count, room - 1), 1] = rise, when
                count += 1
                rise = -1.0
        elif abs(f0 + f1) < fastest:
            _segment(position, velocity, node, step, site, c)
            one, two = _between(c, f1, up, level, tolerance)
            if one >= 0.0:
                above = f1 >= 0.0
                ends[min(count, room - 1), 0] = rise if above else node + one
                ends[min(count, room - 1), 1] = node + one if above else node + two
                count += 1
                rise = node + two if above else -1.0
        f0 = f1
    if rise >= 0.0:
        ends[min(count, room - 1), 0], ends[min(count, room - 1), 1] = rise, float(last)
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _wider(ids, rows, needed):
    size = max(2 * len(ids), needed)
    more_ids, more_rows = np.empty((size, 2), np.int32), np.empty((size, _COLUMNS))
    more_ids[: len(ids)], more_rows[: len(rows)] = ids, rows
    return more_ids, more_rows


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def _runs(units, centre, bound, runs):
    """Fill runs, shape (room, 2), with first and last node of each stretch to look at, one node wider on both sides.

    units, shape (3, nodes); sixteen nodes at a time are passed over where none is near.
    """
    nodes, count = units.shape[1], 0
    x, y, z = units[0], units[1], units[2]
    for start in range(0, nodes, 16):
        stop = min(start + 16, nodes)
        nearest = np.float32(-2.0)
        for node in range(start, stop):
            nearest = max(nearest, x[node] * centre[0] + y[node] * centre[1] + z[node] * centre[2])
        if nearest < bound:
            continue
        for node in range(start, stop):
            if x[node] * centre[0] + y[node] * centre[1] + z[node] * centre[2] < bound:
                continue
            if count > 0 and runs[count - 1, 1] >= node - 1:
                runs[count - 1, 1] = min(node + 1, nodes - 1)
            else:
                runs[count, 0], runs[count, 1] = max(node - 1, 0), min(node + 1, nodes - 1)
                count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def search(
    position, velocity, units, step, bound, fastest, sun, centre, site, up, level, earth_km, tolerance
):
    """Find the passes of all satellites over a group of neighbouring sites.

    Parameters
    ----------
    position, velocity : float array, shape (satellites, nodes, 3) [km], [km/s]
    units : float32 array, shape (satellites, 3, nodes)
        Directions of the positions.
    step, tolerance : float [s], [steps]
    bound : float array, shape (satellites,)
        Cosine of the widest angle from the group's centre at whose nodes a satellite is looked at.
    fastest : float array, shape (satellites,)
        Bound of the change of f over a step [km], see `_scan`.
    sun : float array, shape (nodes, 3) [km]
        Earth-fixed.
    centre : float array, shape (3,)
        Direction of the middle of the group.
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
    ids, rows, found = np.empty((64, 2), np.int32), np.empty((64, _COLUMNS)), 0
    c, ends, runs = np.empty((4, 3)), np.empty((64, 2)), np.empty((position.shape[1], 2), np.int64)
    middle = centre.astype(np.float32)
    for s in range(position.shape[0]):
        track, motion, limit = position[s], velocity[s], fastest[s]
        for r in range(_runs(units[s], middle, np.float32(bound[s]), runs)):
            for k in range(len(site)):
                place = (runs[r, 0], runs[r, 1], site[k], up[k], level[k], limit, tolerance, c)
                many = _scan(track, motion, step, *place, ends)
                if many > len(ends):
                    ends = np.empty((2 * many, 2))
                    many = _scan(track, motion, step, *place, ends)
                if found + many > len(ids):
                    ids, rows = _wider(ids, rows, found + many)
                for j in range(many):
                    ids[found, 0], ids[found, 1] = s, k
                    what = (site[k], up[k], ends[j, 0], ends[j, 1], earth_km, tolerance, c)
                    _store(track, motion, sun, step, *what, rows[found])
                    found += 1
    return ids[:found], rows[:found]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def shadow_shares(position, sun, earth_km, share):
    """Fill share, shape (n,), with the share of the Sun's disc seen from positions, both of shape (n, 3) [km]."""
    for i in range(len(share)):
        share[i] = lit_share(
            position[i, 0], position[i, 1], position[i, 2], sun[i, 0], sun[i, 1], sun[i, 2], earth_km
        )


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def complete(position, velocity, step, sun, site, up, earth_km, tolerance, ids, spans):
    """Return rows as `search` does, shape (passes, 6), for passes whose ends are known, shape (passes, 2) [steps]."""
    rows, c = np.empty((len(ids), _COLUMNS)), np.empty((4, 3))
    for i in range(len(ids)):
        s, k = ids[i, 0], ids[i, 1]
        where = (step, site[k], up[k], spans[i, 0], spans[i, 1], earth_km, tolerance, c)
        _store(position[s], velocity[s], sun, *where, rows[i])
    return rows
