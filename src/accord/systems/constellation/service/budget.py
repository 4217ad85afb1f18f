"""From geometry and weather to what a beam carries: the user link and the feeder link."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.physics.radio.flux import flux_limit_dbw_per_m2_hz
from accord.physics.radio.link import (
    BOLTZMANN_DBW_PER_K_HZ,
    combined_ratio_db,
    free_space_loss_db,
    noise_rise_db,
    scan_loss_db,
    spreading_db,
)
from accord.physics.radio.modcod import efficiency_bit_per_s_hz
from accord.physics.troposphere.climate import Climate
from accord.physics.troposphere.total import Attenuation, Station, attenuation
from accord.systems.constellation.service.design import Feeder, Payload, Terminal
from accord.systems.constellation.service.snapshots import Sight

FloatArray = NDArray[np.float64]

__all__ = ["Sky", "feeder_mbit_per_s", "sky_of", "user_ratio_db"]

ELEVATIONS_DEG = (5.0, 8.0, 12.0, 17.0, 23.0, 30.0, 40.0, 52.0, 68.0, 90.0)
# thirty exceedances, even in their logarithm up to the middle of the year: the resolution of availability
EXCEEDANCES_PCT = tuple(float(x) for x in 0.01 * 5000.0 ** (np.arange(30) / 29.0))
INTERFERENCE_DB, IMPLEMENTATION_DB = 17.0, 1.2  # at which tables are made; members shift from there


@dataclass(frozen=True, slots=True)
class Sky:
    """Losses over places x elevations x exceedances, total and without scintillation [dB], and notes."""

    total_db: FloatArray
    noisy_db: FloatArray
    notes: tuple[str, ...]

    def along(self, sight: Sight, exceedance_pct: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return total loss, noisy loss and noisy loss in clear sky [dB] of each pair, shape (pairs,).

        Linear in the cosecant of elevation and in the logarithm of the exceedance.

        Parameters
        ----------
        exceedance_pct : float array, shape (pairs,) [%]
        """
        place, low, mix = sight.place, *self._rung(sight.elevation_deg)
        knots = np.log(EXCEEDANCES_PCT)
        log = np.clip(np.log(exceedance_pct), knots[0], knots[-1])
        node = np.clip(((log - knots[0]) / (knots[1] - knots[0])).astype(int), 0, len(knots) - 2)
        share = (log - knots[node]) / (knots[1] - knots[0])

        def at(table: FloatArray, number: NDArray[np.int64]) -> FloatArray:
            first, second = table[place, low, number], table[place, low + 1, number]
            return np.asarray(first + (second - first) * mix)

        def blend(table: FloatArray) -> FloatArray:
            first = at(table, node)
            return np.asarray(first + (at(table, node + 1) - first) * share)

        clear = at(self.noisy_db, np.full(len(place), len(EXCEEDANCES_PCT) - 1))
        return blend(self.total_db), blend(self.noisy_db), clear

    def distribution(self, sight: Sight) -> FloatArray:
        """Return the total loss of each pair at every exceedance [dB], shape (pairs, exceedances)."""
        low, mix = self._rung(sight.elevation_deg)
        first, second = self.total_db[sight.place, low], self.total_db[sight.place, low + 1]
        return np.asarray(first + (second - first) * mix[:, None])

    def _rung(self, elevation_deg: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
        cosecant = 1.0 / np.sin(np.radians(ELEVATIONS_DEG))
        own = 1.0 / np.sin(np.radians(np.clip(elevation_deg, ELEVATIONS_DEG[0], 90.0)))
        low = np.clip(np.searchsorted(-cosecant, -own, side="right") - 1, 0, len(cosecant) - 2)
        return low, (own - cosecant[low]) / (cosecant[low + 1] - cosecant[low])


def sky_of(climate: Climate, frequency_ghz: float, station: Station, edition: int) -> Sky:
    """Return the losses at the elevations and exceedances between which pairs are interpolated."""
    loss: Attenuation = attenuation(
        climate, frequency_ghz, np.array(ELEVATIONS_DEG), np.array(EXCEEDANCES_PCT), station, edition
    )
    return Sky(loss.total_db, loss.gas_db + loss.rain_db + loss.cloud_db, loss.notes)


def user_ratio_db(
    payload: Payload, terminal: Terminal, sight: Sight, satellites: int
) -> tuple[FloatArray, FloatArray]:
    """Return carrier over noise before the atmosphere, and by how much flux limits cut the power [dB], shape (pairs,).

    Power density on the ground is the lower of what the beam radiates and what Article 21 allows at that angle.
    """
    density = payload.beam_eirp_dbw - 10.0 * np.log10(1e6 * payload.beam_bandwidth_mhz)
    density = density - scan_loss_db(sight.nadir_deg, payload.scan_exponent)
    flux = density - spreading_db(sight.range_km)
    limit = None
    if payload.flux_limits:
        limit = flux_limit_dbw_per_m2_hz(payload.frequency_ghz, sight.elevation_deg, satellites)
    cut = np.zeros(len(sight)) if limit is None else np.maximum(flux - limit, 0.0)
    received = density - cut - free_space_loss_db(sight.range_km, payload.frequency_ghz)
    received = received - scan_loss_db(90.0 - sight.elevation_deg, terminal.scan_exponent)
    return np.asarray(received + terminal.g_over_t_db_per_k - BOLTZMANN_DBW_PER_K_HZ), cut


def user_density_db(
    clear_db: FloatArray, sky: Sky, sight: Sight, exceedance_pct: FloatArray, terminal: Terminal
) -> FloatArray:
    """Return carrier over noise [dB] in the weather of each pair."""
    total, noisy, calm = sky.along(sight, exceedance_pct)
    return np.asarray(clear_db - total - noise_rise_db(noisy, calm, terminal.noise_temperature_k))


def symbol_ratio_db(
    carrier_over_noise_db: FloatArray,
    interference_db: float = INTERFERENCE_DB,
    loss_db: float = IMPLEMENTATION_DB,
) -> FloatArray:
    """Return Es/N0 as the demodulator sees it [dB]: interference counts as noise, implementation takes its part."""
    return np.asarray(combined_ratio_db(carrier_over_noise_db, interference_db) - loss_db)


def beam_mbit_per_s(symbol_db: FloatArray, payload: Payload) -> FloatArray:
    """Return what a whole beam carries [Mbit/s]; 0 in an outage."""
    return np.asarray(payload.beam_bandwidth_mhz * efficiency_bit_per_s_hz(symbol_db, payload.roll_off))


def feeder_mbit_per_s(feeder: Feeder, sky: Sky, sight: Sight, exceedance_pct: FloatArray) -> FloatArray:
    """Return what one feeder link carries [Mbit/s], shape (pairs,), in the weather of each pair.

    The gateway's dish follows the satellite; rain raises no noise at the satellite, which looks at the warm Earth.
    """
    density = feeder.gateway_eirp_dbw - 10.0 * np.log10(1e6 * feeder.bandwidth_mhz)
    ratio = density - free_space_loss_db(sight.range_km, feeder.frequency_ghz)
    ratio = ratio + feeder.g_over_t_db_per_k - BOLTZMANN_DBW_PER_K_HZ - sky.along(sight, exceedance_pct)[0]
    symbol = ratio - IMPLEMENTATION_DB
    return np.asarray(feeder.bandwidth_mhz * efficiency_bit_per_s_hz(symbol, 0.1))
