"""Secret key from a finite block of decoy-state BB84.

Lim, Curty, Walenta, Xu & Zbinden (2014), Phys. Rev. A 89:022307.

Arrays end in an axis of three intensities, signal, weak decoy, near-vacuum; leading axes are whatever the caller has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Counts", "KeyLength", "Protocol", "binary_entropy", "key_length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """Settings of the sender.

    Attributes
    ----------
    key_basis_probability : float
        Probability of the basis the key is made from, at either end.
    intensities : float array, shape (..., 3)
        Mean photon numbers, falling.
    probabilities : float array, shape (..., 3)
        Adding up to one.
    error_correction : float
        Bits published over the Shannon limit.
    """

    key_basis_probability: float
    intensities: FloatArray
    probabilities: FloatArray
    error_correction: float = 1.16


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted in one block, by intensity: shape (..., 3) each.

    Attributes
    ----------
    key, key_errors : float array
        Sifted detections and errors in the key basis.
    test, test_errors : float array
        The same in the other basis.
    """

    key: FloatArray
    key_errors: FloatArray
    test: FloatArray
    test_errors: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLength:
    """Where the bits of a block go, shape (...) each.

    Attributes
    ----------
    length : float array [bit]
        Secret bits; negative where there are none, which is how far they are away.
    vacuum, single : float array
        Lower bounds of detections from empty and from single-photon pulses in the key basis.
    phase_error : float array
        Upper bound of the phase error rate of the single photons, at most one half.
    error_rate : float array
        Observed in the key basis.
    leak, penalty : float array [bit]
        Published by error correction; cost of secrecy and correctness.
    """

    length: FloatArray
    vacuum: FloatArray
    single: FloatArray
    phase_error: FloatArray
    error_rate: FloatArray
    leak: FloatArray
    penalty: FloatArray


def binary_entropy(p: FloatArray) -> FloatArray:
    """Return the binary entropy [bit], 0 at the ends."""
    inside = np.clip(p, 1e-300, 1.0 - 1e-16)
    return np.asarray(-inside * np.log2(inside) - (1.0 - inside) * np.log1p(-inside) / np.log(2.0))


def key_length(
    counts: Counts,
    protocol: Protocol,
    *,
    secrecy: float | FloatArray,
    correctness: float,
    finite: bool = True,
) -> KeyLength:
    """Return the secret key of a block (Lim et al. 2014, equations 1 to 5).

    Parameters
    ----------
    counts : Counts
    protocol : Protocol
    secrecy, correctness : float
        Probabilities of failure of the whole block.
    finite : bool
        False for the limit of infinite blocks: no deviations, no fixed cost.
    """
    secrecy = np.asarray(secrecy, dtype=float)
    failures = 21.0 / secrecy
    mu = [protocol.intensities[..., i] for i in range(3)]
    weight = [_weight(protocol, order) for order in (0, 1)]
    key, test = (_Bounds.of(c, protocol, failures, finite) for c in (counts.key, counts.test))
    vacuum = _vacuum(key, mu, weight[0])
    single = _single(key, mu, weight, vacuum)
    test_single = _single(test, mu, weight, _vacuum(test, mu, weight[0]))
    wrong = _Bounds.of(counts.test_errors, protocol, failures, finite)
    errors = np.maximum(weight[1] * (wrong.high[..., 1] - wrong.low[..., 2]) / (mu[1] - mu[2]), 0.0)
    safe_single, safe_test = np.maximum(single, 1e-9), np.maximum(test_single, 1e-9)
    rate = np.clip(errors / safe_test, 1e-12, 0.5)
    deviation = _sampling(secrecy, rate, safe_test, safe_single) if finite else np.zeros_like(rate)
    phase = np.where((single > 0.0) & (test_single > 0.0), np.minimum(rate + deviation, 0.5), 0.5)
    total = counts.key.sum(axis=-1)
    observed = counts.key_errors.sum(axis=-1) / total
    leak = protocol.error_correction * total * binary_entropy(observed)
    penalty = 6.0 * np.log2(failures) + np.log2(2.0 / correctness) if finite else np.zeros_like(secrecy)
    length = vacuum + single * (1.0 - binary_entropy(phase)) - leak - penalty
    return KeyLength(
        length=length,
        vacuum=vacuum,
        single=single,
        phase_error=phase,
        error_rate=observed,
        leak=leak,
        penalty=np.broadcast_to(penalty, length.shape),
    )


def _weight(protocol: Protocol, photons: int) -> FloatArray:
    """Return the probability that a pulse holds 0 or 1 photons."""
    mu = protocol.intensities
    return np.asarray((protocol.probabilities * np.exp(-mu) * mu**photons).sum(axis=-1))


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Hoeffding bounds of the expected counts of each intensity, over its probability and vacuum factor."""

    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, counts: FloatArray, protocol: Protocol, failures: FloatArray, finite: bool) -> _Bounds:
        total = counts.sum(axis=-1)
        deviation = np.sqrt(0.5 * total * np.log(failures))[..., None] if finite else 0.0
        factor = np.exp(protocol.intensities) / protocol.probabilities
        return cls(factor * (counts - deviation), factor * (counts + deviation))


def _vacuum(counts: _Bounds, mu: list[FloatArray], weight: FloatArray) -> FloatArray:
    bound = weight * (mu[1] * counts.low[..., 2] - mu[2] * counts.high[..., 1]) / (mu[1] - mu[2])
    return np.asarray(np.maximum(bound, 0.0))


def _single(
    counts: _Bounds, mu: list[FloatArray], weight: list[FloatArray], vacuum: FloatArray
) -> FloatArray:
    ratio = (mu[1] ** 2 - mu[2] ** 2) / mu[0] ** 2
    rest = counts.low[..., 1] - counts.high[..., 2] - ratio * (counts.high[..., 0] - vacuum / weight[0])
    return np.asarray(weight[1] * mu[0] * rest / (mu[0] * (mu[1] - mu[2]) - (mu[1] ** 2 - mu[2] ** 2)))


def _sampling(secrecy: FloatArray, rate: FloatArray, tested: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return how much higher the phase error of the key may be than the error seen in the test basis."""
    both = (tested + wanted) / (tested * wanted)
    spread = (1.0 - rate) * rate
    return np.asarray(np.sqrt(both * spread / np.log(2.0) * np.log2(both / spread * (21.0 / secrecy) ** 2)))
