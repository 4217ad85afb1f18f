"""How fast money leaves a fund: projects start at a growing rate, each stage spends evenly, gates stop some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["spent_share", "started_integral"]


def started_integral(age_yr: FloatArray, commitment_yr: float, absorption_yr: FloatArray) -> FloatArray:
    """Return the integral over time of the share of projects started.

    The rate of starts grows as ``1 - exp(-x / tau)`` from the first call and ends after the commitment period c, so
    that the share started is ``(x - tau (1 - exp(-x / tau))) / (c - tau (1 - exp(-c / tau)))``.

    Parameters
    ----------
    age_yr : float array [yr]
        Time since the first call; nothing has started before.
    commitment_yr : float [yr]
    absorption_yr : float array [yr]
        tau; broadcast against `age_yr`.
    """
    age = np.maximum(age_yr, 0.0)
    inside = np.minimum(age, commitment_yr)
    whole = commitment_yr + absorption_yr * np.expm1(-commitment_yr / absorption_yr)
    grown = 0.5 * inside**2 - absorption_yr * inside - absorption_yr**2 * np.expm1(-inside / absorption_yr)
    integral: FloatArray = grown / whole + (age - inside)
    return integral


def spent_share(
    age_yr: FloatArray, begin_yr: float, duration_yr: float, commitment_yr: float, absorption_yr: FloatArray
) -> FloatArray:
    """Return the share of a stage's money spent at a time since the first call.

    A stage runs from `begin_yr` to ``begin_yr + duration_yr`` after the start of its project and spends evenly.
    """
    first = started_integral(age_yr - begin_yr, commitment_yr, absorption_yr)
    last = started_integral(age_yr - begin_yr - duration_yr, commitment_yr, absorption_yr)
    share: FloatArray = np.clip((first - last) / duration_yr, 0.0, 1.0)
    return share
