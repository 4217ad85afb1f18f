"""Every table of the page as CSV and JSON beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.engine.mappings import write_bytes, write_json

if TYPE_CHECKING:
    from accord.evidence.ledger import Ledger

__all__ = ["ledger_rows", "safe", "write_table"]

Table = Sequence[Mapping[str, Any]]


def safe(value: Any) -> Any:
    """Return a cell that no spreadsheet will run: text that looks like a formula gets a leading apostrophe.

    See OWASP, "CSV injection": =, +, -, @, tab and carriage return start formulas.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
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
    writer.writerow(columns)
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
            "threshold": " ".join(f"{t:.6g}" for t in row.thresholds),
            "members": row.members,
            "failed": row.failed,
            "top_driver": row.drivers[0].column if row.drivers else "",
            "break_even": row.flip.text if row.flip else "",
        }
        for row in ledger.rows
    ]
