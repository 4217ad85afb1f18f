"""Base rates: how often promises of a kind were kept, as Beta distributions with their source.

The second route to the probability of a claim, beside the engineering ensemble: before anybody looks at the
programme itself, how often did announcements of this kind come true?
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from accord.errors import FileError

__all__ = ["BaseRate", "parse", "read"]


@dataclass(frozen=True, slots=True)
class BaseRate:
    """How often promises of one kind were kept: ``Beta(alpha, beta)``.

    Attributes
    ----------
    alpha, beta : float
        Both positive; ``alpha + beta`` is the weight of the evidence in equivalent cases.
    title : str
        The kind of promise.
    source : str
        Where the frequency was published, and how the weight was chosen.
    """

    alpha: float
    beta: float
    title: str
    source: str

    @property
    def mean(self) -> float:
        """Share of promises kept [1]."""
        return self.alpha / (self.alpha + self.beta)

    def quantile(self, p: float) -> float:
        """Return a quantile of the share of promises kept [1]."""
        from scipy.special import betaincinv

        return float(betaincinv(self.alpha, self.beta, p))


def parse(lines: Iterable[str], where: str) -> dict[str, BaseRate]:
    """Read rows ``name,alpha,beta,title,source``.

    Parameters
    ----------
    lines : iterable of str
        Text of a CSV file with that header.
    where : str
        Named in errors.

    Raises
    ------
    FileError
        For a name given twice, parameters that are not positive numbers, or a row without title or source.
    """
    found: dict[str, BaseRate] = {}
    for row in csv.DictReader(lines):
        name = row.get("name") or ""
        if name in found:
            raise FileError(f"{where}: base rate {name!r} is given twice")
        try:
            alpha, beta = float(row["alpha"]), float(row["beta"])
        except (KeyError, TypeError, ValueError):
            raise FileError(f"{where}: base rate {name!r}: alpha and beta must be numbers") from None
        if not (0.0 < alpha < math.inf and 0.0 < beta < math.inf):
            raise FileError(
                f"{where}: base rate {name!r}: alpha and beta must be positive, got {alpha:g} and {beta:g}"
            )
        if not (name and row.get("title") and row.get("source")):
            raise FileError(f"{where}: base rate {name!r}: name, title and source must not be empty")
        found[name] = BaseRate(alpha, beta, row["title"], row["source"])
    return found


@cache
def _shipped() -> Mapping[str, BaseRate]:
    path = files("accord.contract") / "data" / "base_rates.csv"
    return parse(path.read_text(encoding="utf-8").splitlines(), path.name)


def read() -> dict[str, BaseRate]:
    """Return the base rates that are shipped, by name."""
    return dict(_shipped())
