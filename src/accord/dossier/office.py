"""What a programme office looks for: risks, what is to be cleared, the results framework, where its form is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from accord.systems import flags

if TYPE_CHECKING:
    from accord.engine.records import Plan, Run
    from accord.evidence.ledger import Ledger

__all__ = ["checklist", "crosswalk", "results_framework", "risk_register"]

_EFFECTS = (("delay", "delay"), ("cost_factor", "cost factor"), ("scale", "scope left"))


def risk_register(run: Run) -> list[dict[str, str]]:
    """Return one row a risk of the programme file, as it stands there: none is added and none is ranked.

    Risks that share a factor tend to strike together: they are listed side by side.
    """
    plan = run.plan
    names = _activities(plan)
    rows = []
    for key, risk in plan.programme.risks.items():
        if not isinstance(risk, Mapping):
            continue
        effects = [
            f"{word} {_told(risk[name], plan)}" for name, word in _EFFECTS if risk.get(name) is not None
        ]
        stops, hits = _targets(risk.get("stops"), names), _targets(risk.get("hits"), names)
        window = risk.get("window")
        rows.append(
            {
                "risk": key,
                "title": str(risk.get("title") or key),
                "probability": _told(risk.get("probability"), plan),
                "effect": "; ".join([*effects, *(["ends it for good"] if stops else [])]),
                "hits": "; ".join(x for x in (hits, stops) if x),
                "window": " to ".join(str(day) for day in window) if window else "any time",
                "factor": str(risk.get("factor") or ""),
                "owner": str(risk.get("owner") or "nobody named"),
            }
        )
    return sorted(rows, key=lambda row: row["factor"])  # stable: the order of the file within a factor


_TOPICS = ("environment", "social", "legal", "regulatory")


def checklist(run: Run) -> tuple[list[dict[str, str]], list[str]]:
    """Return what is to be cleared, by topic and then in the order of the systems, and the systems without a list.

    The lists belong to the kinds of systems, not to the programme: nobody has answered any of it yet.
    """
    rows, without = [], []
    for node in run.plan.nodes.values():
        found = flags(node.kind)
        if not found:
            without.append(node.title)
        rows += [{**row, "system": node.title, "anchor": node.name} for row in found]
    return sorted(rows, key=lambda row: _TOPICS.index(row["topic"])), without


def _activities(plan: Plan) -> dict[Any, str]:
    return {s.get("id"): s.get("name", "") for s in plan.programme.schedule if isinstance(s, Mapping)}


def _targets(found: Sequence[str] | None, names: Mapping[Any, str]) -> str:
    return ", ".join(names.get(name) or name for name in found or ())


def _told(value: Any, plan: Plan) -> str:
    """Return a value of the programme file in words: a number, a spread, or a named input with its spread."""
    if isinstance(value, Mapping):
        if "ref" in value:
            column = plan.columns.get(str(value["ref"]))
            return f"{value['ref']}: {column.spread.describe()}" if column is not None else str(value["ref"])
        rest = ", ".join(
            f"{k} {v}" for k, v in value.items() if k not in {"dist", "doc", "source", "pedigree"}
        )
        return f"{value.get('dist', '')} ({rest})" if rest else str(value.get("dist", ""))
    return str(value)


def results_framework(run: Run, ledger: Ledger) -> list[dict[str, str]]:
    """Return one row a tested claim: the indicator, what the claim wants, what the ensemble gives, source and date.

    The form is that of a results framework and its monitoring (World Bank, Project Appraisal Document, annex 1),
    with one addition: the median and range of the models stand beside the target, so that the target is not
    mistaken for a forecast.
    """
    sources = run.plan.programme.sources
    tests = {claim.id: claim.test for claim in run.plan.programme.claims}
    names = _activities(run.plan)
    rows = []
    for row in ledger.rows:
        test = tests.get(row.id)
        if test is None or row.probability is None or row.class_ == "fact":
            continue
        date = test.by or test.at
        source = sources.get(row.source)
        rows.append(
            {
                "claim": row.id,
                "indicator": names.get(test.event) or row.test or row.quantity,
                "baseline": "the case without the programme" if test.baseline else "none stated",
                "target": row.threshold_shown,
                "date": date.isoformat() if date is not None else "none stated",
                "p10": row.shown[0] if row.shown else "",
                "p50": row.shown[1] if row.shown else "",
                "p90": row.shown[2] if row.shown else "",
                "probability": row.probability_text,
                "source": source.title if source is not None else row.source,
            }
        )
    return rows


def crosswalk() -> list[dict[str, str]]:
    """Return where the parts of four kinds of appraisal document are answered; parts that are not say so."""
    import yaml

    path = files("accord.dossier") / "data" / "crosswalk.yaml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["rows"]
    return [{key: str(row.get(key, "")) for key in ("document", "part", "section", "note")} for row in rows]
