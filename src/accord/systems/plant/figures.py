"""Pictures of the plant's chapter, in the order in which they are read."""

from __future__ import annotations

from accord.contract import Figure, SystemResult
from accord.systems.plant.capacities import pictures
from accord.systems.plant.charts.energy import energy
from accord.systems.plant.charts.hours import duration, prices, weeks
from accord.systems.plant.charts.money import costs, levelised
from accord.systems.plant.charts.routes import routes
from accord.systems.plant.inputs import Design

__all__ = ["figures"]


def figures(result: SystemResult) -> list[Figure]:
    """Return the figures of the chapter on the plant."""
    if len(result.outputs["lcoe_usd2025_per_mwh"]) < 2:
        return []
    design = result.design
    assert isinstance(design, Design)
    nuclear_or_hydrogen = design.reactor is not None or design.hydrogen is not None
    return [
        weeks(result),
        energy(result),
        duration(result),
        prices(result),
        *([routes(result)] if nuclear_or_hydrogen else []),
        levelised(result),
        costs(result),
        *pictures(result),
    ]
