"""What a run of the plant has to say in words: why a way to hydrogen is closed, what the weather file lacked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accord.contract import Finding, SystemResult
from accord.systems.plant.catalogue import entry, names
from accord.systems.plant.inputs import Design

__all__ = ["remarks"]

_FEW = 0.01  # of the hours or members: less is not worth a line


def remarks(result: SystemResult) -> list[Finding]:
    """Return the remarks on a result, the gravest first."""
    design = result.design
    assert isinstance(design, Design)
    found = [
        *_gate(result),
        *_dispatch(result, design),
        *_weather(result, design),
        *_field(result, design),
        *_money(result),
        *_standard(result),
    ]
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda remark: order[remark.level])


def _gate(result: SystemResult) -> Iterator[Finding]:
    reason = str(result.prepared.get("gate_reason", ""))
    if reason:
        yield Finding(
            level="warning",
            code="plant-gate",
            message=f"no hydrogen is made: {reason}",
            about="hydrogen_t_per_yr",
        )


def _dispatch(result: SystemResult, design: Design) -> Iterator[Finding]:
    below = float(result.prepared.get("below_turndown", 0.0))
    if below > _FEW and design.hydrogen is not None:
        way = entry("processes", design.hydrogen)
        yield Finding(
            level="warning", code="plant-turn-down", about="hydrogen_t_per_yr",
            message=f"in {below:.0%} of the hours the process runs below its least load of {way['turn_down']:.0%}: the "
            "dispatch may stop it but knows no threshold",
        )  # fmt: skip
    outside = str(result.prepared.get("outside", ""))
    if outside:
        yield Finding(
            level="warning", code="plant-cells-outside-tests", about="battery_life_yr",
            message=f"the cells' ageing is extrapolated: {outside}",
        )  # fmt: skip


def _weather(result: SystemResult, design: Design) -> Iterator[Finding]:
    for text in result.prepared.get("notices", []):
        yield Finding(level="info", code="plant-weather", message=f"weather: {text}")
    if design.solar_mw > 0.0 and len(result.prepared["solar"]) == 1:
        what = "one made year" if design.weather is None else "one year"
        yield Finding(
            level="info", code="plant-one-year", about="solar_capacity_factor",
            message=f"weather: {what} for all members, so that P10 to P90 holds nothing of the spread between years",
        )  # fmt: skip


def _field(result: SystemResult, design: Design) -> Iterator[Finding]:
    if design.solar_mw <= 0.0:
        return
    kind = entry("yields", "tracking_solar" if design.tracker else "fixed_solar")
    middle = float(np.median(result.outputs["solar_capacity_factor"]))
    if not float(kind["low"]) <= middle <= float(kind["high"]):
        yield Finding(
            level="warning", code="plant-solar-yield", about="solar_capacity_factor",
            message=f"the field gives {middle:.1%} of its AC capacity; fields of its kind give {kind['low']:.0%} to "
            f"{kind['high']:.0%}",
        )  # fmt: skip


def _money(result: SystemResult) -> Iterator[Finding]:
    yield Finding(level="info", code="plant-convention", message=f"money: {result.prepared['convention']}")
    odd = float(np.mean(result.outputs["internal_rate_count"] != 1.0))
    if odd > _FEW:
        yield Finding(
            level="warning", code="plant-internal-rate", about="internal_rate_per_yr",
            message=f"{odd:.0%} of the members have no internal rate between -50 % and 100 %, or more than one: where "
            "none is found the end of that range stands",
        )  # fmt: skip
    short = float(np.mean(result.outputs["least_debt_cover"] < 1.0))
    if short > _FEW:
        yield Finding(
            level="warning", code="plant-debt-cover", about="least_debt_cover",
            message=f"in {short:.0%} of the members a year's cash does not pay the debt of that year",
        )  # fmt: skip
    for text in result.prepared.get("rules", []):
        yield Finding(level="info", code="plant-rule", message=f"rule: {text}")


def _standard(result: SystemResult) -> Iterator[Finding]:
    values = result.outputs["hydrogen_standard"]
    if not np.any(result.outputs["hydrogen_t_per_yr"] > 0.0):
        return
    for k, name in enumerate(names("standards")):
        row = entry("standards", name)
        applied = result.prepared.get("standards", [])
        if applied and name not in applied:
            continue
        emissions = result.outputs["hydrogen_emissions"]
        low = float(np.mean(emissions <= float(row["most_kg_per_kg"])))
        if row["renewable_only"] and values[:, k].mean() < low - _FEW:
            yield Finding(
                level="warning", code="plant-standard", about="hydrogen_standard",
                message=f"{row['title']}: {low:.0%} of the members lie below {row['most_kg_per_kg']:g} kg of CO2 "
                "equivalent a kg, but the standard asks for renewable power and this is nuclear or from the grid",
            )  # fmt: skip
