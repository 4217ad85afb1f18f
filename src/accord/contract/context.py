"""The context lent to a system: one for ``prepare``, one for each chunk of ``evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract.results import Horizon
from accord.contract.streams import member_uniforms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.contract.design import DesignModel

__all__ = ["MemberContext"]


def _silent(done: float, total: float, note: str) -> None:
    """Take progress and show nothing."""


@dataclass(slots=True, kw_only=True)
class MemberContext:
    """Implements `accord.contract.Context` for members ``start..stop`` of one system."""

    name: str
    design: DesignModel
    fixed: Mapping[str, float]
    ports: Mapping[str, Any]
    horizon: Horizon
    folder: Path
    seed: int = 0
    start: int = 0
    stop: int = 0
    streams: NDArray[np.int64] | None = None
    report: Callable[[float, float, str], None] = _silent
    spread_over: Callable[[Callable[[Any], Any], Iterable[Any]], Sequence[Any]] | None = None
    failures: dict[int, str] = field(default_factory=dict)

    def uniform(self, name: str, width: int = 1) -> NDArray[np.float64]:
        """Return uniforms of shape (members, width) keyed by (seed, system, name, member)."""
        keys = (self.seed, "model", self.name, name)
        if self.streams is None:
            return member_uniforms(self.start, self.stop, width, *keys)
        first, last = int(self.streams.min()), int(self.streams.max())
        return member_uniforms(first, last + 1, width, *keys)[self.streams - first]

    def progress(self, done: float, total: float, note: str = "") -> None:
        """Report progress."""
        self.report(done, total, note)

    def fail(self, members: NDArray[Any], reason: str) -> None:
        """Mark members as failed; the first reason given for a member stands."""
        for index in np.flatnonzero(members):
            self.failures.setdefault(self.start + int(index), reason)

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Sequence[Any]:
        """Apply a function to each item, in order."""
        if self.spread_over is None:
            return [function(item) for item in items]
        return self.spread_over(function, items)
