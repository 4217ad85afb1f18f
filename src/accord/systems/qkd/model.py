"""Key of fibres, satellites and their network: best settings of the senders, then every member's devices on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, Ephemeris, Port, System
from accord.systems.qkd.figures import figures
from accord.systems.qkd.finite_key import Counts, KeyLength, Protocol, key_length
from accord.systems.qkd.inputs import INPUTS, Design, Link
from accord.systems.qkd.link import Receiver, expected_counts, gain_per_pulse, plob_bit
from accord.systems.qkd.network.model import evaluate_network
from accord.systems.qkd.optimise import best_protocol
from accord.systems.qkd.outputs import FIBRE_OUTPUTS, OUTPUTS, edges, labels
from accord.systems.qkd.raman import noise_in_gate, raman_photons_hz
from accord.systems.qkd.satellite.model import evaluate_satellites, prepare_satellites
from accord.systems.qkd.satellite.outputs import empty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SYSTEM", "evaluate", "live_share", "prepare", "receiver_of", "receiver_on", "span_loss_db"]

YEAR_S = 31_557_600.0
_LONGEST_H = 1e9
_REACH_SETTINGS_KM = (
    80.0,
    110.0,
    130.0,
)  # a span's best settings change with its length: these serve the far end
_FARTHEST_KM, _HALVINGS = 400.0, 24


def receiver_of(members: Mapping[str, FloatArray]) -> Receiver:
    """Return the receiver of every member, shape (n,)."""
    return Receiver(
        efficiency=members["receiver_efficiency"],
        dark_probability=members["dark_probability"],
        afterpulse_probability=members["afterpulse_probability"],
        misalignment=members["misalignment"],
    )


def _usual() -> dict[str, FloatArray]:
    """Return the devices that the settings are chosen for: medians of the default spreads."""
    found = {}
    for name, declared in INPUTS.items():
        assert declared.spread is not None
        found[name] = np.array([declared.spread.quantile(0.5)])
    return found


def span_loss_db(link: Link, attenuation: FloatArray) -> FloatArray:
    """Return the loss of a span of a link [dB], for attenuations [dB/km] of shape (n,)."""
    return attenuation * link.length_km / link.spans + link.extra_loss_db


def receiver_on(link: Link, members: Mapping[str, FloatArray]) -> Receiver:
    """Return the receiver of every member at the end of a span of a link: light of classical channels is noise.

    All of it reaches the detectors: no connector or filter of the span weakens it.
    """
    receiver = receiver_of(members)
    if link.classical is None:
        return receiver
    along, against = raman_photons_hz(
        link.classical,
        link.length_km / link.spans,
        members["attenuation_db_per_km"],
        members["raman_per_km_nm"],
    )
    noise = noise_in_gate(
        receiver.dark_probability, along + against, link.classical.gate_ns, receiver.efficiency
    )
    return replace(receiver, dark_probability=noise)


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return the sender's best settings for each link, and for the reach, at the usual devices."""
    usual = _usual()
    attenuation = usual["attenuation_db_per_km"]
    spans = [(float(span_loss_db(k, attenuation)[0]), receiver_on(k, usual)) for k in design.links]
    spans += [(float(attenuation[0]) * length, receiver_of(usual)) for length in _REACH_SETTINGS_KM]
    rows = []
    for index, (loss, receiver) in enumerate(spans):
        found = best_protocol(
            10.0 ** (-min(loss, 40.0) / 10.0),  # beyond, no settings give key
            receiver,
            design.block,
            secrecy=design.secrecy,
            correctness=design.correctness,
            error_correction=design.error_correction,
            bounds=design.bounds,
        )
        rows.append([found.key_basis_probability, *found.intensities, *found.probabilities])
        context.progress(index + 1, len(spans))
    ready: dict[str, Any] = {"settings": np.array(rows)}
    if design.satellites is not None:
        ready["satellites"] = prepare_satellites(
            design.satellites,
            design.bounds,
            _terms(design),
            usual,
            context,
            lambda share: context.progress(share, 1.0, "passes of a year"),
        )
    return ready


def _terms(design: Design) -> dict[str, float]:
    return {
        "secrecy": design.secrecy,
        "correctness": design.correctness,
        "error_correction": design.error_correction,
    }


def _protocol(design: Design, row: FloatArray) -> Protocol:
    return Protocol(
        key_basis_probability=float(row[0]),
        intensities=np.array(row[1:4]),
        probabilities=np.array(row[4:7]),
        error_correction=design.error_correction,
    )


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Evaluate all members at once.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    prepared : mapping
        From `prepare`.
    context : Context

    Returns
    -------
    dict of str to float array
        As declared in ``outputs.py``.
    """
    design = context.design
    assert isinstance(design, Design)
    out = _fibres(design, members, prepared["settings"])
    n = len(members["availability"])
    if design.satellites is None:
        out |= empty(n)
    else:
        out |= evaluate_satellites(
            design.satellites, design.bounds, _terms(design), prepared["satellites"], members, context
        )
    return out | evaluate_network(design.network, edges(design), _made(design, out))


def _made(design: Design, out: Mapping[str, FloatArray]) -> FloatArray:
    """Return the key that each link of the network makes in each month [bit], shape (n, edges, 12)."""
    joined = [number for number, link in enumerate(design.links) if link.between is not None]
    fibre = out["key_rate_bit_per_s"][:, joined, None] * np.full(12, YEAR_S / 12.0)
    return np.concatenate([fibre, out["satellite_key_mbit"] * 1e6], axis=1)


def _fibres(design: Design, members: Mapping[str, FloatArray], settings: FloatArray) -> dict[str, FloatArray]:
    n = len(members["availability"])
    pulses_per_s = design.pulse_rate_mhz * 1e6
    columns: dict[str, list[FloatArray]] = {name: [] for name, o in FIBRE_OUTPUTS.items() if o.dims}
    for link, row in zip(design.links, settings, strict=False):
        protocol, receiver = _protocol(design, row), receiver_on(link, members)
        through = 10.0 ** (-span_loss_db(link, members["attenuation_db_per_km"]) / 10.0)
        counts, pulses = expected_counts(through, protocol, receiver, design.block)
        found = _key(design, counts, protocol)
        live = live_share(gain_per_pulse(through, protocol, receiver) * pulses_per_s, members["dead_time_us"])
        seconds = pulses / (pulses_per_s * live)
        rate = np.maximum(found.length, 0.0) / seconds * members["availability"]
        columns["key_rate_bit_per_s"].append(rate)
        columns["key_per_year_gbit"].append(rate * YEAR_S / 1e9)
        columns["error_rate"].append(found.error_rate)
        columns["noise_per_gate"].append(receiver.dark_probability)
        added = receiver.dark_probability - members["dark_probability"]
        columns["raman_share"].append(added / np.maximum(receiver.dark_probability, 1e-300))
        columns["block_time_h"].append(np.minimum(seconds / 3600.0, _LONGEST_H))
        columns["bound_bit_per_s"].append(plob_bit(through) * pulses_per_s)
        columns["trusted_nodes"].append(np.full(n, float(link.spans - 1)))
    reach = _reach(design, settings[len(design.links) :], members, receiver_of(members))
    if not design.links:
        return {**{name: np.zeros((n, 0)) for name in columns}, "reach_km": reach}
    return {**{name: np.stack(parts, axis=1) for name, parts in columns.items()}, "reach_km": reach}


def _key(design: Design, counts: Counts, protocol: Protocol) -> KeyLength:
    return key_length(
        counts, protocol, secrecy=design.secrecy, correctness=design.correctness, bounds=design.bounds
    )


def live_share(detections_per_s: FloatArray, dead_time_us: FloatArray) -> FloatArray:
    """Return the share of detections that two detectors with a dead time still see (not paralysed by more)."""
    return 1.0 / (1.0 + 0.5 * detections_per_s * dead_time_us * 1e-6)


def _reach(
    design: Design, settings: FloatArray, members: Mapping[str, FloatArray], receiver: Receiver
) -> FloatArray:
    """Bisect the longest span with key, under the best of the settings for far links."""
    best = np.zeros(len(members["availability"]))
    for row in settings:
        protocol = _protocol(design, row)
        low, high = np.zeros_like(best), np.full_like(best, _FARTHEST_KM)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            through = 10.0 ** (-members["attenuation_db_per_km"] * middle / 10.0)
            counts, _pulses = expected_counts(through, protocol, receiver, design.block)
            found = _key(design, counts, protocol)
            works = found.length > 0.0
            low, high = np.where(works, middle, low), np.where(works, high, middle)
        best = np.maximum(best, low)
    return best


SYSTEM = System(
    name="qkd",
    title="Quantum test-bed and key distribution",
    version=5,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    ports={
        "ephemeris": Port(
            of="constellation.ephemeris",
            kind=Ephemeris,
            doc="Where the satellites that carry a source are.",
            optional=True,
            fallback="satellites of an orbit of their own, a circle under J2 for a year",
        ),
    },
    prepare=prepare,
    evaluate=evaluate,
    labels=labels,
    figures=figures,
    monotone={
        ("availability", "key_rate_bit_per_s"): 1,
        ("dead_time_us", "key_rate_bit_per_s"): -1,
        ("attenuation_db_per_km", "reach_km"): -1,
        ("misalignment", "reach_km"): -1,
        ("dark_probability", "error_rate"): 1,
        ("raman_per_km_nm", "noise_per_gate"): 1,
        ("receiver_optics", "downlink_key_per_year_mbit"): 1,
        ("pointing_jitter_urad", "pass_loss_db"): 1,
        ("sky_factor", "downlink_key_per_year_mbit"): -1,
        ("station_availability", "passes_used"): 1,
    },
    example={
        "links": [
            {
                "id": "campus",
                "name": "Campus",
                "length": "10 km",
                "extra_loss": "2 dB",
                "between": ["north", "lab"],
            },
            {"id": "city", "name": "Two cities", "length": "700 km", "span": "80 km"},
            {
                "id": "lit",
                "name": "Beside data",
                "length": "40 km",
                "classical": {"along": 2, "against": 2, "launch_power": "-10 dBm"},
            },
        ],
        "sites": [{"id": "lab", "name": "Laboratory", "latitude": "48.1 deg", "longitude": "11.3 deg"}],
        "satellites": {
            "stations": [
                {"id": "north", "name": "North", "latitude": "48 deg", "longitude": "11.4 deg"},
                {
                    "id": "south",
                    "name": "South",
                    "latitude": "5 deg",
                    "longitude": "40 deg",
                    "clear_sky": 0.6,
                },
            ],
            "pairs": [{"id": "far", "name": "North and South", "between": ["north", "south"]}],
        },
        "network": {
            "demands": [
                {
                    "id": "tunnel",
                    "name": "Laboratory and South",
                    "between": ["lab", "south"],
                    "key_per_day": "20 kbit",
                }
            ]
        },
    },
)
