"""Bayes' rule against the harmonic record of each pixel: is today's backscatter water, or this land at this season?

As published by Bauer-Marschallinger et al. (2022), Remote Sensing 14:3673, with each class judged by its own standard
deviation. (A public implementation, dask-flood-mapper 0.1.5, divides the water density by the deviation of the land
and uses that of the water for the land; its posterior falls from 0.97 to 0.68 in a plain case.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError

__all__ = [
    "HARMONICS",
    "LEAST_SCENES",
    "WATER_SD_DB",
    "expected_db",
    "fit_harmonics",
    "posterior",
    "usable",
    "water_mean_db",
]

HARMONICS = 3
LEAST_SCENES = 30
WATER_SD_DB = 2.754041
_SLOPE_DB, _LEVEL_DB = -0.394181, -4.142015
_ANGLES_DEG = (27.0, 48.0)
_YEAR_DAY = 365.0

Float = NDArray[np.floating]


def water_mean_db(incidence_deg: Float | float) -> Float:
    """Return the mean VV backscatter [dB] of open water at a projected local incidence angle [deg]."""
    return np.asarray(_SLOPE_DB * np.asarray(incidence_deg) + _LEVEL_DB)


def posterior(incidence_deg: Float, land_db: Float, land_sd_db: Float, backscatter_db: Float) -> Float:
    """Return the probability of flood with equal priors; all arguments broadcast.

    Parameters
    ----------
    incidence_deg : float array [deg]
    land_db, land_sd_db : float array [dB]
        What the harmonic record expects here today, and the deviation of its residuals.
    backscatter_db : float array [dB]
    """
    z_water = (backscatter_db - water_mean_db(incidence_deg)) / WATER_SD_DB
    z_land = (backscatter_db - land_db) / land_sd_db
    with np.errstate(over="ignore"):
        odds = (WATER_SD_DB / land_sd_db) * np.exp(0.5 * (z_water**2 - z_land**2))
    return np.asarray(1.0 / (1.0 + odds))


def usable(
    incidence_deg: Float, land_db: Float, land_sd_db: Float, backscatter_db: Float
) -> NDArray[np.bool_]:
    """Return where the rule may speak; elsewhere the member is silent.

    Angle within 27..48 deg, backscatter within 3 deviations of one of the classes, land brighter than water by half
    a deviation of the water, and a posterior that is not undecided (smaller of the two at most 0.2).
    """
    water = water_mean_db(incidence_deg)
    angle = (incidence_deg >= _ANGLES_DEG[0]) & (incidence_deg <= _ANGLES_DEG[1])
    near = (np.abs(backscatter_db - water) <= 3.0 * WATER_SD_DB) | (
        np.abs(backscatter_db - land_db) <= 3.0 * land_sd_db
    )
    apart = land_db >= water + 0.5 * WATER_SD_DB
    p = posterior(incidence_deg, land_db, land_sd_db, backscatter_db)
    return np.asarray(angle & near & apart & (np.minimum(p, 1.0 - p) <= 0.2))


def _basis(day_of_year: Float | float) -> Float:
    phase = 2.0 * np.pi * np.atleast_1d(np.asarray(day_of_year, np.float64)) / _YEAR_DAY
    waves = [f(i * phase) for i in range(1, HARMONICS + 1) for f in (np.cos, np.sin)]
    return np.stack([np.ones_like(phase), *waves], axis=-1)


def expected_db(coefficients: Float, day_of_year: float) -> Float:
    """Return the backscatter [dB] that the record expects.

    Parameters
    ----------
    coefficients : float array, (7, ...)
        M0, C1, S1, C2, S2, C3, S3 [dB].
    day_of_year : float
    """
    return np.asarray(np.tensordot(_basis(day_of_year)[0], coefficients, axes=1))


def fit_harmonics(
    backscatter_db: Float, day_of_year: Float, ridge: float = 1e-3
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit the seasonal record of each pixel by ridge regression.

    Parameters
    ----------
    backscatter_db : float array, (scenes, ...)
        One relative orbit only; NaN is no data.
    day_of_year : float array, (scenes,)
    ridge : float
        Added to the diagonal for the waves, per scene.

    Returns
    -------
    coefficients : float array, (7, ...)
    deviation_db : float array, (...)
        Of the residuals, with the degrees of freedom taken off. NaN where fewer than 30 scenes are valid.

    Raises
    ------
    ModelError
        For fewer than 30 scenes.
    """
    n = backscatter_db.shape[0]
    if n < LEAST_SCENES:
        raise ModelError(f"the seasonal record needs at least {LEAST_SCENES} scenes of one orbit, found {n}")
    flat = backscatter_db.reshape(n, -1).astype(np.float64)
    good = np.isfinite(flat)
    a = _basis(day_of_year)
    weight = good.astype(np.float64)
    gram = np.einsum("si,sp,sj->pij", a, weight, a)
    penalty = ridge * n * np.eye(a.shape[1])
    penalty[0, 0] = 0.0
    right = np.einsum("si,sp->pi", a, np.where(good, flat, 0.0))
    count = weight.sum(axis=0)
    few = count < LEAST_SCENES
    gram[few] = np.eye(a.shape[1])
    solved = np.linalg.solve(gram + penalty, right[..., None])[..., 0]
    rest = np.where(good, flat - a @ solved.T, 0.0)
    deviation = np.sqrt((rest**2).sum(axis=0) / np.maximum(count - a.shape[1], 1.0))
    solved[few], deviation[few] = np.nan, np.nan
    shape = backscatter_db.shape[1:]
    return solved.T.reshape(a.shape[1], *shape), deviation.reshape(shape)
