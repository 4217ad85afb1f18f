"""Extinction between a satellite and the ground: MODTRAN's table, or the zenith's transmittance along the path."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["airmass", "kruse_db_per_km", "modtran_transmission", "relative_depth", "tabled"]

_TABLE = "modtran_transmission.csv"


@cache
def _table() -> tuple[FloatArray, FloatArray, FloatArray]:
    text = (files("accord.systems.qkd") / "data" / _TABLE).read_text(encoding="utf-8").splitlines()
    waves = np.array([float(name) for name in text[0].split(",")[1:]])
    body = np.array([[float(v) for v in line.split(",")] for line in text[1:]])
    return body[:, 0], waves, body[:, 1:]


def tabled(wavelength_nm: float) -> bool:
    """Return whether the table covers a wavelength."""
    _, waves, _ = _table()
    return bool(waves[0] <= wavelength_nm <= waves[-1])


def modtran_transmission(wavelength_nm: float, elevation_deg: FloatArray | float) -> FloatArray:
    """Return the transmission to space at elevations, linear between the table's whole degrees and its wavelengths.

    Raises
    ------
    accord.errors.ModelError
        Outside 785 to 850 nm and 0 to 90 degrees.
    """
    elevations, waves, body = _table()
    if not waves[0] <= wavelength_nm <= waves[-1]:
        raise ModelError(
            f"{wavelength_nm:g} nm: the table covers {waves[0]:g} to {waves[-1]:g} nm; a wavelength in um?"
        )
    wanted = np.asarray(elevation_deg, float)
    if not np.all((wanted >= 0.0) & (wanted <= 90.0)):
        raise ModelError("elevation: expected 0 to 90 deg; radians?")
    column = int(np.clip(np.searchsorted(waves, wavelength_nm) - 1, 0, len(waves) - 2))
    share = (wavelength_nm - waves[column]) / (waves[column + 1] - waves[column])
    values = body[:, column] * (1.0 - share) + body[:, column + 1] * share
    return np.asarray(np.interp(wanted, elevations, values))


def airmass(elevation_deg: FloatArray | float) -> FloatArray:
    """Return the relative optical air mass (Kasten & Young 1989, Appl. Opt. 28:4735)."""
    e = np.asarray(elevation_deg, float)
    return np.asarray(1.0 / (np.sin(np.radians(e)) + 0.50572 * (e + 6.07995) ** -1.6364))


def relative_depth(wavelength_nm: float, elevation_deg: FloatArray) -> FloatArray:
    """Return the optical depth along a path over that to the zenith: the table's where it has the wavelength."""
    if not tabled(wavelength_nm):
        return airmass(elevation_deg)
    zenith = np.log(modtran_transmission(wavelength_nm, 90.0))
    return np.asarray(np.log(np.maximum(modtran_transmission(wavelength_nm, elevation_deg), 1e-12)) / zenith)


def kruse_db_per_km(visibility_km: float, wavelength_nm: float) -> float:
    """Return the loss along the ground by haze (Kruse, McGlauchlin & McQuistan 1962; Kim et al. 2001 below 6 km)."""
    if not (visibility_km > 0.0 and wavelength_nm > 0.0):
        raise ModelError("visibility and wavelength: expected above 0")
    if visibility_km > 50.0:
        q = 1.6
    elif visibility_km > 6.0:
        q = 1.3
    elif visibility_km > 1.0:
        q = 0.16 * visibility_km + 0.34
    else:
        q = max(visibility_km - 0.5, 0.0)
    return float(10.0 / np.log(10.0) * 3.91 / visibility_km * (wavelength_nm / 550.0) ** -q)
