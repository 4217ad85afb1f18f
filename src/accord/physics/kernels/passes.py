"""Compiled geometry of single passes: where a satellite crosses a mask, culminates, and sees the Sun.

A satellite is above the mask when ``f = d . up - sin(mask) |d| >= 0``, with d from site to satellite. Positions between
nodes are cubic in time, so f and its rate are exact and cheap; a cubic through f and its rate at both nodes starts
Newton's rule, kept inside its bracket, next to the root.

Functions take whole arrays with the numbers s of the satellite and k of the site: a slice would count references, which
costs more than the geometry, and more still where threads share the array.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = [
    "COLUMNS",
    "complete",
    "crossing",
    "describe",
    "extreme",
    "highest_node",
    "lit_share",
    "margin",
    "segment",
    "shadow_shares",
    "summit",
    "top_step",
]

_SUN_RADIUS_KM = 695700.0  # IAU 2015 resolution B3
_WIDEST_SUN = 0.0048  # above the sine of the Sun's apparent radius at any time of the year
COLUMNS = 6


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def segment(position, velocity, s, node, step, site, k, c):
    """Fill c, shape (4, 3): the cubic of a satellite's place from the site over one step, time in steps."""
    for axis in range(3):
        p0, p1 = position[s, node, axis], position[s, node + 1, axis]
        v0, v1 = velocity[s, node, axis] * step, velocity[s, node + 1, axis] * step
        c[0, axis] = p0 - site[k, axis]
        c[1, axis] = v0
        c[2, axis] = 3.0 * (p1 - p0) - 2.0 * v0 - v1
        c[3, axis] = 2.0 * (p0 - p1) + v0 + v1


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def look(c, x, up, k):
    """Return rise over the site's plane and its rate, squared range and half its rate; x is the share of a step."""
    rise, rate, square, half = 0.0, 0.0, 0.0, 0.0
    for axis in range(3):
        d = ((c[3, axis] * x + c[2, axis]) * x + c[1, axis]) * x + c[0, axis]
        v = (3.0 * c[3, axis] * x + 2.0 * c[2, axis]) * x + c[1, axis]
        rise += d * up[k, axis]
        rate += v * up[k, axis]
        square += d * d
        half += d * v
    return rise, rate, square, half


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def margin(c, x, up, k, level):
    """Return f, how far the satellite is above the mask [km], and its rate [km a step]."""
    rise, rate, square, half = look(c, x, up, k)
    reach = math.sqrt(square)
    return rise - level * reach, rate - level * half / reach


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def turn(c, x, up, k):
    """Return what has the sign of the rate of the elevation."""
    rise, rate, square, half = look(c, x, up, k)
    return rate * square - rise * half


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def crossing(c, low, high, up, k, level, tolerance):
    """Return where f crosses zero between two shares of a step that lie on either side of the mask."""
    f0, r0 = margin(c, low, up, k, level)
    f1, r1 = margin(c, high, up, k, level)
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
    bend = (abs(c2) + 3.0 * abs(c3)) / (width * width)  # half of the largest second derivative
    if not low < x < high:
        x = 0.5 * (low + high)
    for _ in range(100):
        f, rate = margin(c, x, up, k, level)
        if (f > 0.0) == rising:
            high = x
        else:
            low = x
        after = x - f / rate if rate != 0.0 else low
        if not low < after < high:
            after = 0.5 * (low + high)
        elif bend * (after - x) ** 2 < 0.1 * tolerance * abs(rate):
            return after  # what Newton's rule leaves is f''/(2 f') times the square of its step
        if abs(after - x) < tolerance or f == 0.0:
            return after
        x = after
    return x


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def extreme(c, low, high, up, k, level, tolerance):
    """Return where f is highest or lowest between shares of a step at which its rate has opposite signs."""
    r0, r1 = margin(c, low, up, k, level)[1], margin(c, high, up, k, level)[1]
    for _ in range(100):
        if high - low <= tolerance:
            break
        x = (low * r1 - high * r0) / (r1 - r0)
        if not low < x < high:
            x = 0.5 * (low + high)
        r = margin(c, x, up, k, level)[1]
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
def summit(c, low, high, up, k, tolerance):
    """Return where the elevation is highest between two shares of a step: the root of its rate, or one of the ends."""
    g0, g1 = turn(c, low, up, k), turn(c, high, up, k)
    if g0 <= 0.0:
        return low
    if g1 >= 0.0:
        return high
    for _ in range(100):
        if high - low <= tolerance:
            break
        x = (low * g1 - high * g0) / (g1 - g0)
        g = turn(c, x, up, k)
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
def highest_node(position, s, first, last, site, up, k):
    """Return the node from first to before last at which a satellite is highest; -1 where there is none."""
    node, best, best_square = -1, -1.0, 1.0  # the sine of elevation squared, with its sign, as a fraction
    for between in range(first, last):
        rise, square = 0.0, 0.0
        for axis in range(3):
            d = position[s, between, axis] - site[k, axis]
            rise += d * up[k, axis]
            square += d * d
        part = rise * abs(rise)
        if node < 0 or part * best_square > best * square:
            node, best, best_square = between, part, square
    return node


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def top_step(position, velocity, s, node, rise, site, up, k):
    """Return the step in which a satellite culminates: before or after the node at which it is highest."""
    if node < 0:  # rise and set lie in one step
        return min(int(rise), position.shape[1] - 2)
    height, rate, square, half = 0.0, 0.0, 0.0, 0.0
    for axis in range(3):
        d, v = position[s, node, axis] - site[k, axis], velocity[s, node, axis]
        height += d * up[k, axis]
        rate += v * up[k, axis]
        square += d * d
        half += d * v
    if rate * square - height * half <= 0.0:
        node -= 1
    return min(max(node, int(rise)), position.shape[1] - 2)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, inline="always")
def describe(sun, node, x, c, site, up, k, earth_km, rows, i):
    """Fill a row's highest elevation and the Sun's [rad], and the share of the Sun seen, at a share of a step."""
    rising, _, square, _ = look(c, x, up, k)
    rows[i, 3] = math.atan2(rising, math.sqrt(max(square - rising * rising, 0.0)))
    sun_x = sun[node, 0] * (1.0 - x) + sun[node + 1, 0] * x
    sun_y = sun[node, 1] * (1.0 - x) + sun[node + 1, 1] * x
    sun_z = sun[node, 2] * (1.0 - x) + sun[node + 1, 2] * x
    above = sun_x * up[k, 0] + sun_y * up[k, 1] + sun_z * up[k, 2]
    far = math.sqrt(sun_x * sun_x + sun_y * sun_y + sun_z * sun_z)
    rows[i, 4] = math.asin(min(max(above / far, -1.0), 1.0))
    at_x = ((c[3, 0] * x + c[2, 0]) * x + c[1, 0]) * x + c[0, 0] + site[k, 0]
    at_y = ((c[3, 1] * x + c[2, 1]) * x + c[1, 1]) * x + c[0, 1] + site[k, 1]
    at_z = ((c[3, 2] * x + c[2, 2]) * x + c[1, 2]) * x + c[0, 2] + site[k, 2]
    rows[i, 5] = lit_share(at_x, at_y, at_z, sun_x, sun_y, sun_z, earth_km)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def shadow_shares(position, sun, earth_km, share):
    """Fill share, shape (n,), with the share of the Sun's disc seen from positions, both of shape (n, 3) [km]."""
    for i in range(len(share)):
        share[i] = lit_share(
            position[i, 0], position[i, 1], position[i, 2], sun[i, 0], sun[i, 1], sun[i, 2], earth_km
        )


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def complete(position, velocity, step, sun, site, up, earth_km, tolerance, ids, spans):
    """Return rows as `accord.physics.kernels.search.search` does for passes whose ends are known.

    Parameters
    ----------
    ids : int32 array, shape (passes, 2)
    spans : float array, shape (passes, 2) [steps]
    """
    rows, c = np.empty((len(ids), COLUMNS)), np.empty((4, 3))
    for i in range(len(ids)):
        s, k, rise, end = ids[i, 0], ids[i, 1], spans[i, 0], spans[i, 1]
        node = highest_node(position, s, int(rise) + 1, math.ceil(end), site, up, k)
        node = top_step(position, velocity, s, node, rise, site, up, k)
        segment(position, velocity, s, node, step, site, k, c)
        x = summit(c, max(rise - node, 0.0), min(end - node, 1.0), up, k, tolerance)
        rows[i, 0], rows[i, 1], rows[i, 2] = rise, node + x, end
        describe(sun, node, x, c, site, up, k, earth_km, rows, i)
    return rows
