"""How long a job waits for one of several equal servers.

Erlang (1917); Allen (1990), Probability, Statistics, and Queueing Theory, 2nd ed., section 5.2 (M/M/c) and the
approximation of Allen & Cunneen for services that vary otherwise than exponentially.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Waiting", "erlang_c", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a job meets, shape (...) each.

    Attributes
    ----------
    utilisation : float array
        Share of the servers' time that is used; where it reaches one the queue grows without end.
    mean_s, p50_s, p95_s : float array [s]
        Time before service begins; infinite where the queue grows without end.
    """

    utilisation: FloatArray
    mean_s: FloatArray
    p50_s: FloatArray
    p95_s: FloatArray


def erlang_c(load: ArrayLike, servers: int) -> FloatArray:
    """Return the probability that a job has to wait.

    Parameters
    ----------
    load : float array
        Arrivals times mean service, in erlang; below ``servers``.
    servers : int
        Number of servers, up to 10,000.

    Raises
    ------
    accord.errors.ModelError
        When the servers cannot be so many, or a load is not from 0 to below their number.
    """
    load = np.asarray(load, dtype=float)
    if not 1 <= servers <= 10_000:
        raise ModelError(f"{servers} servers, expected 1 to 10,000")
    if not np.all((load >= 0.0) & (load < servers)):
        raise ModelError(f"a load that is not from 0 to below {servers} erlang")
    blocked = np.ones_like(load)
    for k in range(1, servers + 1):  # Erlang's loss formula, from none to all of the servers
        blocked = load * blocked / (k + load * blocked)
    return np.asarray(blocked / (1.0 - load / servers * (1.0 - blocked)))


def waiting(
    arrivals_per_h: ArrayLike, service_s: ArrayLike, servers: int, *, variability: float = 1.0
) -> Waiting:
    """Return utilisation and waits of random arrivals at several servers.

    Exact for exponential services; for others the waits are scaled by ``(1 + variability) / 2`` (Allen & Cunneen),
    which is exact in the mean for one server and keeps the probability of waiting at all.

    Parameters
    ----------
    arrivals_per_h, service_s : float array
        Mean rate of jobs and mean time of service.
    servers : int
    variability : float
        Variance of the service time over its squared mean: 1 exponential, 0 constant.

    Raises
    ------
    accord.errors.ModelError
        When a number is negative or not finite.
    """
    rate, service = np.broadcast_arrays(
        np.asarray(arrivals_per_h, dtype=float) / 3600.0, np.asarray(service_s, dtype=float)
    )
    if not (np.all(np.isfinite(rate) & (rate >= 0.0)) and np.all(np.isfinite(service) & (service > 0.0))):
        raise ModelError("arrivals must be finite and at least 0, service times finite and above 0")
    if not (np.isfinite(variability) and variability >= 0.0):
        raise ModelError(f"variability {variability}: expected at least 0")
    load = rate * service
    stable = load < servers
    late = erlang_c(np.where(stable, load, 0.0), servers)
    scale = np.where(
        stable, 0.5 * (1.0 + variability) * service / np.where(stable, servers - load, 1.0), np.inf
    )
    late = np.where(stable, late, 1.0)

    def quantile(share: float) -> FloatArray:
        # P(wait > t) = late exp(-t / scale)
        over = np.maximum(np.log(np.maximum(late, 1e-300) / (1.0 - share)), 0.0)
        return np.asarray(np.where(over > 0.0, scale * np.maximum(over, 1e-300), 0.0))

    return Waiting(
        utilisation=np.asarray(load / servers),
        mean_s=np.asarray(late * scale),
        p50_s=quantile(0.5),
        p95_s=quantile(0.95),
    )
