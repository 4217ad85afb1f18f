"""From a fibre and its detectors to expected counts of a block, and the bound that no protocol passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.systems.qkd.finite_key import Counts, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Receiver", "detection", "error", "expected_counts", "gain_per_pulse", "plob_bit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Detectors, shape (...) each.

    Attributes
    ----------
    efficiency : float array
        Detector and optics together.
    dark_probability : float array
        Of a detector in a gate.
    afterpulse_probability, misalignment : float array
        After a detection; optical error.
    """

    efficiency: FloatArray
    dark_probability: FloatArray
    afterpulse_probability: FloatArray
    misalignment: FloatArray


def plob_bit(transmittance: FloatArray) -> FloatArray:
    """Return the most secret bits a pulse without repeaters.

    Pirandola, Laurenza, Ottaviani & Banchi (2017), Nat. Commun. 8:15043, equation 1.
    """
    return np.asarray(-np.log1p(-np.minimum(transmittance, 1.0 - 1e-16)) / np.log(2.0))


def _clicks(mean: FloatArray, dark: FloatArray) -> FloatArray:
    # 1 - (1 - 2 p) exp(-x) without losing small numbers
    return np.asarray(-np.expm1(-mean) + 2.0 * dark * np.exp(-mean))


def detection(transmittance: FloatArray, mu: FloatArray, receiver: Receiver) -> FloatArray:
    """Return the probability of a detection a pulse, after-pulses left out (Lim et al. 2014, section IV)."""
    return _clicks(transmittance * receiver.efficiency * mu, receiver.dark_probability)


def error(transmittance: FloatArray, mu: FloatArray, receiver: Receiver) -> FloatArray:
    """Return the probability of an erroneous detection a pulse; the whole loss stands in the misalignment term."""
    mean = transmittance * receiver.efficiency * mu
    wrong = receiver.dark_probability - receiver.misalignment * np.expm1(-mean)
    return np.asarray(
        wrong + 0.5 * receiver.afterpulse_probability * _clicks(mean, receiver.dark_probability)
    )


def gain_per_pulse(transmittance: FloatArray, protocol: Protocol, receiver: Receiver) -> FloatArray:
    """Return detections a pulse, mean over the intensities, after-pulses included."""
    return np.asarray((protocol.probabilities * _rates(transmittance, protocol, receiver)[0]).sum(axis=-1))


def _rates(
    transmittance: FloatArray, protocol: Protocol, receiver: Receiver
) -> tuple[FloatArray, FloatArray]:
    wide = Receiver(
        efficiency=receiver.efficiency[..., None],
        dark_probability=receiver.dark_probability[..., None],
        afterpulse_probability=receiver.afterpulse_probability[..., None],
        misalignment=receiver.misalignment[..., None],
    )
    through = transmittance[..., None]
    found = detection(through, protocol.intensities, wide) * (1.0 + wide.afterpulse_probability)
    return found, error(through, protocol.intensities, wide)


def expected_counts(
    transmittance: FloatArray, protocol: Protocol, receiver: Receiver, block: float
) -> tuple[Counts, FloatArray]:
    """Return the counts of a block with so many sifted detections in the key basis, and the pulses it takes.

    Parameters
    ----------
    transmittance : float array, shape (...)
        Of the channel, receiver left out.
    block : float
        Sifted detections in the key basis.
    """
    rate, wrong = _rates(transmittance, protocol, receiver)
    chosen = protocol.key_basis_probability
    gain = (protocol.probabilities * rate).sum(axis=-1)
    pulses = block / (chosen**2 * gain)
    each = pulses[..., None] * protocol.probabilities
    other = (1.0 - chosen) ** 2
    counts = Counts(
        key=chosen**2 * each * rate,
        key_errors=chosen**2 * each * wrong,
        test=other * each * rate,
        test_errors=other * each * wrong,
    )
    return counts, pulses
