"""Members through the passes of a year over one station: tables for the compiled loops, and what comes back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context
from accord.systems.qkd.finite_key import BOUNDS, Bounds
from accord.systems.qkd.satellite.design import Satellites, Station
from accord.systems.qkd.satellite.optics import half_angle_rad, pointing
from accord.systems.qkd.satellite.sightings import log_tau_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Usual = Mapping[str, FloatArray]

__all__ = [
    "AFTERPULSE",
    "beam_half_angle_rad",
    "clear_scores",
    "gate_noise",
    "pass_keys",
    "receiver_gain",
    "station_year",
]

AFTERPULSE = (
    0.005  # silicon diodes behind a gate of a nanosecond: a small share of their one to three per cent
)


def beam_half_angle_rad(design: Satellites) -> float:
    """Return the half angle to 1/e^2 of the beam; of an aperture, that of a Gaussian that fills it."""
    sender = design.sender
    if sender.aperture_m is None:
        return half_angle_rad(sender.divergence_urad * 1e-6, sender.convention)
    return sender.wavelength_nm * 1e-9 / (math.pi * 0.5 * sender.aperture_m)


def receiver_gain(design: Satellites, station: Station, members: Usual) -> tuple[FloatArray, FloatArray]:
    """Return the members' gain of signal over what the telescope captures, and the part of it that is pointing."""
    # jitter and beam grow alike with range: the loss is that at any range at which the beam is wider than the telescope
    range_m = 1e6
    effect = pointing(
        beam_half_angle_rad(design) * range_m,
        0.5 * station.aperture_m,
        members["pointing_jitter_urad"] * 1e-6 * range_m / math.sqrt(2.0),
        members["pointing_bias_urad"] * 1e-6 * range_m,
    )
    device = members["receiver_optics"] * members["downlink_detector_efficiency"]
    return effect.mean_factor * device, effect.mean_factor


def _sky_share(members: Usual) -> FloatArray:
    """Return what each of two detectors counts of the sky's light in the telescope; it has not met the sender's aim."""
    return 0.5 * members["receiver_optics"] * members["downlink_detector_efficiency"] * members["sky_factor"]


def gate_noise(design: Satellites, members: Usual, sky_hz: float) -> FloatArray:
    """Return the chance that noise alone clicks in a gate, for photons a second of the sky in the telescope."""
    hz = members["downlink_dark_hz"] + _sky_share(members) * sky_hz
    return -0.5 * np.expm1(-2.0 * design.gate_ns * 1e-9 * hz)


@dataclass(frozen=True, slots=True)
class _Year:
    """What the compiled loops take: passes, members, source, proof."""

    passes: FloatArray
    sums: FloatArray
    table: FloatArray
    sender: tuple[float, FloatArray, FloatArray]
    source: FloatArray
    terms: FloatArray
    flags: NDArray[np.bool_]


def _year(
    design: Satellites,
    index: int,
    bounds: Bounds,
    terms: Mapping[str, float],
    prepared: Mapping[str, Any],
    members: Usual,
) -> _Year:
    seen, settings = prepared["stations"][index], prepared["sender"]
    columns = (
        np.log(members["zenith_transmittance"]),
        receiver_gain(design, design.stations[index], members)[0],
        members["downlink_dark_hz"],
        _sky_share(members),
        members["downlink_misalignment"],
        members["station_availability"],
        members["cloud_persistence_h"] * 3600.0,
    )
    source = (
        design.sender.pulse_rate_mhz * 1e6,
        design.gate_ns * 1e-9,
        AFTERPULSE,
        design.dead_time_ns * 1e-9,
    )
    return _Year(
        passes=np.column_stack(
            [seen["time_s"], seen["month"], seen["satellite"], seen["set_s"] - seen["rise_s"], seen["sky_hz"]]
        ),
        sums=np.ascontiguousarray(seen["sums"]),
        table=np.column_stack(columns),
        sender=(float(settings[0]), settings[1:4].copy(), settings[4:7].copy()),
        source=np.array(source),
        terms=np.array([terms["error_correction"], terms["secrecy"], terms["correctness"]]),
        flags=np.array([False, bounds in ("chernoff", "tight")]),
    )


def station_year(
    design: Satellites,
    station: Station,
    index: int,
    bounds: Bounds,
    terms: Mapping[str, float],
    prepared: Mapping[str, Any],
    members: Usual,
    context: Context,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return key [bit] by satellite and month, rows of the kernel, and the loss of the middle pass [dB]."""
    from accord.systems.qkd.kernels.year import run_year

    year = _year(design, index, bounds, terms, prepared, members)
    n = len(year.table)
    key, rows = np.zeros((n, len(prepared["satellites"]), 12)), np.zeros((n, 4))
    seeds = _seeds(context.uniform(f"weather.{station.id}")[:, 0])
    clear = clear_scores(station, members["clear_sky_shift"])
    run_year(
        year.passes, year.sums, log_tau_grid(), year.table, clear, seeds, year.sender, year.source, year.terms,
        BOUNDS.index(bounds), year.flags, design.pooled_passes, key, rows,
    )  # fmt: skip
    loss = _middle_loss_db(prepared["stations"][index], year.table[:, 1], year.table[:, 0])
    return key, rows, loss


def pass_keys(
    design: Satellites,
    index: int,
    bounds: Bounds,
    terms: Mapping[str, float],
    prepared: Mapping[str, Any],
    members: Usual,
) -> FloatArray:
    """Return the key of every pass over one station by itself [bit], below zero where there is none, and no cloud.

    Parameters
    ----------
    index : int
        Of the station.

    Returns
    -------
    float array, shape (n, passes)
    """
    from accord.systems.qkd.kernels.year import each_pass

    year = _year(design, index, bounds, terms, prepared, members)
    out = np.empty((len(year.table), len(year.passes)))
    each_pass(
        year.passes, year.sums, log_tau_grid(), year.table, year.sender, year.source, year.terms,
        BOUNDS.index(bounds), year.flags, out,
    )  # fmt: skip
    return out


def _seeds(uniform: FloatArray) -> NDArray[np.uint64]:
    return np.asarray((uniform * 2.0**53).astype(np.uint64) * np.uint64(2048) + np.uint64(1))


def clear_scores(station: Station, shift: FloatArray) -> FloatArray:
    """Return the normal scores below which each month is clear, shape (n, 12)."""
    from scipy.special import ndtri

    shares = np.array(station.months())
    odds = np.log(shares / (1.0 - shares)) + shift[:, None]
    return np.asarray(ndtri(1.0 / (1.0 + np.exp(-odds))))


def _middle_loss_db(seen: Mapping[str, FloatArray], gain: FloatArray, log_tau: FloatArray) -> FloatArray:
    grid = log_tau_grid()
    if not len(seen["time_s"]):
        return np.full(len(gain), 999.0)
    mean = seen["sums"][:, :, 0] / (seen["set_s"] - seen["rise_s"])[:, None]
    middle = np.quantile(mean, 0.5, axis=0)
    return np.asarray(-10.0 * np.log10(gain * np.exp(np.interp(log_tau, grid, np.log(middle)))))
