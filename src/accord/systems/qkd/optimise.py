"""Settings of the sender that give most key: intensities, their probabilities, the basis; and where to cut a pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import ModelError
from accord.systems.qkd.finite_key import BOUNDS, Bounds, Protocol
from accord.systems.qkd.link import Receiver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["NEAR_VACUUM", "Best", "best_on", "best_pass", "best_protocol", "protocol_of"]

NEAR_VACUUM = 2e-4  # what an intensity modulator leaves of a pulse, Lim et al. (2014)
_LOW, _HIGH = (0.02, 1e-3, 1e-3, 0.02, 1e-3), (0.9995, 0.999, 0.999, 1.0, 0.9)
_STARTS = ((0.90, 0.4, 0.40, 0.45, 0.20), (0.75, 0.3, 0.45, 0.45, 0.18), (0.60, 0.2, 0.50, 0.50, 0.15),
           (0.85, 0.75, 0.17, 0.75, 0.15))  # fmt: skip
_ROUNDS, _TOLERANCE = 600, 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """Best settings of a block and what they give.

    Attributes
    ----------
    protocol : Protocol
    length_bit : float
        Negative where no settings give key.
    pulses : float
    used : bool array, shape (samples,)
        The part of a pass that is made into key.
    """

    protocol: Protocol
    length_bit: float
    pulses: float
    used: NDArray[np.bool_]


def protocol_of(
    settings: FloatArray, error_correction: float, *, vacuum: float = NEAR_VACUUM, decoys: int = 2
) -> Protocol:
    """Return the protocol of (key basis probability, p1, p2, mu1, mu2)."""
    basis, p1, p2, mu1, mu2 = (float(v) for v in settings)
    return Protocol(
        key_basis_probability=basis,
        intensities=np.array([mu1, mu2, vacuum if decoys == 2 else 0.0]),
        probabilities=np.array([p1, p2, 1.0 - p1 - p2 if decoys == 2 else 0.0]),
        error_correction=error_correction,
        decoys=decoys,
    )


def best_on(
    through: FloatArray,
    noise: FloatArray,
    pulses: FloatArray,
    *,
    afterpulse: float = 0.0,
    misalignment: float = 0.005,
    block: float = 0.0,
    secrecy: float = 1e-9,
    correctness: float = 1e-15,
    error_correction: float = 1.16,
    bounds: Bounds = "hoeffding",
    decoys: int = 2,
    vacuum: float = NEAR_VACUUM,
    low: tuple[float, ...] = _LOW,
    high: tuple[float, ...] = _HIGH,
    finite_leak: bool = False,
    capped: bool | None = None,
) -> Best:
    """Return the settings with the most key from samples of a channel.

    Nelder & Mead's simplex from four starts, on the length not cut at zero: a search on the cut one finds only a plain
    where there is no key.

    Parameters
    ----------
    through, noise, pulses : float array, shape (samples,)
        Transmittance with the receiver in it, probability of a noise count of a detector in a gate, pulses sent.
    block : float
        Sifted detections in the key basis that a block has; 0 takes the pulses as they are. With a block the key a
        pulse is made most of.
    secrecy : float
        A negative one is a bit of the key.
    low, high : tuple of five floats
        Range of (key basis probability, p1, p2, mu1, mu2).
    """
    from accord.systems.qkd.kernels.search import MOMENTS, best, channel_moments, length_at

    through, noise, pulses = (
        np.ascontiguousarray(a, float)
        for a in np.broadcast_arrays(np.atleast_1d(through), np.atleast_1d(noise), np.atleast_1d(pulses))
    )
    if not (np.all((through >= 0.0) & (through <= 1.0)) and np.all((noise >= 0.0) & (noise < 0.5))):
        raise ModelError(
            "transmittance: expected 0 to 1, and noise a gate from 0 to below 0.5: is a loss in dB meant?"
        )
    moments = np.empty(MOMENTS + 1)
    channel_moments(through, noise, pulses, moments)
    terms = np.array([error_correction, secrecy, correctness])
    capped = bounds in ("chernoff", "tight") if capped is None else capped
    flags = np.array([finite_leak, capped])
    bottom, top = np.array(low, float), np.array(high, float)
    free = np.array([_free(np.array(s), bottom, top, vacuum) for s in _STARTS])
    given = (vacuum, moments, afterpulse, misalignment, block, terms, BOUNDS.index(bounds), decoys, flags)
    found = best(free, np.array([bottom, top]), given, _ROUNDS, _TOLERANCE)
    length, sent = length_at(found, given)
    return Best(
        protocol=protocol_of(found, error_correction, vacuum=vacuum, decoys=decoys),
        length_bit=float(length),
        pulses=float(sent),
        used=np.ones(len(through), bool),
    )


def best_pass(through: FloatArray, noise: FloatArray, pulses: FloatArray, **more: object) -> Best:
    """Return settings and cut of one pass: samples whose noise outweighs what they add are left out.

    Samples are ranked by signal over noise; the share that gives most key is found by sections, with settings found
    anew for each.
    """
    order = np.argsort(-np.asarray(through) / np.maximum(noise, 1e-15), kind="stable")

    def cut(count: int) -> Best:
        chosen = order[:count]
        return best_on(through[chosen], noise[chosen], pulses[chosen], **more)  # type: ignore[arg-type]

    total = len(order)
    low, high, found = max(1, total // 16), total, {total: cut(total)}
    while high - low > max(1, total // 100):
        left, right = low + (high - low) * 38 // 100, low + (high - low) * 62 // 100
        for count in (left, right):
            if count not in found:
                found[count] = cut(count)
        if found[left].length_bit > found[right].length_bit:
            high = right
        else:
            low = max(left, low + 1)
    count = max(found, key=lambda n: found[n].length_bit)
    used = np.zeros(total, bool)
    used[order[:count]] = True
    top = found[count]
    return Best(protocol=top.protocol, length_bit=top.length_bit, pulses=top.pulses, used=used)


def best_protocol(
    transmittance: float,
    receiver: Receiver,
    block: float,
    *,
    secrecy: float = 1e-9,
    correctness: float = 1e-15,
    error_correction: float = 1.16,
    kappa: float | None = None,
    bounds: Bounds = "hoeffding",
    decoys: int = 2,
) -> Protocol:
    """Return the settings with the most key a pulse over one channel.

    Parameters
    ----------
    transmittance : float
        Receiver left out.
    receiver : Receiver
        With arrays of shape (1,).
    block : float
        Sifted detections in the key basis.
    kappa : float, optional
        Secrecy a bit, in place of `secrecy` for the block.
    """
    return best_on(
        np.array([transmittance * float(receiver.efficiency[0])]),
        np.array([float(receiver.dark_probability[0])]),
        np.ones(1),
        afterpulse=float(receiver.afterpulse_probability[0]),
        misalignment=float(receiver.misalignment[0]),
        block=block,
        secrecy=secrecy if kappa is None else -kappa,
        correctness=correctness,
        error_correction=error_correction,
        bounds=bounds,
        decoys=decoys,
    ).protocol


def _free(settings: FloatArray, low: FloatArray, high: FloatArray, vacuum: float) -> FloatArray:
    """Return the real numbers that stand for settings, moved into their range where they lie outside."""
    found = np.empty(5)
    value = settings.copy()
    for i in range(5):
        top = high[i]
        if i == 2:
            top = min(top, 1.0 - value[1] - 1e-6)
        if i == 4:
            top = min(top, value[3] - vacuum - 1e-6)
        share = (value[i] - low[i]) / (top - low[i])
        share = min(max(share, 0.02), 0.98)
        value[i] = low[i] + share * (top - low[i])
        found[i] = np.log(share / (1.0 - share))
    return found
