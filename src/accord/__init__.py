"""Accord: from announcement to evidence.

``load`` a programme file, ``plan`` and ``draw`` it, ``run`` it, ``judge`` its claims, ``build`` the dossier.
Names are resolved on first use, so that ``import accord`` stays instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "load": "accord.programme.loader",
    "check": "accord.programme.check",
    "plan": "accord.engine.plan",
    "draw": "accord.engine.draw",
    "run": "accord.engine.execute",
    "judge": "accord.evidence.judge",
    "build": "accord.dossier.build",
}
__all__ = ["__version__", "build", "check", "draw", "judge", "load", "plan", "run"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'accord' has no attribute {name!r}")
