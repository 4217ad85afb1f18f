"""How a novelty spreads among those who will one day have it: the model of Bass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["bass_peak", "bass_share"]


def bass_share(
    time_yr: FloatArray, innovation_per_yr: float | FloatArray, imitation_per_yr: float | FloatArray
) -> FloatArray:
    """Return the share of later adopters that has adopted by a time [1].

    ``F(t) = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t)``; Bass (1969), A new product growth for model consumer
    durables, Management Science 15:215, equation 9.

    Parameters
    ----------
    time_yr : float array, any shape [yr]
        Since the launch; before it nobody has adopted.
    innovation_per_yr, imitation_per_yr : float or array [1/yr]
        p above 0 and q at least 0. Means of 213 studies are .03 and .38 (Sultan, Farley & Lehmann 1990,
        Journal of Marketing Research 27:70), usual ranges .01 to .05 and .2 to .6.
    """
    p, q = np.asarray(innovation_per_yr), np.asarray(imitation_per_yr)
    left = np.exp(-(p + q) * np.maximum(time_yr, 0.0))
    share: FloatArray = (1.0 - left) / (1.0 + q / p * left)
    return share


def bass_peak(innovation_per_yr: float, imitation_per_yr: float) -> float:
    """Return the time of fastest adoption [yr]: ln(q/p)/(p+q), 0 where innovators outnumber imitators.

    Bass (1969), equation 10.
    """
    if imitation_per_yr <= innovation_per_yr:
        return 0.0
    return math.log(imitation_per_yr / innovation_per_yr) / (innovation_per_yr + imitation_per_yr)
