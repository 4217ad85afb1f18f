"""Published cases, computed by the functions that the model itself uses."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.physics import diffusion
from accord.systems.trade import attribution, phase_in
from accord.systems.trade.equilibrium import exports, solve, world_of
from accord.systems.trade.gravity import Fit, cells, ppml
from accord.systems.trade.iterated import iterate
from accord.systems.trade.leontief import economy_of, output_multipliers, output_needed
from accord.systems.trade.rdata import read_rda

__all__ = [
    "bass_curve",
    "border_removal",
    "claim_growth",
    "full_agreement",
    "gravity_basic",
    "leontief_inverse",
    "no_programme_noise",
    "phase_in_estimates",
    "phase_in_sums",
    "published_loop",
]

FloatArray = NDArray[np.float64]


def phase_in_sums() -> dict[str, list[float]]:
    """Return the effect of an agreement after 0, 4, 8 and 12 years under both specifications."""
    return {name: phase_in.cumulative(name)[1].tolist() for name in phase_in.SPECIFICATIONS}


def full_agreement(time_yr: float) -> dict[str, float]:
    """Return the rise of trade under a full agreement [percent], both specifications."""
    one, time = np.ones(1), np.array([time_yr])
    found = {}
    for name in phase_in.SPECIFICATIONS:
        effect = phase_in.effect(time, name)
        found[f"{name}_percent"] = 100.0 * float(attribution.uplift(one, 0.0 * one, time, effect)[0])
    return found


def no_programme_noise(
    base_trade: float, annual_log_sd: float, time_yr: float, change: float
) -> dict[str, float]:
    """Return the spread of the change of trade with no programme, and the chance of a stated change."""
    base, time = np.array([base_trade]), np.array([time_yr])
    log_sd = attribution.no_programme_log_sd(np.array([annual_log_sd]), time)
    return {
        "sd": float(attribution.change_sd(base, log_sd)[0]),
        "chance": float(attribution.chance_of_change(base, log_sd, np.array([change]))[0]),
    }


def claim_growth(
    base_trade: float, technology_share: float, claim: list[float], time_yr: float
) -> dict[str, list[float]]:
    """Return the factor and the yearly growth of technology trade that a claimed range implies."""
    reached = np.full(len(claim), base_trade * technology_share)
    rate = attribution.implied_growth(reached, np.array(claim), np.full(len(claim), time_yr))
    return {"growth_per_yr": rate.tolist(), "factor": ((1.0 + rate) ** time_yr).tolist()}


def bass_curve(innovation_per_yr: float, imitation_per_yr: float, time_yr: float) -> dict[str, float]:
    """Return the year of fastest adoption and the share of adopters at a time."""
    return {
        "peak_yr": diffusion.bass_peak(innovation_per_yr, imitation_per_yr),
        "adopted": float(diffusion.bass_share(np.array([time_yr]), innovation_per_yr, imitation_per_yr)[0]),
    }


Columns = dict[str, NDArray[Any]]


@cache
def _panel(data: Path) -> Columns:
    """Return the data of the Advanced Guide in four-year steps, 1986 to 2006: 69 exporters x 69 importers x 6."""
    table = read_rda(data)["agtpa_applications"]
    years = np.isin(table["year"], np.arange(1986, 2007, 4))
    return {name: column[years] for name, column in table.items()}


def _rows(table: Columns, chosen: NDArray[np.bool_]) -> Columns:
    return {name: column[chosen] for name, column in table.items()}


def gravity_basic(data: Path) -> dict[str, Any]:
    """Return the basic gravity estimates: international flows only, exporter-year and importer-year effects."""
    table = _panel(data)
    table = _rows(table, table["exporter"] != table["importer"])
    regressors = np.column_stack([np.log(table["dist"]), table["cntg"], table["lang"], table["clny"]])
    year = table["year"]
    effects = [cells(table["exporter"], year), cells(table["importer"], year)]
    fit = ppml(table["trade"], regressors, effects, cells(table["pair_id"]))
    return {
        "rows": len(year),
        "coefficients": fit.coefficients.tolist(),
        "standard_errors": fit.standard_errors.tolist(),
    }


def phase_in_estimates(data: Path) -> dict[str, list[float]]:
    """Return the effects of trade agreements, domestic flows included, under three specifications.

    Effects of exporter-year, importer-year and pair (one for both directions; home sales have their own);
    ``globalisation`` adds a border by year, the last year left out. Clusters are the pairs.
    """
    table = _panel(data)
    year, home = table["year"], table["exporter"] == table["importer"]
    pair = cells(table["pair_id"], home)
    effects = [cells(table["exporter"], year), cells(table["importer"], year), pair]
    lags = np.column_stack([table[name] for name in ("rta", "rta_lag4", "rta_lag8", "rta_lag12")])
    borders = np.column_stack([~home & (year == y) for y in np.unique(year)[:-1]]).astype(float)
    chosen = {"single": lags[:, :1], "plain": lags, "globalisation": np.hstack([lags, borders])}
    found: dict[str, list[float]] = {}
    for name, regressors in chosen.items():
        fit = ppml(table["trade"], regressors, effects, pair)
        wanted = min(regressors.shape[1], 4)
        found[name] = fit.coefficients[:wanted].tolist()
        found[f"{name}_error"] = fit.standard_errors[:wanted].tolist()
    return found


@cache
def _cross_section(data: Path) -> tuple[tuple[str, ...], Columns, Fit]:
    """Return the 69 countries of 2006, their flows (sorted) and the gravity model with a border."""
    table = read_rda(data)["agtpa_applications"]
    table = _rows(table, table["year"] == 2006)
    order = np.lexsort((table["importer"], table["exporter"]))
    table = {name: column[order] for name, column in table.items()}
    border = (table["exporter"] != table["importer"]).astype(float)
    regressors = np.column_stack([np.log(table["dist"]), table["cntg"], border])
    fit = ppml(table["trade"], regressors, [cells(table["exporter"]), cells(table["importer"])])
    return tuple(np.unique(table["exporter"]).tolist()), table, fit


def _published(data: Path, names: tuple[str, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the published changes of exports and factory-gate prices [percent]."""
    import pandas as pd

    table: Any = pd.read_stata(data.parent / "agtpa_1_TradeWithoutBorder_FULL_PROD.dta")
    rows = table.set_index("country").loc[list(names)]
    return rows["change_Xi_FULL"].to_numpy(float), rows["change_price_FULL"].to_numpy(float)


def border_removal(data: Path, elasticity: float, reference: str, shown: list[str]) -> dict[str, Any]:
    """Return what happens when every border goes: first stage, changes of some countries, and the worst of all."""
    names, _, fit = _cross_section(data)
    count, place = len(names), [names.index(name) for name in shown]
    world = world_of(fit.fitted.reshape(count, count))
    ease = np.where(np.eye(count) > 0.0, 1.0, np.exp(-fit.coefficients[2]))
    found = solve(world, ease[None], np.array([elasticity]), numeraire=names.index(reference))
    change = 100.0 * (exports(found.flow[0]) / exports(world.flow) - 1.0)
    price = 100.0 * (found.price[0] - 1.0)
    export_there, price_there = _published(data, names)
    return {
        "first_stage": fit.coefficients.tolist(),
        "export_change_percent": change[place].tolist(),
        "price_change_percent": price[place].tolist(),
        "worst_export_percent": 100.0 * float(np.max(np.abs(change / export_there - 1.0))),
        "worst_price_points": float(np.max(np.abs(price - price_there))),
    }


def published_loop(data: Path, elasticity: float, reference: str) -> dict[str, Any]:
    """Return how far the published iteration, stopped as published, is from the published numbers."""
    names, table, fit = _cross_section(data)
    count = len(names)
    costs = np.exp(np.column_stack([np.log(table["dist"]), table["cntg"]]) @ fit.coefficients[:2])
    after = costs.reshape(count, count)
    before = after * np.where(np.eye(count) > 0.0, 1.0, np.exp(fit.coefficients[2]))
    price, flow, turns = iterate(
        table["trade"].reshape(count, count), before, after, elasticity, names.index(reference)
    )
    change = 100.0 * (exports(flow) / exports(fit.fitted.reshape(count, count)) - 1.0)
    export_there, price_there = _published(data, names)
    return {
        "turns": turns,
        "worst_export_percent": 100.0 * float(np.max(np.abs(change / export_there - 1.0))),
        "worst_price_points": float(np.max(np.abs(100.0 * (price - 1.0) - price_there))),
    }


def leontief_inverse(
    intermediate: list[list[float]], output: list[float], demand: list[float]
) -> dict[str, list[float]]:
    """Return the type I output multipliers of a table, and the output that a demand needs."""
    economy = economy_of(np.array(intermediate, dtype=float), np.array(output, dtype=float))
    return {
        "multipliers": output_multipliers(economy).tolist(),
        "output": output_needed(economy, np.array(demand, dtype=float)).tolist(),
    }
