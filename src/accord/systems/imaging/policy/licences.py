"""What a licence of an input asks of everything made from it, followed through the steps of a plan."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from accord.systems.imaging.policy.plan import Plan, read_yaml

__all__ = ["licence_findings", "origins"]


@cache
def _known() -> dict[str, dict[str, Any]]:
    path = Path(str(files("accord.systems.imaging.policy") / "data" / "licences.yaml"))
    found: dict[str, dict[str, Any]] = read_yaml(path)
    return found


def origins(plan: Plan) -> dict[str, set[str]]:
    """Return for each asset every asset that went into it, through all steps."""
    found: dict[str, set[str]] = {a.id: set() for a in plan.assets}
    for step in plan.order():
        below = set(step.inputs).union(*(found[name] for name in step.inputs))
        for name in step.outputs:
            found[name] |= below
    return found


def licence_findings(plan: Plan) -> list[tuple[str, str]]:
    """Return asset and what is wrong with its licence, given all that went into it."""
    known, found = _known(), []
    for asset in plan.assets:
        if asset.licence not in known:
            found.append(
                (asset.id, f"licence {asset.licence!r} is not in the table; nobody can say what it asks")
            )
    for name, sources in origins(plan).items():
        made = plan.asset(name)
        for source in sorted({*sources, name}):
            asks = known.get(plan.asset(source).licence, {})
            through = "" if source == name else f" from {source} ({plan.asset(source).licence})"
            if asks.get("non_commercial") and made.commercial_use:
                found.append((name, f"commercial use is not allowed{through}"))
            if source == name:
                continue
            if asks.get("no_derivatives"):
                found.append((name, f"nothing may be made{through}"))
            if asks.get("share_alike") and made.licence not in asks["share_alike"]:
                allowed = ", ".join(asks["share_alike"])
                found.append((name, f"must carry {allowed}{through}, but is {made.licence}"))
            if asks.get("unknown"):
                found.append((name, f"made{through}, whose terms are unknown"))
    return found
