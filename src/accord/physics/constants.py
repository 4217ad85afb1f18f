"""Constants of the Earth and of time, each with its source."""

from __future__ import annotations

import math

__all__ = [
    "AU_KM",
    "DAY_S",
    "EARTH_J2",
    "EARTH_MEAN_RADIUS_KM",
    "EARTH_MU_KM3_PER_S2",
    "EARTH_RADIUS_KM",
    "EARTH_ROTATION_RAD_PER_S",
    "FLATTENING",
    "J2000_JD",
    "LIGHT_KM_PER_S",
    "PLANCK_J_S",
    "TROPICAL_YEAR_DAY",
]

# NIMA TR8350.2 (3rd ed., 2000), World Geodetic System 1984: tables 3.1 and 3.2
EARTH_RADIUS_KM = 6378.137
FLATTENING = 1.0 / 298.257223563
EARTH_MU_KM3_PER_S2 = 398600.4418
EARTH_ROTATION_RAD_PER_S = 7.292115e-5

# EGM96 (Lemoine et al. 1998, NASA/TP-1998-206861): normalised C20 = -484.165371736e-6, J2 = -sqrt(5) C20
EARTH_J2 = math.sqrt(5.0) * 484.165371736e-6

# Moritz (2000), Geodetic Reference System 1980, Journal of Geodesy 74:128: sphere of equal volume
EARTH_MEAN_RADIUS_KM = 6371.0008

AU_KM = 149597870.7  # IAU 2012 resolution B2
LIGHT_KM_PER_S = 299792.458  # exact, 17th General Conference on Weights and Measures (1983)
PLANCK_J_S = 6.62607015e-34  # exact, 26th General Conference on Weights and Measures (2018), resolution 1
DAY_S = 86400.0
J2000_JD = 2451545.0
TROPICAL_YEAR_DAY = 365.24219  # Seidelmann (1992), Explanatory Supplement to the Astronomical Almanac, p. 80
