"""Settings of the sender that give most key: intensities, their probabilities, the basis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.systems.qkd.finite_key import Protocol, key_length
from accord.systems.qkd.link import Receiver, expected_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["NEAR_VACUUM", "best_protocol", "protocol_of"]

NEAR_VACUUM = 2e-4  # what an intensity modulator leaves of a pulse, Lim et al. (2014)
_STARTS = ((0.90, 0.4, 0.40, 0.45, 0.20), (0.75, 0.3, 0.45, 0.45, 0.18), (0.60, 0.2, 0.50, 0.50, 0.15))


def protocol_of(settings: FloatArray, error_correction: float) -> Protocol:
    """Return the protocol of (key basis probability, p1, p2, mu1, mu2)."""
    basis, p1, p2, mu1, mu2 = (float(v) for v in settings)
    return Protocol(
        key_basis_probability=basis,
        intensities=np.array([mu1, mu2, NEAR_VACUUM]),
        probabilities=np.array([p1, p2, 1.0 - p1 - p2]),
        error_correction=error_correction,
    )


def best_protocol(
    transmittance: float,
    receiver: Receiver,
    block: float,
    *,
    secrecy: float = 1e-9,
    correctness: float = 1e-15,
    error_correction: float = 1.16,
    kappa: float | None = None,
) -> Protocol:
    """Return the settings with the most key a pulse, by Nelder & Mead's simplex from three starts.

    The length is not cut at zero on the way: a search on the cut one finds only a plain where there is no key.

    Parameters
    ----------
    transmittance : float
    receiver : Receiver
        With arrays of shape (1,).
    block : float
        Sifted detections in the key basis.
    kappa : float, optional
        Secrecy a bit, in place of `secrecy` for the block.
    """
    from scipy.optimize import minimize

    through = np.array([transmittance])

    def loss(free: FloatArray) -> float:
        protocol = protocol_of(_bounded(free), error_correction)
        if protocol.intensities[0] <= protocol.intensities[1] + NEAR_VACUUM:
            return 1e6
        counts, pulses = expected_counts(through, protocol, receiver, block)
        eps = secrecy if kappa is None else kappa * block / 4.0
        found = key_length(counts, protocol, secrecy=eps, correctness=correctness)
        length = float(found.length[0])
        return -float(np.log(length / pulses[0])) if length > 0.0 else 100.0 + float(np.arcsinh(-length))

    best: tuple[float, FloatArray] | None = None
    for start in _STARTS:
        begin = _free(np.array(start))
        for _ in range(3):  # a restart keeps the simplex from settling on a slope
            options = {"maxiter": 900, "xatol": 1e-5, "fatol": 1e-9}
            done = minimize(  # type: ignore[no-untyped-call]
                loss, begin, method="Nelder-Mead", options=options
            )
            begin = np.asarray(done.x)
        if best is None or float(done.fun) < best[0]:
            best = (float(done.fun), begin)
    assert best is not None
    return protocol_of(_bounded(best[1]), error_correction)


def _bounded(free: FloatArray) -> FloatArray:
    """Return settings in range for any real numbers: probabilities add to one, mu2 lies below mu1."""
    basis = 1.0 / (1.0 + np.exp(-free[0]))
    raised = np.exp(np.append(free[1:3], 0.0) - max(free[1], free[2], 0.0))
    p1, p2, _ = raised / raised.sum()
    mu1 = 1.0 / (1.0 + np.exp(-free[3]))
    mu2 = NEAR_VACUUM + (mu1 - NEAR_VACUUM) / (1.0 + np.exp(-free[4]))
    return np.array([basis, p1, p2, mu1, mu2])


def _free(settings: FloatArray) -> FloatArray:
    basis, p1, p2, mu1, mu2 = settings
    p3, inner = 1.0 - p1 - p2, (mu2 - NEAR_VACUUM) / (mu1 - NEAR_VACUUM)

    def logit(p: float) -> float:
        return float(np.log(p / (1.0 - p)))

    return np.array([logit(basis), np.log(p1 / p3), np.log(p2 / p3), logit(mu1), logit(inner)])
