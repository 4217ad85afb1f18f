"""Published cases: price takers, the reference programme, cogeneration, solar yield, clear sky, norms."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from accord.contract.alone import Alone
from accord.physics.finance import annuity_factor, capital_recovery_factor, tax_straight_line
from accord.systems.plant.ageing import rainflow, remaining_capacity, stress_per_yr
from accord.systems.plant.catalogue import entry, names, process, reactor
from accord.systems.plant.cells import curve, duty_of
from accord.systems.plant.dispatch import build
from accord.systems.plant.electrolysis import electricity_kwh_per_kg, latent_heat_kwh_per_kg, thermoneutral_v
from accord.systems.plant.gate import cogeneration, pairing
from accord.systems.plant.inputs import Design
from accord.systems.plant.model import SYSTEM
from accord.systems.plant.norms import Debt, Tariff
from accord.systems.plant.prices import made_prices
from accord.systems.plant.pricetaker import Market, yearly
from accord.systems.plant.reference import reference_plant, reference_series
from accord.systems.plant.site import price_series, site_of
from accord.systems.plant.solar import Mount, output
from accord.systems.plant.solver import solve
from accord.systems.plant.tariff import levelised_tariff
from accord.systems.plant.weather.closure import closure
from accord.systems.plant.weather.records import read_record
from accord.systems.plant.weather.sky import clear_sky as sky_without_clouds
from accord.systems.plant.weather.statistics import statistics
from accord.systems.plant.year import LHV_KWH_PER_KG

__all__ = [
    "announced_yield",
    "battery_trapezoids",
    "battery_years",
    "clear_sky",
    "climatology",
    "electric_equivalent",
    "emission_factors",
    "ensemble_price_taker",
    "norm_energy",
    "price_statistics",
    "reference_programme",
    "regulated_tariff",
    "report_price_taker",
    "solar_capture",
    "splitting_steam",
    "steady_electrolysis",
    "steam_electrolysis",
    "temperature_gate",
    "tender_bids",
    "time_stamps",
    "typical_year",
]  # fmt: skip


def _profit(price: np.ndarray, weight: np.ndarray, megawatt: float) -> float:
    """Return yearly profit [USD] of the case study: 1000 MW reactor, electrolyser at 3 USD/kg, 1 kg/s at most."""
    market = Market(
        hydrogen_usd_per_kg=3.0, kg_per_mwh=0.002527406 * 2.016e-3 * 3600 * 1000,
        hydrogen_limit_kg_per_h=3600.0, electrolyser_vom_usd_per_mwh=1.3,
    )  # fmt: skip
    year = yearly(price, weight, 1000.0, megawatt, market)
    costs = 1.3 * year["electrolyser_mwh"] + 47.9e3 * megawatt
    return year["electricity_usd"] + year["hydrogen_usd"] - costs


def ensemble_price_taker(
    scenarios: list[str], years: dict[str, list[int]], *, data: Path
) -> dict[str, float]:
    """Return capacity [MW] and net present value [MUSD] of an electrolyser beside a reactor.

    Parameters
    ----------
    scenarios : list of str
        Equally likely price scenarios.
    years : mapping of str to [int, int]
        Price year to the first and last plant year that it stands for.
    """
    signal = json.loads(data.read_text(encoding="utf-8"))
    limit = 3600.0 / (0.002527406 * 2.016e-3 * 3600 * 1000)
    worth: dict[float, float] = {}
    for megawatt in (
        0.0,
        0.5 * limit,
        limit,
    ):  # the worth is linear up to the cap on sales and falls beyond it
        capex = 1630e3 * megawatt
        total = -capex
        for year, (first, last) in years.items():
            factor = sum(1.08**-i for i in range(first, last + 1))
            for scenario in scenarios:
                price, weight = [], []
                for cluster in signal[scenario][year].values():
                    for hour in range(1, 25):
                        price.append(cluster[str(hour)])
                        weight.append(cluster["num_days"])
                profit = _profit(np.array(price), np.array(weight, dtype=float), megawatt)
                taxed = profit - float(tax_straight_line(profit, capex, 20.0, 0.2))
                total += factor * taxed / len(scenarios)
        worth[megawatt] = total / 1e6
    best = max(worth, key=worth.__getitem__)
    return {"electrolyser_mw": best, "net_present_value_musd": worth[best]}


def report_price_taker(*, data: Path) -> dict[str, float]:
    """Return revenues and annualised net present value [MUSD/yr] of a 400 MW reactor with 20 MW of electrolysis."""
    with data.open(encoding="utf-8", newline="") as stream:
        price = np.array([float(row["LMP DA"]) for row in csv.DictReader(stream)])
    market = Market(hydrogen_usd_per_kg=1.5, kg_per_mwh=20.0)
    year = yearly(price, np.ones(len(price)), 400.0, 20.0, market)
    capex = 400e3 * 20.0
    costs = 2.3 * 400.0 * len(price) + 120e3 * 400.0 + 0.03 * capex
    profit = year["electricity_usd"] + year["hydrogen_usd"] - costs
    tax = float(tax_straight_line(profit, capex, 30.0, 0.2))
    return {
        "mean_price_usd_per_mwh": float(price.mean()),
        "electricity_revenue_musd": year["electricity_usd"] / 1e6,
        "hydrogen_revenue_musd": year["hydrogen_usd"] / 1e6,
        "annual_worth_musd": (profit - tax - capex * float(capital_recovery_factor(0.08, 30))) / 1e6,
        "annuity_factor": float(annuity_factor(0.08, 30)),
    }


def steady_electrolysis(
    ratio: float, load_factor: float, hydrogen_price: float, *, data: Path
) -> dict[str, float]:
    """Return revenues and annualised net present value [MUSD/yr] with electrolysis at a steady load factor.

    Electricity not used for hydrogen is sold at the mean price; taxes are never below zero.
    """
    with data.open(encoding="utf-8", newline="") as stream:
        price = np.array([float(row["LMP DA"]) for row in csv.DictReader(stream)])
    power, hours = 400.0, len(price)
    unit = ratio * power
    electricity = (power - load_factor * unit) * float(price.sum())
    hydrogen = load_factor * unit * hours * 20.0 * hydrogen_price
    capex = 400e3 * unit
    profit = electricity + hydrogen - 2.3 * power * hours - 120e3 * power - 0.03 * capex
    tax = float(tax_straight_line(profit, capex, 30.0, 0.2))
    return {
        "electricity_revenue_musd": electricity / 1e6,
        "hydrogen_revenue_musd": hydrogen / 1e6,
        "annual_worth_musd": (profit - tax - capex * float(capital_recovery_factor(0.08, 30))) / 1e6,
    }


def splitting_steam(temperature_degc: float) -> dict[str, float]:
    """Return thermoneutral voltage of steam [V], what a stack takes there, and the heat of evaporation [kWh/kg]."""
    volts = thermoneutral_v(temperature_degc + 273.15)
    return {
        "thermoneutral_v": volts,
        "stack_kwh_per_kg": electricity_kwh_per_kg(volts),
        "latent_kwh_per_kg": latent_heat_kwh_per_kg(),
    }


def regulated_tariff() -> dict[str, float]:
    """Return the levelised cost-plus tariff of a small solar plant after a regulator's order [INR/kWh]."""
    order = Tariff(
        title="Order of 2024", capital_per_mw=3.05e7, upkeep_per_mw_yr=3e5, upkeep_growth_per_yr=0.0384,
        load_factor=0.19, life_yr=25, debt=Debt(share=0.7, rate_per_yr=0.1015, term_yr=15),
        equity_return_per_yr=0.155, grossed_up=True, minimum_tax=0.1747, minimum_tax_years=10, tax=0.2517,
        depreciation_shares=[(15, 0.0467), (10, 0.02)], receivables_month=1.0, spares_share=0.01,
        working_capital_rate_per_yr=0.1065, source="the order",
    )  # fmt: skip
    return {"inr_per_kwh": levelised_tariff(order) / 1000.0}


def announced_yield(power_gw: float, energy_twh: float) -> dict[str, Any]:
    """Return the load factor of an announced yearly energy, and which kinds of plant can have it."""
    factor = energy_twh * 1e3 / (power_gw * 8760.0)
    found: dict[str, Any] = {"load_factor": factor}
    for name in names("yields"):
        row = entry("yields", name)
        found[name] = int(float(row["low"]) <= factor <= float(row["high"]))
    return found


def tender_bids(
    solar: str, power: str, energy: str, bids: list[float], hydrogen_bids: list[float]
) -> dict[str, Any]:
    """Return P10 and P90 of the cost of solar power with a battery [INR/kWh] and of hydrogen by alkaline electrolysis
    [INR/kg], and whether they overlap with bids; 86 INR for a dollar of 2025, land, lines and margin not in them."""
    design = {"solar": solar, "grid": solar, "battery_power": power, "battery_energy": energy,
              "climate": "arid_monsoon", "latitude": "24 deg", "life": "25 yr"}  # fmt: skip
    alone = Alone(SYSTEM, design)
    outputs, _ = alone.evaluate(alone.draw(400))
    kilogram = outputs["lcoh_route_usd2025_per_kg"][:, names("processes").index("alkaline")]
    found: dict[str, Any] = {}
    for what, values, low, high in (
        ("power", outputs["lcoe_usd2025_per_mwh"] * 0.086, min(bids), max(bids)),
        ("hydrogen", kilogram * 86.0, min(hydrogen_bids), max(hydrogen_bids)),
    ):
        p10, p90 = (float(q) for q in np.quantile(values, [0.1, 0.9]))
        found |= {f"{what}_p10": p10, f"{what}_p90": p90, f"{what}_overlaps": int(p10 <= high and p90 >= low)}
    return found


def reference_programme(hours: int, noisy: bool = False, method: str = "interior") -> dict[str, float]:
    """Return objective [kINR], capacities [MW, MWh] and certificate of the reference programme.

    ``method`` is ``"interior"`` or ``"HiGHS"``; that the one asked for found the answer is part of the result.
    """
    pv, price = reference_series(hours, noisy=noisy)
    joint = build(reference_plant(hours), pv, price)
    answer = solve(joint, "reference programme", method=method)
    found = answer.named(joint)
    return {
        "objective": answer.certificate.primal,
        "relative_gap": answer.certificate.gap,
        "violation": answer.certificate.violation,
        "as_asked": float(answer.solver == method),
        "mean_solar": float(pv.mean()),
        "mean_price": float(price.mean()),
        "pv_mw": float(found["pv_capacity"]),
        "htse_mw": float(found["hts_capacity"]),
        "heat_store_mw": float(found["tes_power"]),
        "heat_store_mwh": float(found["tes_energy"]),
        "hydrogen_store_mwh": float(found["store_energy"]),
    }


def steam_electrolysis() -> dict[str, float]:
    """Return a year of a 1000 MW reactor with 25 MW of steam electrolysis [TWh, kt]."""
    year = cogeneration(1000.0, 25.0, process("htse"), 0.22, 8760.0)
    return {
        "nuclear_twh": year["electricity_mwh"] / 1e6,
        "hydrogen_kt": year["hydrogen_kg"] / 1e6,
        "grid_twh": year["grid_mwh"] / 1e6,
    }


def electric_equivalent(efficiency: float) -> dict[str, float]:
    """Return electricity and the electricity that the heat would have made, for a kilogram [kWh/kg], and efficiency."""
    way = process("htse")
    total = way.electricity_kwh_per_kg + efficiency * way.heat_kwh_per_kg
    return {"kwh_per_kg": total, "efficiency_lhv": LHV_KWH_PER_KG / total}


def norm_energy(load_factor: float, auxiliary: float) -> dict[str, float]:
    """Return net energy a year of a MW at normative load factor and auxiliary use [MWh]."""
    return {"mwh_per_mw": 8760.0 * load_factor * (1.0 - auxiliary)}


def temperature_gate() -> dict[str, Any]:
    """Return which reactors of the table can drive the thermochemical cycles and steam electrolysis."""
    names = ("phwr_700", "vver_1200", "htgr", "vhtr")
    return {
        way: [int(pairing(reactor(name), process(way), 30.0).feasible) for name in names]
        for way in ("htse", "cu_cl", "s_i")
    }


def typical_year(tracker: bool, ground_cover: float = 0.4, backtrack: bool = True) -> dict[str, Any]:
    """Return a year's yield [kWh/kW], by month too, of the typical year that pvlib carries, set as the peer is."""
    record = read_record(_packaged())
    mount = Mount(
        tracker=tracker,
        tilt_deg=36.0,
        azimuth_deg=180.0,
        ground_cover=ground_cover,
        backtrack=backtrack,
        limit_deg=45.0,
        dc_ac=1.3,
        losses=0.140757,
        temperature_per_k=-0.0037,  # of the standard module of PVWatts v8
    )
    sky = record.skies[0]
    hourly = output(sky, mount, *record.place)
    month = sky.times.month.to_numpy()
    return {
        "kwh_per_kw": float(hourly.sum()),
        "monthly_kwh_per_kw": [float(hourly[month == m].sum()) for m in range(1, 13)],
    }


def _packaged() -> Path:
    import pvlib

    return Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"


def time_stamps(late_min: float) -> dict[str, float]:
    """Return the shift [min] that the closure test finds in the packaged typical year, its stamps made wrong."""
    import pandas as pd

    record = read_record(_packaged())
    sky = record.skies[0]
    found = closure(sky.times - pd.Timedelta(minutes=late_min), sky.ghi, sky.dni, sky.dhi, *record.place)
    return {"shift_min": float(found.shift_min), "closure_w_m2": float(found.best_w_m2)}


def climatology(climate: str, latitude: float, altitude: float, years: int) -> dict[str, Any]:
    """Return sums a year [kWh/m2] and monthly means a day of made years, and the statistics of their hours."""
    return statistics(entry("climates", climate), latitude, altitude, years)


def price_statistics(shape: str, mean: float, years: int) -> dict[str, Any]:
    """Return mean, standard deviation, percentiles and hourly means of made years of prices with a given mean."""
    row = entry("prices", shape)
    table = mean * np.array([made_prices(row, 90_000 + k) for k in range(years)])
    low, lower, middle, upper, high = (float(q) for q in np.quantile(table, [0.05, 0.25, 0.5, 0.75, 0.95]))
    return {
        "mean": float(table.mean()), "sd": float(table.std()), "p5": low, "p25": lower, "p50": middle,
        "p75": upper, "p95": high,
        "by_hour": [float(x) for x in table.reshape(-1, 24).mean(axis=0)],
    }  # fmt: skip


def solar_capture(shape: str, climate: str, latitude: float, years: int) -> dict[str, float]:
    """Return the price that a tracker's output sells at over the mean price."""
    design = Design.model_validate(
        {"solar": "100 MW", "climate": climate, "latitude": f"{latitude} deg", "price_shape": shape,
         "weather_years": years}
    )  # fmt: skip
    solar = site_of(design).solar
    price = np.array([price_series(design, year) for year in range(years)])
    return {"price_over_mean": float(np.sum(solar * price) / np.sum(solar))}


def clear_sky(
    latitude: float, longitude: float, altitude: float, utc_offset: float, year: int, turbidity: list[float]
) -> dict[str, Any]:
    """Return clear-sky horizontal and beam irradiation of a year, and the horizontal one by month [kWh/m2]."""
    import datetime as dt

    import pandas as pd

    zone = dt.timezone(dt.timedelta(hours=utc_offset))
    times = pd.date_range(f"{year}-01-01 00:30", periods=8760, freq="h", tz=zone)
    found = sky_without_clouds(times, latitude, longitude, altitude, np.array(turbidity))
    months = times.month.to_numpy()
    ghi = found["ghi"] / 1000.0
    return {
        "ghi_kwh_per_m2": float(ghi.sum()),
        "dni_kwh_per_m2": float(found["dni"].sum() / 1000.0),
        "monthly_ghi_kwh_per_m2": [float(ghi[months == m].sum()) for m in range(1, 13)],
    }


def emission_factors() -> dict[str, float]:
    """Return the grid factors of the table [t/MWh]."""
    names = ("grid_average", "grid_build_margin", "grid_combined_margin")
    return {name: float(entry("emissions", name)["value"]) for name in names}


def battery_years(years: list[float]) -> dict[str, list[float]]:
    """Run hourly triangles through rainflow and the ageing law: one cycle a day around half charge."""
    found: dict[str, list[float]] = {}
    for percent in (20, 80):
        day = 0.5 + percent / 100.0 * (np.abs(np.arange(24) - 12.0) / 12.0 - 0.5)
        state = np.tile(day, 365)
        depth, mean, count = rainflow(state)
        stress = stress_per_yr(depth, mean, count, average=float(state.mean()))
        found[f"depth_{percent}"] = [float(x) for x in remaining_capacity(np.array(years) * stress)]
    return found


def battery_trapezoids(cells: str, years: list[float]) -> dict[str, list[float]]:
    """Charge, rest, discharge and rest for six hours each, every day, between 10 and 90 %; what remains [1]."""
    day = np.interp(np.arange(24), [0, 6, 12, 18, 24], [0.1, 0.9, 0.9, 0.1, 0.1])
    return {"remaining": [float(x) for x in curve(cells, duty_of(np.tile(day, 365)), years)]}
