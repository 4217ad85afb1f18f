"""Published cases of finite-key decoy BB84 over fibre."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from accord.systems.qkd.finite_key import KeyLength, Protocol, binary_entropy, key_length
from accord.systems.qkd.link import Receiver, detection, expected_counts
from accord.systems.qkd.optimise import best_protocol, protocol_of

__all__ = [
    "asymptotic",
    "detection_probability",
    "fixed_cost",
    "fixed_settings",
    "optimised",
    "published_reconciliation",
    "ratio_of_blocks",
    "reconciliation",
]

KAPPA, CORRECTNESS = 1e-15, 1e-15


def receiver() -> Receiver:
    """Return the receiver of Lim et al. (2014)."""
    return Receiver(
        efficiency=np.array([0.1]),
        dark_probability=np.array([6e-7]),
        afterpulse_probability=np.array([0.04]),
        misalignment=np.array([5e-3]),
    )


def _through(length_km: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([10.0 ** (-0.2 * length_km / 10.0)])


def _fixed_point(length_km: float, block: float, protocol: Protocol) -> tuple[KeyLength, float]:
    """Return the key with a secrecy in proportion to its length, which is a fixed point, and the pulses."""
    counts, pulses = expected_counts(_through(length_km), protocol, receiver(), block)
    secrecy = KAPPA * block
    for _ in range(100):
        found = key_length(counts, protocol, secrecy=secrecy, correctness=CORRECTNESS)
        new = KAPPA * max(float(found.length[0]), 1.0)
        if abs(new - secrecy) <= 1e-12 * secrecy:
            break
        secrecy = new
    return found, float(pulses[0])


def detection_probability(length_km: float, intensity: float) -> dict[str, Any]:
    """Return the probability of a detection a pulse."""
    return {"detection": float(detection(_through(length_km), np.array([intensity]), receiver())[0])}


def fixed_cost(secrecy: float, correctness: float) -> dict[str, Any]:
    """Return what secrecy and correctness cost [bit]."""
    protocol = protocol_of(np.array([0.85, 0.38, 0.44, 0.41, 0.22]), 1.16)
    counts, _ = expected_counts(_through(50.0), protocol, receiver(), 1e7)
    return {"bit": float(key_length(counts, protocol, secrecy=secrecy, correctness=correctness).penalty[0])}


def fixed_settings(length_km: float, block: float, settings: Sequence[float]) -> dict[str, Any]:
    """Return rate, length, error and phase error at given settings."""
    found, pulses = _fixed_point(length_km, block, protocol_of(np.array(settings), 1.16))
    return {
        "rate": float(found.length[0]) / pulses,
        "length_bit": float(found.length[0]),
        "error_rate": float(found.error_rate[0]),
        "phase_error": float(found.phase_error[0]),
    }


def _best(length_km: float, block: float) -> float:
    protocol = best_protocol(float(_through(length_km)[0]), receiver(), block, kappa=KAPPA)
    found, pulses = _fixed_point(length_km, block, protocol)
    return float(found.length[0]) / pulses


def optimised(lengths_km: Sequence[float], block: float) -> dict[str, Any]:
    """Return the rates at the best settings."""
    return {"rates": [_best(length, block) for length in lengths_km]}


def ratio_of_blocks(length_km: float, blocks: Sequence[float]) -> dict[str, Any]:
    """Return the ratio of the best rates of two block sizes, the larger over the smaller."""
    small, large = (_best(length_km, block) for block in blocks)
    return {"ratio": large / small}


def asymptotic(length_km: float, settings: Sequence[float]) -> dict[str, Any]:
    """Return the limit of infinite blocks."""
    protocol = protocol_of(np.array(settings), 1.16)
    counts, pulses = expected_counts(_through(length_km), protocol, receiver(), 1e7)
    found = key_length(counts, protocol, secrecy=1e-9, correctness=CORRECTNESS, bounds="none")
    return {
        "rate": float(found.length[0] / pulses[0]),
        "error_rate": float(found.error_rate[0]),
        "phase_error": float(found.phase_error[0]),
    }


def reconciliation(schedule: str, length: int, error_rates: Sequence[float], frames: int) -> dict[str, Any]:
    """Return leak over the Shannon limit of Cascade, and the share of frames left with errors.

    The leak counts every parity sent; the published counts are of blocks asked about. Two parities that follow from
    others, the last block's of a pass and half of a halved frame's, are never sent here.
    """
    from accord.systems.qkd.postprocessing import schedule as schedules
    from accord.systems.qkd.postprocessing.cascade import Answers, Questions, reconcile
    from accord.systems.qkd.postprocessing.rows import rows_of

    efficiency, failed = [], []
    for number, rate in enumerate(error_rates):
        rng = np.random.default_rng(number)
        plan = getattr(schedules, schedule)(rate, length)
        leak = wrong = 0
        for start in range(0, frames, 100):
            some = min(100, frames - start)
            sent = rng.integers(0, 2, some * length, dtype=np.uint8)
            seen = sent ^ (rng.random(some * length) < rate).astype(np.uint8)
            rows, seed = rows_of(sent, some, length), f"{number} {start}".encode()
            bob = Questions(rows_of(seen, some, length), length, plan, seed)
            leak += reconcile(Answers(rows, length, plan, seed), bob).leak_bit
            wrong += int((bob.rows != rows).any(axis=1).sum())
        efficiency.append(leak / (frames * length * float(binary_entropy(np.array(rate)))))
        failed.append(wrong / frames)
    return {"efficiency": efficiency, "frame_errors": failed, "mean_frame_errors": float(np.mean(failed))}


def published_reconciliation(
    schedule: str, length: int, error_rates: Sequence[float], frames: int, data: Any
) -> dict[str, Any]:
    """Return how far the efficiency lies from the published mean of 10,000 runs at the same error rates."""
    import json

    ours = reconciliation(schedule, length, error_rates, frames)["efficiency"]
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    at = {round(row["requested_bit_error_rate"], 6): row["efficiency"]["average"] for row in rows}
    return {"excess": [own - at[round(rate, 6)] for own, rate in zip(ours, error_rates, strict=True)]}
