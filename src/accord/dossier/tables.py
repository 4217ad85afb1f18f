"""Every table of the page as CSV and JSON beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.dossier.office import checklist, results_framework, risk_register
from accord.engine.mappings import write_bytes, write_json

if TYPE_CHECKING:
    from accord.dossier.chapters import Chapter
    from accord.engine.records import Run
    from accord.evidence.ledger import Ledger

__all__ = ["Table", "ledger_rows", "safe", "tables_of", "write_table"]

Table = Sequence[Mapping[str, Any]]
_STARTS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def safe(value: Any) -> Any:
    """Return a cell that no spreadsheet will run: text that looks like a formula gets a leading apostrophe.

    See OWASP, "CSV injection": =, +, -, @, their full-width forms, tab and line ends start formulas.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in _STARTS:
        return "'" + value
    return value


def write_table(folder: Path, name: str, rows: Table) -> None:
    """Write ``NAME.csv`` (RFC 4180, UTF-8) and ``NAME.json``; columns are the keys in order of first appearance.

    Raises
    ------
    FileError
        When the folder cannot be written.
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([safe(column) for column in columns])
    for row in rows:
        writer.writerow([safe(row.get(key)) for key in columns])
    write_bytes(folder / f"{name}.csv", stream.getvalue().encode())
    write_json(folder / f"{name}.json", {"schema": f"accord/table/{name}/1", "rows": list(rows)})


def ledger_rows(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the ledger as flat rows."""
    return [
        {
            "id": row.id,
            "class": row.class_,
            "modality": row.modality,
            "source": row.source,
            "lines": " ".join(str(n) for n in row.lines),
            "text": row.text,
            "system": row.system,
            "test": row.test,
            "verdict": row.verdict,
            "reason": row.reason,
            "probability": row.probability,
            "probability_low": row.probability_low,
            "probability_high": row.probability_high,
            "likelihood": row.likelihood,
            "confidence": row.confidence,
            "quantity": row.quantity,
            "unit": row.unit,
            "p10": row.p10,
            "p50": row.p50,
            "p90": row.p90,
            "threshold": row.thresholds[0] if row.thresholds else None,
            "threshold_high": row.thresholds[1] if len(row.thresholds) > 1 else None,
            "members": row.members,
            "failed": row.failed,
            "top_driver": row.drivers[0].column if row.drivers else "",
            "break_even": row.flip.text if row.flip else "",
        }
        for row in ledger.rows
    ]


def tables_of(run: Run, ledger: Ledger, told: Sequence[Chapter]) -> dict[str, Table]:
    """Return every table of the page by the name of its file."""
    tables: dict[str, Table] = {
        "ledger": ledger_rows(ledger),
        "evidence": [{"claim": row.id, **dict(item)} for row in ledger.rows for item in row.evidence],
        "routes": [{"claim": row.id, **asdict(route)} for row in ledger.rows for route in row.routes],
        "drivers": [{"claim": row.id, **asdict(driver)} for row in ledger.rows for driver in row.drivers],
        "influences": [
            {
                "claim": row.id,
                "method": row.influences.method,
                "of": row.influences.of,
                **asdict(influence),
                "pawn_noise": row.influences.pawn_noise,
                "left_to_others": row.influences.left,
            }
            for row in ledger.rows
            if row.influences is not None
            for influence in row.influences.rows
        ],
        "scenarios": [asdict(effect) for effect in ledger.scenarios],
        "convergence": [asdict(point) for point in ledger.convergence],
        "coherence": [
            {"kind": d.kind, "first": d.first, "second": d.second, "text": d.text} for d in ledger.drifts
        ],
        "inputs": [
            {
                "column": c.name,
                "unit": c.unit,
                "spread": c.spread.describe(),
                "doc": c.doc,
                "source": c.source,
                "pedigree": "-".join(str(s) for s in c.pedigree) if c.pedigree else "",
            }
            for c in run.plan.columns.values()
        ],
        "risks": risk_register(run),
        "flags": checklist(run)[0],
        "results": results_framework(run, ledger),
        "systems": [
            {
                "system": name,
                "kind": node.kind,
                "title": node.title,
                "state": run.statuses[name].state,
                "reason": run.statuses[name].reason,
                "failed_members": run.statuses[name].failed_members,
            }
            for name, node in run.plan.nodes.items()
        ],
        "sources": [
            {"source": key, **source.model_dump(mode="json")}
            for key, source in run.plan.programme.sources.items()
        ],
    }
    for chapter in told:
        tables[f"{chapter.name}-outputs"] = [
            {key: row[key] for key in ("key", "label", "doc", "unit", "p10", "p50", "p90")}
            for row in chapter.outputs
        ]
        tables[f"{chapter.name}-validation"] = list(chapter.validation)
    return tables
