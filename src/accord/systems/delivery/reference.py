"""Reference classes: how actual cost and duration of finished projects compared with their estimates.

The ratio r = actual / estimate is a mixture: a lognormal body below 1.5 and a Pareto tail from 1.5 upwards,
after the statistics in which project records are published (mean overrun, share of projects more than 50 %
over, mean overrun of those; Flyvbjerg & Gardner 2023). A triple that no such mixture can have is refused.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from accord.errors import FileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["TAIL_START", "ReferenceClass", "parse", "read"]

LEAST_ALPHA = 1.1  # a Pareto tail at or below it has no mean that a sample could tell
TAIL_START = 1.5  # overruns above 50 % count as the tail in the published statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceClass:
    """The ratio of actual to estimate for one kind of project.

    Attributes
    ----------
    name, kind : str
        The class, and ``"cost"`` or ``"schedule"``.
    mean : float [1]
        Mean overrun, 0.73 for 73 % above the estimate.
    tail_share, tail_mean : float [1]
        Share of projects more than 50 % over, and the mean overrun of those.
    body_log_sd : float [1]
        Standard deviation of ln r of the body before it is cut at 1.5.
    cap : float [1]
        Largest ratio: beyond it projects are re-scoped or abandoned rather than finished.
    source, basis, note : str
        Citation, how the numbers were obtained, and what to beware of.
    """

    name: str
    kind: str
    mean: float
    tail_share: float
    tail_mean: float
    body_log_sd: float
    cap: float
    source: str
    basis: str
    note: str = ""

    def __post_init__(self) -> None:
        where = f"reference class {self.name!r} ({self.kind})"
        if self.kind not in {"cost", "schedule"}:
            raise FileError(f"{where}: kind must be cost or schedule")
        if not 0.0 <= self.tail_share < 1.0:
            raise FileError(f"{where}: tail share {self.tail_share:g} must be at least 0 and below 1")
        if self.tail_share > 0.0 and self.tail_mean < TAIL_START - 1.0:
            raise FileError(
                f"{where}: a tail of overruns above 50 % cannot have the mean {self.tail_mean:.1%}"
            )
        if not -1.0 < self.body_mean < TAIL_START - 1.0:
            raise FileError(
                f"{where}: mean {self.mean:.1%}, tail share {self.tail_share:.1%} and tail mean "
                f"{self.tail_mean:.1%} leave a body with the mean {self.body_mean:.1%}, "
                "which must lie between -100 % and 50 %"
            )
        if self.tail_share > 0.0 and self.alpha <= LEAST_ALPHA:
            raise FileError(
                f"{where}: a tail mean of {self.tail_mean:.0%} gives the tail index {self.alpha:.2f}: at "
                f"{LEAST_ALPHA} or less a mean is set by the largest project alone and says nothing"
            )
        if not (self.body_log_sd > 0.0 and self.cap > TAIL_START):
            raise FileError(f"{where}: body_log_sd must be positive and cap above {TAIL_START}")

    @property
    def body_mean(self) -> float:
        """Mean overrun of the projects outside the tail [1]: (m - q t) / (1 - q)."""
        return (self.mean - self.tail_share * self.tail_mean) / (1.0 - self.tail_share)

    @property
    def alpha(self) -> float:
        """Tail index of the Pareto tail [1]: a/(a-1) = (1 + t)/1.5; infinite when the tail is one point."""
        ratio = (1.0 + self.tail_mean) / TAIL_START
        return ratio / (ratio - 1.0) if ratio > 1.0 else math.inf

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return quantiles of r = actual / estimate.

        Parameters
        ----------
        u : float array, any shape [1]
            Probabilities strictly between 0 and 1.

        Returns
        -------
        float array, same shape [1]
        """
        body_share = 1.0 - self.tail_share
        location, mass = _body(1.0 + self.body_mean, self.body_log_sd)
        inside = np.minimum(u / body_share, 1.0 - 1e-12) * mass
        body: FloatArray = np.minimum(np.exp(location + self.body_log_sd * ndtri(inside)), TAIL_START)
        if self.tail_share == 0.0:
            return body
        beyond = np.minimum((1.0 - u) / self.tail_share, 1.0)
        tail = np.minimum(TAIL_START * beyond ** (-1.0 / self.alpha), self.cap)
        return np.where(u < body_share, body, tail)

    def cdf(self, ratio: float) -> float:
        """Return the share of projects at or below a ratio [1]."""
        body_share = 1.0 - self.tail_share
        if ratio >= self.cap:
            return 1.0
        if ratio < TAIL_START:
            location, mass = _body(1.0 + self.body_mean, self.body_log_sd)
            return body_share * float(ndtr((math.log(ratio) - location) / self.body_log_sd)) / mass
        return float(1.0 - self.tail_share * (ratio / TAIL_START) ** (-self.alpha))


@cache
def _body(mean: float, log_sd: float) -> tuple[float, float]:
    """Return the location of the lognormal that has this mean once cut at 1.5, and its mass below the cut.

    The mean of a lognormal cut at b is exp(mu + s^2/2) Phi(z - s) / Phi(z) with z = (ln b - mu)/s; it grows
    with mu from 0 to b, so it is bisected.
    """
    edge = math.log(TAIL_START)

    def cut_mean(mu: float) -> float:
        z = (edge - mu) / log_sd
        return math.exp(mu + 0.5 * log_sd**2 + float(log_ndtr(z - log_sd)) - float(log_ndtr(z)))

    low, high = math.log(mean) - 5.0, edge + 50.0 * log_sd
    for _ in range(200):
        middle = 0.5 * (low + high)
        if cut_mean(middle) < mean:
            low = middle
        else:
            high = middle
    location = 0.5 * (low + high)
    return location, float(ndtr((edge - location) / log_sd))


def parse(lines: Iterable[str], where: str) -> dict[tuple[str, str], ReferenceClass]:
    """Read rows of reference classes, percentages as published.

    Parameters
    ----------
    lines : iterable of str
        CSV with the header
        ``class,kind,mean_percent,tail_share_percent,tail_mean_percent,body_log_sd,cap,basis, source,note``.
        An empty tail share means that no tail was published: the body stands alone.
    where : str
        Named in errors.

    Returns
    -------
    dict of (class, kind) to ReferenceClass

    Raises
    ------
    FileError
        For text in place of numbers, a row given twice, a missing source, or a triple that contradicts
        itself.
    """
    found: dict[tuple[str, str], ReferenceClass] = {}
    for row in csv.DictReader(lines):
        key = (row["class"], row["kind"])
        if key in found:
            raise FileError(f"{where}: reference class {key[0]!r} ({key[1]}) is given twice")
        if not row["source"] or not row["basis"]:
            raise FileError(
                f"{where}: reference class {key[0]!r} ({key[1]}): source and basis must not be empty"
            )
        try:
            percent = [
                float(row[k] or 0.0) for k in ("mean_percent", "tail_share_percent", "tail_mean_percent")
            ]
            shape = [float(row[k]) for k in ("body_log_sd", "cap")]
        except (TypeError, ValueError):
            raise FileError(f"{where}: reference class {key[0]!r} ({key[1]}): expected numbers") from None
        mean, share, tail = (round(value / 100.0, 12) for value in percent)
        found[key] = ReferenceClass(
            name=key[0],
            kind=key[1],
            mean=mean,
            tail_share=share,
            tail_mean=tail,
            body_log_sd=shape[0],
            cap=shape[1],
            source=row["source"],
            basis=row["basis"],
            note=row["note"] or "",
        )
    return found


@cache
def _shipped() -> Mapping[tuple[str, str], ReferenceClass]:
    path = files("accord.systems.delivery") / "data" / "reference_classes.csv"
    return parse(path.read_text(encoding="utf-8").splitlines(), path.name)


def read() -> dict[tuple[str, str], ReferenceClass]:
    """Return the shipped classes by (class, kind)."""
    return dict(_shipped())
