"""Secret key from a finite block of decoy-state BB84: what was counted, and what is left of it.

Arrays end in an axis of three intensities, signal, weak decoy, near-vacuum (with one decoy the third is empty);
leading axes are whatever the caller has. The proofs themselves are compiled: `accord.systems.qkd.kernels.proofs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["BOUNDS", "Bounds", "Counts", "KeyLength", "Protocol", "binary_entropy", "key_length"]

Bounds = Literal["none", "hoeffding", "chernoff", "tight"]
BOUNDS: tuple[Bounds, ...] = ("none", "hoeffding", "chernoff", "tight")


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
    decoys : {1, 2}
        With one, the third intensity has probability zero and is not looked at.
    """

    key_basis_probability: float
    intensities: FloatArray
    probabilities: FloatArray
    error_correction: float = 1.16
    decoys: int = 2

    def __post_init__(self) -> None:
        mu, p = np.asarray(self.intensities, float), np.asarray(self.probabilities, float)
        if not (np.all(np.isfinite(mu)) and np.all(mu >= 0.0)):
            raise ModelError(f"intensities {mu.tolist()}: expected mean photon numbers of at least 0")
        if not np.all(mu[..., 0] > mu[..., 1] + (mu[..., 2] if self.decoys == 2 else 0.0)):
            raise ModelError(
                f"intensities {mu.tolist()}: the first must exceed the sum of the others (mu1 > mu2 + mu3)"
            )
        if self.decoys == 2 and not np.all(mu[..., 1] > mu[..., 2]):
            raise ModelError(f"intensities {mu.tolist()}: the second must exceed the third (mu2 > mu3)")
        used = p[..., : self.decoys + 1]
        if not (np.all(used > 0.0) and np.all(np.abs(used.sum(axis=-1) - 1.0) < 1e-6)):
            raise ModelError(
                f"probabilities {p.tolist()}: expected {self.decoys + 1} above 0 that add up to 1"
            )
        if not 0.0 < self.key_basis_probability < 1.0:
            raise ModelError(
                f"key_basis_probability {self.key_basis_probability}: expected between 0 and 1: without both bases "
                "nothing bounds the phase error"
            )
        if not self.error_correction >= 1.0:
            raise ModelError(
                f"error_correction {self.error_correction}: expected at least 1, the Shannon limit"
            )


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

    def checked(self) -> Counts:
        """Return the counts as they are.

        Raises
        ------
        accord.errors.ModelError
            For counts that cannot be: negative, not finite, more errors than detections, an empty block.
        """
        for name in ("key", "test"):
            seen, wrong = (np.asarray(getattr(self, n), float) for n in (name, f"{name}_errors"))
            if not (np.all(np.isfinite(seen)) and np.all(np.isfinite(wrong)) and np.all(wrong >= 0.0)):
                raise ModelError(f"counts of the {name} basis: expected finite numbers of at least 0")
            if not np.all(wrong <= seen):
                raise ModelError(f"counts of the {name} basis: more errors than detections")
        if not np.all(np.asarray(self.key).sum(axis=-1) > 0.0):
            raise ModelError("counts of the key basis: no detection at all")
        return self


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
    bounds: Bounds = "hoeffding",
    finite_leak: bool = False,
    capped: bool | None = None,
) -> KeyLength:
    """Return the secret key of a block.

    Lim et al. (2014), Phys. Rev. A 89:022307, equations 1 to 5, with two decoys; Rusca et al. (2018), Appl. Phys. Lett.
    112:171104, with one. Deviations of counts by Hoeffding, by Chernoff as in Sidhu et al. (2022), npj Quantum Inf.
    8:18, or all of them by Chernoff ("tight", Yin et al. 2020, Sci. Rep. 10:14312).

    Parameters
    ----------
    counts : Counts
    protocol : Protocol
    secrecy, correctness : float
        Probabilities of failure of the whole block.
    bounds : {"hoeffding", "chernoff", "tight", "none"}
        "none" is the limit of infinite blocks: no deviations, no fixed cost.
    finite_leak : bool
        Whether error correction publishes at least what Tomamichel et al. (2017), Quantum Inf. Process. 16:280,
        equation for one-way codes, say of a finite block.
    capped : bool, optional
        Whether single photons are given no more errors than were seen in all, which is true and not in Lim et al.
        (2014); by default with Chernoff's bounds, as in Sidhu et al. (2022).
    """
    from accord.systems.qkd.kernels.proofs import key_lengths

    if protocol.decoys not in (1, 2) or (protocol.decoys == 1 and bounds == "tight"):
        raise ModelError(f"{protocol.decoys} decoys with bounds {bounds!r}: no such proof here")
    given = [counts.key, counts.key_errors, counts.test, counts.test_errors]
    given += [protocol.intensities, protocol.probabilities]
    narrow = [protocol.error_correction, secrecy, correctness]
    shape = np.broadcast_shapes(*(np.shape(a)[:-1] for a in given), *(np.shape(a) for a in narrow))
    wide = [np.ascontiguousarray(np.broadcast_to(a, (*shape, 3)), float).reshape(-1, 3) for a in given]
    flat = [np.ascontiguousarray(np.broadcast_to(a, shape), float).reshape(-1) for a in narrow]
    out = np.empty((len(flat[0]), 7))
    capped = bounds in ("chernoff", "tight") if capped is None else capped
    flags = (BOUNDS.index(bounds), protocol.decoys, finite_leak, capped)
    key_lengths(*wide, *flat, *flags, out)  # type: ignore[call-arg]
    columns = [np.asarray(out[:, i].reshape(shape)) for i in range(7)]
    return KeyLength(
        length=columns[0],
        vacuum=columns[1],
        single=columns[2],
        phase_error=columns[3],
        error_rate=columns[4],
        leak=columns[5],
        penalty=columns[6],
    )
