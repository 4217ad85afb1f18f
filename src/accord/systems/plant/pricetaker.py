"""Baseload reactor with an electrolyser that sees a price: when to make hydrogen and what it adds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

__all__ = ["Market", "yearly"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Prices and yields of a price taker; money in USD."""

    hydrogen_usd_per_kg: float
    kg_per_mwh: float
    hydrogen_limit_kg_per_h: float = np.inf
    electrolyser_vom_usd_per_mwh: float = 0.0


def yearly(
    price: FloatArray, weight: FloatArray, reactor_mw: float, electrolyser_mw: float, market: Market
) -> dict[str, float]:
    """Return a year's electricity sold [MWh], hydrogen [kg] and revenues [USD] of the cheapest way to run.

    Without storage each hour stands alone: hydrogen is made where it earns more than the electricity it takes.

    Parameters
    ----------
    price : float array, shape (hours,) [USD/MWh]
    weight : float array, shape (hours,)
        Hours a year that each entry stands for.
    reactor_mw, electrolyser_mw : float [MW]
    market : Market
    """
    earns = market.hydrogen_usd_per_kg * market.kg_per_mwh - market.electrolyser_vom_usd_per_mwh
    most = min(electrolyser_mw, reactor_mw, market.hydrogen_limit_kg_per_h / market.kg_per_mwh)
    running = np.where(price < earns, most, 0.0)
    hydrogen = float(np.sum(weight * running)) * market.kg_per_mwh
    return {
        "electricity_mwh": float(np.sum(weight * (reactor_mw - running))),
        "electricity_usd": float(np.sum(weight * (reactor_mw - running) * price)),
        "hydrogen_kg": hydrogen,
        "hydrogen_usd": hydrogen * market.hydrogen_usd_per_kg,
        "electrolyser_mwh": float(np.sum(weight * running)),
    }
