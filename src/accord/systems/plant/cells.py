"""How cells of several chemistries lose capacity over years that all look like one dispatched year.

State equations of the form ``dq = k p (q/k)^((p-1)/p) dx`` for time and for full cycles are integrated exactly: with
``q = u^p`` they read ``du = k^(1/p) dx``, so that a year adds the same to ``u`` whatever came before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.systems.plant.ageing import rainflow, remaining_capacity, stress_per_yr
from accord.systems.plant.catalogue import entry

FloatArray = NDArray[np.float64]

__all__ = [
    "AGES_YR", "END_OF_LIFE", "LONGEST_YR", "Duty", "anode_potential_v", "curve", "duty_of", "life_yr",
    "outside_tests", "throughput_per_yr",
]  # fmt: skip

AGES_YR = np.arange(0.0, 41.0)  # at which curves are tabulated
END_OF_LIFE = 0.7  # remaining share of the rated capacity at which the cells are replaced
LONGEST_YR = 25.0  # beyond what any of the published tests supports
_DAY_H = 24
_KELVIN = 273.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What a year asks of the cells.

    Attributes
    ----------
    charge : float array, shape (days, 25) [1]
        State of charge from midnight to midnight.
    temperature_degc : float
        Of the cells.
    cycles : float [1]
        Weight of cycling: 1 as dispatched; other values scale the number of cycles, not their depth.
    """

    charge: FloatArray
    temperature_degc: float = 25.0
    cycles: float = 1.0


def duty_of(charge: ArrayLike, temperature_degc: float = 25.0) -> Duty:
    """Return the duty of hourly states of charge that repeat, shape (hours,) [1]; whole days only are counted."""
    state = np.clip(np.asarray(charge, dtype=float), 0.0, 1.0)
    days = len(state) // _DAY_H
    ring = np.append(state[: days * _DAY_H], state[0])
    table = np.array([ring[d * _DAY_H : (d + 1) * _DAY_H + 1] for d in range(days)])
    return Duty(charge=table, temperature_degc=temperature_degc)


def throughput_per_yr(duty: Duty) -> float:
    """Return full equivalent cycles a year."""
    swing = np.abs(np.diff(duty.charge, axis=1)).sum() / 2.0
    return float(swing * 365.0 / len(duty.charge) * duty.cycles)


def anode_potential_v(charge: ArrayLike) -> FloatArray:
    """Return the potential of a graphite anode against lithium [V] at a state of charge [1].

    Safari & Delacourt (2011), Journal of the Electrochemical Society 158:A562; lithiation 0.0085 to 0.78 after
    Schimpe et al. (2018), Journal of the Electrochemical Society 165:A181.
    """
    x = 8.5e-3 + np.asarray(charge, dtype=float) * (0.78 - 8.5e-3)
    found: FloatArray = (
        0.6379
        + 0.5416 * np.exp(-305.5309 * x)
        + 0.044 * np.tanh(-(x - 0.1958) / 0.1088)
        - 0.1978 * np.tanh((x - 1.0571) / 0.0854)
        - 0.6875 * np.tanh((x + 0.0117) / 0.0529)
        - 0.0175 * np.tanh((x - 0.5692) / 0.0875)
    )
    return found


def _means(values: FloatArray) -> FloatArray:
    """Return the mean over each day by trapezoids, shape (days,)."""
    found: FloatArray = (values[:, 1:] + values[:, :-1]).mean(axis=1) / 2.0
    return found


def _days(duty: Duty) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return depth [1], mean rate [1/h] and full equivalent cycles of each day."""
    steps = np.abs(np.diff(duty.charge, axis=1))
    depth = duty.charge.max(axis=1) - duty.charge.min(axis=1)
    rate = np.where(steps < 1e-2, 0.0, steps).mean(axis=1)
    return depth, rate, steps.sum(axis=1) / 2.0 * duty.cycles


def curve(cells: str, duty: Duty, ages_yr: ArrayLike = AGES_YR) -> FloatArray:
    """Return what remains of the capacity [1] at some ages, if every year is like this one.

    Parameters
    ----------
    cells : str
        An entry of the table of cells.
    duty : Duty
    ages_yr : float array [yr]

    Returns
    -------
    float array, the shape of ``ages_yr``
    """
    ages = np.asarray(ages_yr, dtype=float)
    row = entry("cells", cells)
    if row["law"] == "semi_empirical":
        state = duty.charge[:, :-1].ravel()
        depth, mean, count = rainflow(state)
        per_yr = count * 365.0 / len(duty.charge) * duty.cycles
        stress = stress_per_yr(
            depth, mean, per_yr, average=float(state.mean()), temperature_degc=duty.temperature_degc
        )
        return remaining_capacity(ages * stress)
    return _power_law(row, duty, ages)


def _power_law(row: Mapping[str, Any], duty: Duty, ages: FloatArray) -> FloatArray:
    cal, cyc = row["calendar"], row["cycle"]
    kelvin = duty.temperature_degc + _KELVIN
    anode = anode_potential_v(duty.charge)
    depth, rate, full = _days(duty)
    a_year = 365.0 / len(full)
    if row["law"] == "power":
        time = cal["factor"] * np.exp(cal["arrhenius_k"] / kelvin + cal["anode_k_per_v"] * anode / kelvin)
        warm = np.exp(cyc["warm_k"] / kelvin) + np.exp(cyc["cold_k"] / kelvin)
        cycle = (cyc["base"] + cyc["depth"] * depth + cyc["rate"] * rate) * warm
    else:
        relative = kelvin / cal["temperature_k"]
        time = cal["factor"] * np.exp((cal["arrhenius"] + cal["anode"] * anode / cal["anode_v"]) / relative)
        cycle = cyc["factor"] * np.exp(cyc["arrhenius"] / relative) * np.exp(cyc["depth"] * np.exp(depth**2))
    p_time, p_cycle = cal["power"], cyc["power"]
    by_time = float(np.sum(_means(time) ** (1.0 / p_time))) * a_year
    by_cycle = float(np.sum(cycle ** (1.0 / p_cycle) * full)) * a_year
    used = 0.0
    if "site_loss" in row:
        used = _sites(row["site_loss"], duty, depth, full) * a_year

    def left(age: FloatArray, cycled: FloatArray) -> FloatArray:
        lithium = 1.0 - (age * by_time) ** p_time - (cycled * by_cycle) ** p_cycle
        if used > 0.0:
            site = row["site_loss"]
            # 2 (1/2 - 1/(1 + e^z)) is the hyperbolic tangent of z/2
            lithium = np.minimum(
                lithium, 1.0 + site["surplus"] - np.tanh((cycled * used) ** site["power"] / 2.0)
            )
        found: FloatArray = np.maximum(lithium, 0.0)
        return found

    return left(ages, np.interp(ages, *_worn(left, float(ages.max(initial=0.0)))))


def _sites(site: Mapping[str, float], duty: Duty, depth: FloatArray, full: FloatArray) -> float:
    """Return the wear of the electrodes over the days, as a share of the cycles that halve them."""
    hot = duty.temperature_degc - site["temperature_degc"]
    cycles = site["cycles"] + site["per_k"] * hot * depth * (_means(duty.charge) / site["charge"])
    return float(np.sum(full / np.maximum(cycles, 1.0)))


def _worn(left: Callable[[FloatArray, FloatArray], FloatArray], last: float) -> tuple[FloatArray, FloatArray]:
    """Return ages and the years of fresh cells' cycling gone through by then: faded, a swing of charge moves less.

    The midpoint rule, a month a step.
    """
    steps = max(1, int(np.ceil(12.0 * last)))
    age, by = np.linspace(0.0, last, steps + 1), last / steps
    cycled = np.zeros(steps + 1)
    for k in range(steps):
        half = cycled[k] + 0.5 * by * float(left(age[k], cycled[k]))
        cycled[k + 1] = cycled[k] + by * float(left(age[k] + 0.5 * by, half))
    return age, cycled


def life_yr(remaining: ArrayLike, end: float = END_OF_LIFE) -> float:
    """Return the age at which a tabulated curve reaches ``end``, 25 years at most.

    Parameters
    ----------
    remaining : float array, shape of `AGES_YR` [1]
        Falling.
    """
    values = np.asarray(remaining, dtype=float)
    if values[-1] >= end:
        return LONGEST_YR
    return min(LONGEST_YR, float(np.interp(-end, -values, AGES_YR)))


def outside_tests(cells: str, duty: Duty) -> str:
    """Return in words how the duty leaves the range in which the cells were tested; empty where it does not."""
    tested = entry("cells", cells)["tested"]
    depth, _, full = _days(duty)
    used = full > 0.0
    said = []
    low, high = tested["depth"]
    beyond = used & ((depth < low - 1e-9) | (depth > high + 1e-9))
    if beyond.any():
        share = float(full[beyond].sum() / full.sum())
        said.append(f"{share:.0%} of the throughput in days with depths outside {low:g} to {high:g}")
    cold, hot = tested["temperature_degc"]
    if not cold <= duty.temperature_degc <= hot:
        said.append(f"cells at {duty.temperature_degc:g} degC outside {cold:g} to {hot:g}")
    fastest = float(np.abs(np.diff(duty.charge, axis=1)).max(initial=0.0))
    if fastest > tested["rate_per_h"] + 1e-9:
        said.append(f"up to {fastest:.2f} of the capacity an hour, tested to {tested['rate_per_h']:g}")
    return "; ".join(said)
