"""Plan, draw, execute, keep: from a loaded programme to a run."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {"plan": "plan", "draw": "draw", "run": "execute", "Options": "execute", "RunFolder": "store"}
__all__ = ["Options", "RunFolder", "draw", "plan", "run"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"accord.engine.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'accord.engine' has no attribute {name!r}")
