"""What a fibre would give, with or without channels of data beside: losses, noise by its cause, key and its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from accord.errors import AccordError
from accord.systems.qkd.finite_key import Counts
from accord.systems.qkd.inputs import FIBRE_INPUTS, Design, Link
from accord.systems.qkd.ledger import Terms, secret_key
from accord.systems.qkd.link import expected_counts, gain_per_pulse, plob_bit
from accord.systems.qkd.model import live_share, receiver_on, span_loss_db
from accord.systems.qkd.optimise import best_protocol
from accord.systems.qkd.raman import raman_photons_hz

__all__ = ["link_budget"]


def link_budget(
    link: Mapping[str, Any], devices: Mapping[str, float] | None = None, **design: Any
) -> dict[str, Any]:
    """Return the budget of one span of a fibre, expected counts at their best settings.

    Parameters
    ----------
    link : mapping
        As in a programme file, without `id` and `name`.
    devices : mapping of str to float, optional
        Inputs of the system in place of the medians of their usual spreads.
    design : optional
        ``pulse_rate``, ``block`` and other settings of the system's design.

    Raises
    ------
    accord.errors.AccordError
        For what no programme file could say.
    """
    from pydantic import ValidationError

    try:
        whole = Design.model_validate({"links": [{"id": "fibre", "name": "fibre", **link}], **design})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in ("links", 0))
        raise AccordError(f"{place or 'link'}: {first['msg'].removeprefix('Value error, ')}") from None
    fibre = whole.links[0]
    members = _members(devices or {})
    loss_db = float(span_loss_db(fibre, members["attenuation_db_per_km"])[0])
    through = np.array([10.0 ** (-loss_db / 10.0)])
    receiver = receiver_on(fibre, members)
    protocol = best_protocol(
        float(through[0]), receiver, whole.block, secrecy=whole.secrecy, correctness=whole.correctness,
        error_correction=whole.error_correction, bounds=whole.bounds,
    )  # fmt: skip
    counts, pulses = expected_counts(through, protocol, receiver, whole.block)
    one = Counts(
        key=counts.key[0],
        key_errors=counts.key_errors[0],
        test=counts.test[0],
        test_errors=counts.test_errors[0],
    )
    proof = {"none": "asymptotic"}.get(whole.bounds, whole.bounds)
    key_bit, ledger = secret_key(
        one,
        Terms(proof=proof, protocol=protocol, secrecy=whole.secrecy, correctness=whole.correctness),  # type: ignore[arg-type]
    )
    pulses_hz = whole.pulse_rate_mhz * 1e6
    arriving_hz = gain_per_pulse(through, protocol, receiver) * pulses_hz
    live = float(live_share(arriving_hz, members["dead_time_us"])[0])
    seconds = float(pulses[0]) / (pulses_hz * live)
    return {
        "span_km": fibre.length_km / fibre.spans,
        "spans": fibre.spans,
        "loss_db": loss_db,
        "noise_per_gate": _noise(fibre, members, float(receiver.dark_probability[0])),
        "detections_per_s": float(arriving_hz[0]) * live,
        "block_s": seconds,
        "key_bit_per_s": key_bit / seconds,
        "most_bit_per_s": float(plob_bit(through)[0]) * pulses_hz,
        "settings": {
            "key_basis_probability": protocol.key_basis_probability,
            "intensities": protocol.intensities.tolist(),
            "probabilities": protocol.probabilities.tolist(),
        },
        "ledger": asdict(ledger),
        "devices": {name: float(value[0]) for name, value in members.items()},
    }


def _members(given: Mapping[str, float]) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    unknown = sorted(set(given) - set(FIBRE_INPUTS))
    if unknown:
        raise AccordError(f"{unknown[0]} is no input of a fibre: expected one of {', '.join(FIBRE_INPUTS)}")
    found = {}
    for name, declared in FIBRE_INPUTS.items():
        if name == "availability":  # the budget is that of a link at work
            continue
        assert declared.spread is not None
        value = given.get(name, declared.spread.quantile(0.5))
        if not declared.low <= value <= declared.high:
            raise AccordError(f"{name} {value:g}: expected from {declared.low:g} to {declared.high:g}")
        found[name] = np.array([float(value)])
    return found


def _noise(
    link: Link, members: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]], total: float
) -> dict[str, float]:
    """Return noise of a detector in a gate by its cause; the parts add up to a little more than the total."""
    parts = {"dark counts": float(members["dark_probability"][0])}
    if link.classical is not None:
        light = raman_photons_hz(
            link.classical,
            link.length_km / link.spans,
            members["attenuation_db_per_km"],
            members["raman_per_km_nm"],
        )
        counted = 0.5 * link.classical.gate_ns * 1e-9 * float(members["receiver_efficiency"][0])
        for name, photons_hz in zip(("along", "against"), light, strict=True):
            parts[f"Raman light of channels {name}"] = counted * float(photons_hz[0])
    return {**parts, "total": total}
