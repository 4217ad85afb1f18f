"""Hydrogen from water: what thermodynamics asks for, what a cell takes, how stacks age, what compression costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accord.errors import ModelError
from accord.systems.plant.catalogue import Process, entry

FloatArray = NDArray[np.float64]

__all__ = [
    "EXERGY_KWH_PER_KG",
    "FARADAY_C_PER_MOL",
    "HHV_KWH_PER_KG",
    "MOLAR_KG",
    "Need",
    "cell_voltage_v",
    "compression_kwh_per_kg",
    "electricity_kwh_per_kg",
    "latent_heat_kwh_per_kg",
    "mean_ageing",
    "need_of",
    "reaction",
    "reversible_v",
    "stack_life_yr",
    "thermoneutral_v",
]  # fmt: skip

FARADAY_C_PER_MOL = 96485.33212
GAS_J_PER_MOL_K = 8.314462618
MOLAR_KG = 2.01588e-3
HHV_KWH_PER_KG = 39.3859
EXERGY_KWH_PER_KG = 236.09 / MOLAR_KG / 3.6e3  # standard chemical exergy: Szargut, Morris & Steward (1988)


@dataclass(frozen=True, slots=True)
class Need:
    """What a kilogram of hydrogen at the plant's edge takes on average over the life of the stacks [kWh/kg]."""

    electricity_kwh_per_kg: float
    heat_kwh_per_kg: float
    compression_kwh_per_kg: float

    @property
    def kg_per_mwh(self) -> float:
        """Hydrogen [kg] made with one MWh of electricity."""
        return 1000.0 / self.electricity_kwh_per_kg

    @property
    def heat_per_electricity(self) -> float:
        """Heat taken with each unit of electricity [MWth/MWe]."""
        return self.heat_kwh_per_kg / self.electricity_kwh_per_kg


def need_of(process: Process, pressure_bar: float) -> Need:
    """Return what a process takes with stacks of middle age, its hydrogen compressed to a pressure [bar]."""
    pressed = compression_kwh_per_kg(process.outlet_bar, pressure_bar)
    aged = process.electricity_kwh_per_kg * (1.0 + mean_ageing(process))
    return Need(aged + pressed, process.heat_kwh_per_kg, pressed)


_BETWEEN_K = 313.15  # to which the gas is cooled between stages
_RATIO = 3.0  # highest of a stage
_HEAT_CAPACITY_J_PER_KG_K = 14300.0
_ISENTROPIC = 1.41
_MACHINE = 0.75 * 0.95  # isentropic efficiency of a stage, and of its motor
_LONGEST_YR = 20.0


def _gas(name: str, temperature_k: float) -> tuple[float, float]:
    """Return enthalpy [kJ/mol] from the elements at 298 K, and entropy [J/(mol K)]."""
    row = entry("gases", name)
    piece: Any = next((p for p in row["pieces"] if p["low_k"] - 0.2 <= temperature_k <= p["high_k"]), None)
    if piece is None:
        raise ModelError(f"no enthalpy of {name} at {temperature_k:g} K in the table of gases")
    a, b, c, d, e, f, g, h = piece["coefficients"]
    t = temperature_k / 1000.0
    heat = a * t + b * t**2 / 2 + c * t**3 / 3 + d * t**4 / 4 - e / t + f - h
    entropy = a * np.log(t) + b * t + c * t**2 / 2 + d * t**3 / 3 - e / (2 * t**2) + g
    return float(row["formation"] + heat), float(entropy)


def reaction(temperature_k: float) -> tuple[float, float]:
    """Return enthalpy and Gibbs energy [kJ/mol] of splitting steam at 1 bar.

    Parameters
    ----------
    temperature_k : float [K]
        298 to 1700.

    Raises
    ------
    ModelError
        Outside the table.
    """
    parts = {name: _gas(name, temperature_k) for name in ("hydrogen", "oxygen", "steam")}
    heat, entropy = (parts["hydrogen"][k] + 0.5 * parts["oxygen"][k] - parts["steam"][k] for k in (0, 1))
    return heat, heat - temperature_k * entropy / 1000.0


def thermoneutral_v(temperature_k: float) -> float:
    """Return the voltage at which a steam electrolyser neither takes nor gives heat [V]: ``dH / 2F``."""
    return 1e3 * reaction(temperature_k)[0] / (2.0 * FARADAY_C_PER_MOL)


def reversible_v(
    temperature_k: float, steam_share: float = 0.5, oxygen_share: float = 1.0, pressure_bar: float = 1.0
) -> float:
    """Return the Nernst voltage of splitting steam [V].

    Parameters
    ----------
    temperature_k : float [K]
    steam_share : float [1]
        Of the gas on the hydrogen side, the rest hydrogen; between 0 and 1.
    oxygen_share : float [1]
    pressure_bar : float
    """
    gibbs = 1e3 * reaction(temperature_k)[1]
    mixture = (1.0 - steam_share) / steam_share * np.sqrt(oxygen_share * pressure_bar)
    return float((gibbs + GAS_J_PER_MOL_K * temperature_k * np.log(mixture)) / (2.0 * FARADAY_C_PER_MOL))


def cell_voltage_v(
    current_a_per_cm2: ArrayLike,
    temperature_k: float,
    resistance_ohm_cm2: float,
    utilisation: float = 0.8,
    recycled: float = 0.1,
) -> FloatArray:
    """Return the voltage of a solid-oxide cell [V]: Nernst voltage of the mean gas, and a resistance by area.

    Parameters
    ----------
    current_a_per_cm2 : float or array
    temperature_k : float [K]
    resistance_ohm_cm2 : float
        About 0.3 for fresh cells at 800 degC.
    utilisation : float [1]
        Of the steam.
    recycled : float [1]
        Hydrogen in the gas that enters.
    """
    leaving = (1.0 - recycled) * (1.0 - utilisation)
    mean = 0.5 * (1.0 - recycled + leaving)
    return reversible_v(temperature_k, mean) + resistance_ohm_cm2 * np.asarray(current_a_per_cm2, dtype=float)


def electricity_kwh_per_kg(voltage_v: float) -> float:
    """Return what a cell takes for a kilogram of hydrogen at a voltage [kWh/kg], all current used."""
    return voltage_v * 2.0 * FARADAY_C_PER_MOL / MOLAR_KG / 3.6e6


def latent_heat_kwh_per_kg() -> float:
    """Return the heat that turns the water of a kilogram of hydrogen into steam at 25 degC [kWh/kg]."""
    lifted = entry("gases", "steam")["formation"] - entry("gases", "water")["formation"]
    return float(lifted / MOLAR_KG / 3.6e3)


def compression_kwh_per_kg(from_bar: float, to_bar: float) -> float:
    """Return the electricity of compressing hydrogen in cooled stages [kWh/kg]; 0 where it is at pressure already.

    ``n c_p T ((p2/p1)^(k/n) - 1) / eta`` with ``k = 1 - 1/1.41``: stages of at most threefold pressure, 75 %
    isentropic, motors 95 %. Ideal gas; Bejan (2016), Advanced Engineering Thermodynamics, chapter 4.

    Parameters
    ----------
    from_bar, to_bar : float [bar]
    """
    if to_bar <= from_bar:
        return 0.0
    stages = int(np.ceil(np.log(to_bar / from_bar) / np.log(_RATIO)))
    ratio = (to_bar / from_bar) ** (1.0 / stages)
    work = _HEAT_CAPACITY_J_PER_KG_K * _BETWEEN_K * (ratio ** (1.0 - 1.0 / _ISENTROPIC) - 1.0)
    return float(stages * work / _MACHINE / 3.6e6)


def stack_life_yr(process: Process, load_hours_per_yr: ArrayLike) -> FloatArray:
    """Return after how many years stacks are replaced: at the hours they stand, 20 years at most."""
    hours = np.asarray(load_hours_per_yr, dtype=float)
    life = 1000.0 * process.stack_kh / np.maximum(hours, 1.0)
    return np.asarray(np.minimum(life, _LONGEST_YR))


def mean_ageing(process: Process) -> float:
    """Return by how much more electricity a kilogram takes on average over the life of the stacks [1].

    The voltage rises evenly from nothing to ``ageing_per_kh`` times their hours; half of it on average.
    """
    return 0.5 * process.ageing_per_kh * process.stack_kh
