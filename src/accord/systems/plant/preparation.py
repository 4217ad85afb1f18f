"""What is worked out once for a design: dispatched years, the cost of wear, foresight, what a capacity is worth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.contract import Context
from accord.errors import FileError, ModelError
from accord.systems.plant.catalogue import names, process, reactor
from accord.systems.plant.cells import AGES_YR, outside_tests
from accord.systems.plant.dispatch import CAPACITIES, has
from accord.systems.plant.foresight import roll
from accord.systems.plant.gate import pairing
from accord.systems.plant.inputs import Design
from accord.systems.plant.norms import norms_of
from accord.systems.plant.site import Site, price_series, site_of
from accord.systems.plant.sizing import RANGES, ranges_of
from accord.systems.plant.tariff import levelised_tariff
from accord.systems.plant.threads import side_by_side
from accord.systems.plant.wear import Wear, marginal_usd_per_mwh, settle
from accord.systems.plant.year import LEVELS, SUMS, Year, dispatch_year, plant_of

FloatArray = NDArray[np.float64]

__all__ = ["prepare"]

_RATE_PER_YR = (
    0.07  # at which the dispatch reckons the replacement of cells: the middle of the members' rates
)


def _wear(
    design: Design, solar: FloatArray, price: FloatArray, level_usd: float, start: float | None = None
) -> Wear:
    """Return the cost of wear that agrees with the dispatch at a mean price; ``start`` may be near."""
    if design.battery_energy_mwh <= 0.0 or design.cell_price_usd2025_per_kwh <= 0.0:
        return Wear(0.0, 0.0, 0)
    capital = design.cell_price_usd2025_per_kwh * 1000.0 * design.battery_energy_mwh

    def implied(cost: float) -> float:
        year = _year(design, solar, price, level_usd, cost)
        assert year.duty is not None
        return marginal_usd_per_mwh(design.cells, year.duty, year.discharged_mwh, capital, _RATE_PER_YR)

    return settle(implied, start=start)


def _wear_by_level(design: Design, solar: FloatArray, price: FloatArray, means: FloatArray) -> list[Wear]:
    """Return the cost of wear at every price level: settled at three of them, on straight lines between."""
    middle, last = len(means) // 2, len(means) - 1
    first = _wear(design, solar, price, means[middle])
    ends = side_by_side(lambda k: _wear(design, solar, price, means[k], first.cost_usd_per_mwh), [0, last])
    settled = {0: ends[0], middle: first, last: ends[1]}
    at = sorted(settled)
    cost, residual = (
        np.interp(means, means[at], [getattr(settled[k], name) for k in at])
        for name in ("cost_usd_per_mwh", "residual")
    )
    return [settled.get(k, Wear(float(cost[k]), float(residual[k]), 0)) for k in range(len(means))]


def _year(design: Design, solar: FloatArray, price: FloatArray, level_usd: float, wear: float) -> Year:
    plant = plant_of(design, wear)
    return dispatch_year(plant, solar, price, level_usd, design.cells, design.cell_temperature_degc)


def _site(design: Design, context: Context) -> Site:
    try:
        design.check(context.folder)
    except ValueError as error:
        raise ModelError(str(error)) from None
    return site_of(design, context.folder)


def _quiet_hour(price: FloatArray) -> int:
    """Return the middle of the month-long stretch with the cheapest electricity: where outages are planned."""
    window = 720
    ring = np.concatenate([price, price[:window]])
    sums = np.cumsum(np.concatenate([[0.0], ring]))
    return int((np.argmin(sums[window:-1] - sums[: -window - 1]) + window // 2) % len(price))


def _words(design: Design, context: Context, gate: str) -> dict[str, Any]:
    """Return what a run says in words: the gate's reason, how money is counted, rules and standards that apply."""
    try:
        norms = norms_of(design.norms, context.folder, design.life_yr)
    except FileError as error:
        raise ModelError(str(error)) from None
    return {
        "gate_reason": gate,
        "convention": norms.convention(),
        "currency": f"{norms.money.currency}{norms.money.year}",
        "per_usd2025": norms.money.per_usd2025,
        "rules": [
            *(f"since {rule.since:%d %b %Y}: {rule.text} [{rule.source}]" for rule in norms.rules),
            *(
                f"cost-plus tariff by these norms, {row.title}: {levelised_tariff(row) / 1000.0:.2f} "
                f"{norms.money.currency}/kWh level over {row.life_yr} years [{row.source}]"
                for row in norms.tariffs.values()
            ),
        ],
        "standards": list(norms.standards),
    }


def _detail(design: Design, year: Year, wear: float) -> dict[str, Any]:
    """Return the hours of the first weather year at the reference price, and how often the process idles too low.

    Raises
    ------
    ModelError
        When the battery would give more than it took.
    """
    plant = plant_of(design, wear)
    charged, given = float(year.flow["bc"].sum()), float(year.flow["bd"].sum())
    if given > charged * (1.0 + 1e-6) + 1e-3:
        raise ModelError(f"model input suspect: the battery gives {given:.4g} MWh of {charged:.4g} MWh taken")
    made = {
        "reactor": plant.efficiency * year.flow["st"] + plant.steam_gain * year.flow["hts"],
        "heat": year.flow["q"], "to_process": plant.hts_heat * year.flow["hts"], "solar": year.flow["pv"],
        "charge": year.flow["bc"], "discharge": year.flow["bd"], "sell": year.flow["exp"], "buy": year.flow["imp"],
        "electrolysis": year.flow["pem"] + year.flow["hts"],
    }  # fmt: skip
    load = made["electrolysis"] / max(design.hydrogen_power_mw, 1e-9)
    least = process(design.hydrogen).turn_down if design.hydrogen is not None else 0.0
    below = float(np.mean((load > 1e-3) & (load < least - 1e-3)))
    return {"below_turndown": below, **{f"hours_{name}": values for name, values in made.items()}}


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return the dispatched years at every price level and what else depends on the design alone.

    Parameters
    ----------
    design : Design
    context : Context

    Returns
    -------
    dict
        ``energy`` (years, levels, `SUMS`), ``remaining`` (years, levels, ages), ``worth`` (years, levels,
        `CAPACITIES`) [USD/MW or USD/MWh a year], ``wear_cost`` and ``wear_residual`` (levels,), ``foresight``,
        ``gap`` and ``violation`` (the worst certificate), ``outside`` (words), ``margin``, ``feasible``, and the
        series of ``solar`` and ``price``, (years, hours).
    """
    site = _site(design, context)
    solar = site.solar
    years = range(len(solar))
    whole = 2 * len(LEVELS) + len(years) * len(LEVELS)
    price = np.array([price_series(design, year, context.folder) for year in years])
    means = np.array(LEVELS) * design.reference_price_usd2025_per_mwh
    context.progress(0, whole, "wear")
    middle = len(LEVELS) // 2
    wear = _wear_by_level(design, solar[0], price[0], means)
    context.progress(len(LEVELS), whole, "dispatch")
    jobs = [(year, level) for year in years for level in range(len(LEVELS))]
    found: list[Year] = []

    def one(job: tuple[int, int]) -> Year:
        year, level = job
        made = _year(design, solar[year], price[year], means[level], wear[level].cost_usd_per_mwh)
        return made if job == (0, middle) else replace(made, flow={})

    for begin in range(0, len(jobs), 8):
        found += side_by_side(one, jobs[begin : begin + 8])
        context.progress(len(LEVELS) + len(found), whole, "dispatch")
    shape = len(years), len(LEVELS)
    plant = plant_of(design, wear[middle].cost_usd_per_mwh)
    stores = has(plant) & {"eb", "es", "eh"}
    penalty = roll(plant, solar[0], price[0] * means[middle]).penalty if stores else 0.0
    duty = found[middle].duty
    source = reactor(design.reactor) if design.reactor is not None else None
    gates = [pairing(source, process(name), design.approach_k) for name in names("processes")]
    chosen = names("processes").index(design.hydrogen) if design.hydrogen is not None else -1
    ranges = ranges_of(design, solar[0], price[0], wear[middle].cost_usd_per_mwh) if design.ranges else None
    context.progress(whole, whole)
    return {
        "energy": np.array([year.sums for year in found]).reshape(*shape, len(SUMS)),
        "remaining": np.array([year.remaining for year in found]).reshape(*shape, len(AGES_YR)),
        "worth": np.array([year.worth for year in found]).reshape(*shape, len(CAPACITIES)),
        "wear_cost": np.array([one.cost_usd_per_mwh for one in wear]),
        "wear_residual": np.array([one.residual for one in wear]),
        "foresight": max(penalty, 0.0),
        "gap": max(year.certificate.gap for year in found),
        "violation": max(year.certificate.violation for year in found),
        "outside": outside_tests(design.cells, duty) if duty is not None else "",
        "margin": np.array([gate.margin_k for gate in gates]),
        "feasible": float(gates[chosen].feasible) if chosen >= 0 else 1.0,
        "solar": solar,
        "price": price,
        "clearness": site.clearness,
        "notices": list(site.notices),
        "quiet_hour": _quiet_hour(price[0]),
        **_words(design, context, gates[chosen].reason if chosen >= 0 else ""),
        **_detail(design, found[middle], wear[middle].cost_usd_per_mwh),
        "ranges": ranges if ranges is not None else np.zeros((0, len(RANGES))),
    }
