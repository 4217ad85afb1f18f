"""Key from entangled pairs (BBM92): both bases make key, each bounds the phase error of the other.

Bennett, Brassard & Mermin (1992), Phys. Rev. Lett. 68:557; finite blocks as in Yin et al. (2020), Nature 582:501,
with the bound of random sampling of Lim et al. (2014) in place of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from accord.errors import ModelError
from accord.systems.qkd.finite_key import binary_entropy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["PairCounts", "PairLength", "coincidences", "pair_key_length", "sampling_deviation"]

Sampling = Literal["hypergeometric", "serfling", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCounts:
    """Coincidences with like bases, shape (..., 2): one column a basis.

    Attributes
    ----------
    sifted, errors : float array
    """

    sifted: FloatArray
    errors: FloatArray

    def checked(self) -> PairCounts:
        """Return the counts as they are.

        Raises
        ------
        accord.errors.ModelError
            For counts that cannot be.
        """
        sifted, errors = np.asarray(self.sifted, float), np.asarray(self.errors, float)
        if not (np.all(np.isfinite(sifted)) and np.all(np.isfinite(errors)) and np.all(errors >= 0.0)):
            raise ModelError("coincidences: expected finite numbers of at least 0")
        if not np.all(errors <= sifted):
            raise ModelError("coincidences: more errors than detections")
        if not np.all(sifted > 0.0):
            raise ModelError("coincidences: a basis without any: nothing bounds the phase error of the other")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLength:
    """Where the bits of a block of pairs go, shape (...) each and (..., 2) by basis.

    Attributes
    ----------
    length : float array [bit]
        Negative where there is none.
    phase_error, error_rate : float array, shape (..., 2)
    leak, penalty : float array [bit]
    """

    length: FloatArray
    phase_error: FloatArray
    error_rate: FloatArray
    leak: FloatArray
    penalty: FloatArray


def sampling_deviation(
    rate: FloatArray, tested: FloatArray, wanted: FloatArray, secrecy: float, sampling: Sampling
) -> FloatArray:
    """Return how much higher the error rate of `wanted` bits may be than that of the `tested` ones.

    "hypergeometric" after Lim et al. (2014), below equation 5; "serfling" after Tomamichel et al. (2012), Nat. Commun.
    3:634, equation 2.
    """
    if sampling == "none":
        return np.zeros(np.broadcast_shapes(np.shape(rate), np.shape(tested), np.shape(wanted)))
    both = (tested + wanted) / (tested * wanted)
    if sampling == "serfling":
        return np.asarray(np.sqrt(both * (tested + 1.0) / tested * np.log(2.0 / secrecy)))
    spread = np.clip(rate, 1e-12, 0.5) * (1.0 - np.clip(rate, 1e-12, 0.5))
    inside = both * spread / np.log(2.0) * np.log2(both / spread * (21.0 / secrecy) ** 2)
    return np.asarray(np.sqrt(np.maximum(inside, 0.0)))


def pair_key_length(
    counts: PairCounts,
    *,
    secrecy: float,
    correctness: float,
    error_correction: float = 1.16,
    sampling: Sampling = "hypergeometric",
) -> PairLength:
    """Return the secret key of a block of pairs.

    ``l = sum over bases of n (1 - h(E' + gamma) - f h(E)) - log2(2/eps_cor) - 2 log2(1/(2 eps_sec))`` with E' of the
    other basis; without the last two and gamma for "none", the limit of infinite blocks.
    """
    sifted = np.asarray(counts.sifted, float)
    rate = np.asarray(counts.errors, float) / sifted
    other, tested = rate[..., ::-1], sifted[..., ::-1]
    phase = np.minimum(other + sampling_deviation(other, tested, sifted, secrecy, sampling), 0.5)
    leak = np.asarray((error_correction * sifted * binary_entropy(rate)).sum(axis=-1))
    penalty = np.zeros_like(leak)
    if sampling != "none":
        penalty += np.log2(2.0 / correctness) + 2.0 * np.log2(1.0 / (2.0 * secrecy))
    secret = (sifted * (1.0 - binary_entropy(phase))).sum(axis=-1)
    return PairLength(
        length=np.asarray(secret - leak - penalty),
        phase_error=phase,
        error_rate=rate,
        leak=leak,
        penalty=penalty,
    )


def coincidences(
    pair_rate_hz: float,
    through: tuple[FloatArray, FloatArray, FloatArray],
    noise: tuple[FloatArray, FloatArray],
    seconds: FloatArray,
    *,
    window_s: float,
    misalignment: FloatArray | float,
) -> PairCounts:
    """Return expected sifted coincidences and errors of a source seen from both ends over so many seconds.

    Accidental ones from the mean rates of both ends over the whole time; half of them are wrong. Bases are chosen
    evenly at both ends, so that a quarter of all coincidences falls to each basis.

    Parameters
    ----------
    pair_rate_hz : float
        Pairs a second of a source that runs on.
    through : tuple of float array [s]
        ``int eta_a eta_b dt``, ``int eta_a dt``, ``int eta_b dt``, detectors included.
    noise : tuple of float array
        Noise counts of all detectors of each end over the time.
    """
    both, first, second = through
    true = pair_rate_hz * both
    longest = np.maximum(seconds, 1e-9)
    accidental = (pair_rate_hz * first + noise[0]) * (pair_rate_hz * second + noise[1]) / longest * window_s
    sifted = 0.25 * (true + accidental)
    wrong = 0.25 * (misalignment * true + 0.5 * accidental)
    return PairCounts(sifted=np.stack([sifted] * 2, axis=-1), errors=np.stack([wrong] * 2, axis=-1))
