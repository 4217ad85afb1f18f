"""Run one system by itself on its example: for conformance checks, tests and first looks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract.context import MemberContext
from accord.contract.results import Horizon, SystemResult
from accord.contract.spread import Spread
from accord.contract.streams import generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.contract.design import DesignModel
    from accord.contract.system import System

    FloatArray = NDArray[np.float64]

__all__ = ["HORIZON", "Alone", "default_spread"]

HORIZON = Horizon(date(2027, 1, 1), date(2027, 12, 31), date(2041, 12, 31))


def default_spread(system: System, name: str) -> Spread:
    """Return the spread a member input has when nothing is said: its own, else its default, else mid-range."""
    declared = system.inputs[name]
    if declared.spread is not None:
        return declared.spread
    value = declared.default if declared.default is not None else 0.5 * (declared.low + declared.high)
    return Spread.of("constant", value=value)


@dataclass(slots=True)
class Alone:
    """A system on its example design, with default inputs and no neighbours.

    Parameters
    ----------
    system : System
    design : mapping, optional
        In file syntax; the system's example when absent.
    folder : Path
        For files that the design names.
    seed : int
    """

    system: System
    design: Mapping[str, Any] | None = None
    folder: Path = Path()
    seed: int = 1
    _prepared: dict[str, Any] | None = None

    def model(self) -> DesignModel:
        """Return the validated design."""
        return self.system.Design.model_validate(dict(self.design or self.system.example))

    def fixed(self) -> dict[str, float]:
        """Return design-role inputs at their defaults."""
        roles = {k: v for k, v in self.system.inputs.items() if v.role == "design"}
        return {k: float(default_spread(self.system, k).quantile(0.5)) for k in roles}

    def context(self, start: int = 0, stop: int = 0) -> MemberContext:
        """Return a context for members ``start..stop``; required ports that carry numbers hold ones."""
        ports = {
            k: np.ones(stop - start)
            for k, p in self.system.ports.items()
            if p.kind is float and not p.optional
        }
        return MemberContext(
            name=self.system.name,
            design=self.model(),
            fixed=self.fixed(),
            ports=ports,
            horizon=HORIZON,
            folder=self.folder,
            seed=self.seed,
            start=start,
            stop=stop,
        )

    def spreads(self) -> dict[str, Spread]:
        """Return the spread of every member input, the design's own columns included."""
        spreads = {
            k: default_spread(self.system, k) for k, v in self.system.inputs.items() if v.role == "member"
        }
        if self.system.columns is not None:
            for key, column in self.system.columns(self.model()).items():
                spreads[key] = (
                    column.value if isinstance(column.value, Spread) else Spread.of("constant", value=1.0)
                )
        return spreads

    def draw(self, n: int) -> dict[str, FloatArray]:
        """Draw member inputs independently, shape (n,) each."""
        members: dict[str, FloatArray] = {}
        for name, spread in self.spreads().items():
            values = spread.ppf(generator(self.seed, name).random(n))
            declared = self.system.inputs.get(name)
            members[name] = values if declared is None else np.clip(values, declared.low, declared.high)
        return members

    def prepared(self) -> dict[str, Any]:
        """Return what ``prepare`` gives, once."""
        if self._prepared is None:
            self._prepared = {}
            if self.system.prepare is not None:
                self._prepared = dict(self.system.prepare(self.model(), self.context()))
        return self._prepared

    def evaluate(
        self, members: Mapping[str, FloatArray], start: int = 0
    ) -> tuple[dict[str, FloatArray], dict[int, str]]:
        """Evaluate members; return outputs and the failed members with their reasons."""
        n = len(next(iter(members.values()))) if members else 1
        context = self.context(start, start + n)
        with np.errstate(all="ignore"):
            outputs = self.system.evaluate(members, self.prepared(), context)
        return {k: np.asarray(v) for k, v in outputs.items()}, context.failures

    def labels(self) -> dict[str, tuple[str, ...]]:
        """Return the labels of every dim."""
        return dict(self.system.labels(self.model())) if self.system.labels is not None else {}

    def result(self, n: int = 64) -> SystemResult:
        """Return a result as the dossier would see it."""
        members = self.draw(n)
        outputs, failures = self.evaluate(members)
        ok = np.ones(n, dtype=bool)
        ok[list(failures)] = False
        return SystemResult(
            name=self.system.name,
            kind=self.system.name,
            title=self.system.title,
            design=self.model(),
            prepared=self.prepared(),
            members={k: v[ok] for k, v in members.items()},
            outputs={k: v[ok] for k, v in outputs.items()},
            horizon=HORIZON,
            labels=self.labels(),
            failures=failures,
        )

    def design_text(self) -> str:
        """Return the design as canonical JSON, as the cache key sees it."""
        return json.dumps(self.model().model_dump(mode="json", by_alias=True, fallback=str), sort_keys=True)
