"""Write the dossier: one HTML page that needs nothing else, and every table and figure beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from accord import units
from accord.dossier.chapters import Chapter, chapters, source_title
from accord.dossier.claimreview import claim_reviews
from accord.dossier.sketches import COLOURS, couplings, slug, strip, verdict_bar
from accord.dossier.tables import ledger_rows, write_table
from accord.engine.mappings import write_bytes, write_json

if TYPE_CHECKING:
    from jinja2 import Environment

    from accord.engine.records import Run
    from accord.evidence.ledger import Ledger, Row

__all__ = ["build"]

_FACTS = {"supported", "contradicted", "misleading", "unconfirmed"}
MEANING = {
    "supported": "dated sources bear the statement out",
    "likely met": "P of at least 0.66 over the ensemble, under every structure of the model",
    "uncertain": "P between 0.33 and 0.66, or the answer turns on the model's structure",
    "misleading": "literally true, yet far from the best source in the direction that helps the headline",
    "unlikely met": "P of at most 0.33",
    "infeasible": "no value that inputs and physics allow can meet it",
    "contradicted": "the most reliable dated sources say otherwise",
    "unconfirmed": "no listed source settles it, which is not proof of absence",
    "not testable as written": "no quantity, date or event that could decide it, or an opinion",
    "not assessed": "a system behind it has no model yet, or failed",
}


def build(
    run: Run,
    ledger: Ledger,
    out: Path,
    *,
    validations: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Path:
    """Write ``dossier.html``, ``tables/`` and ``figures/``.

    Parameters
    ----------
    run, ledger : Run, Ledger
    out : Path
        Folder to write to; made when absent.
    validations : mapping of kind to rows, optional
        What each system's published cases gave.

    Returns
    -------
    Path
        Of the page: one file, no network, no script, the same bytes for the same run.

    Raises
    ------
    FileError
        When the folder cannot be written.
    """
    told = chapters(run, validations or {})
    _write_tables(run, ledger, told, out / "tables")
    _write_figures(told, out / "figures")
    page = _environment().get_template("page.html.j2").render(**_context(run, ledger, told))
    path = out / "dossier.html"
    write_bytes(path, page.encode())
    return path


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("accord.dossier"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"slug": slug, "strip_of": strip, "show": units.show, "anchor": _anchor}
    return environment


def _anchor(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)


def _context(run: Run, ledger: Ledger, told: Sequence[Chapter]) -> dict[str, Any]:
    programme = run.plan.programme
    counts = ledger.counts()
    style = (files("accord.dossier") / "templates" / "style.css").read_text(encoding="utf-8")
    colours = "".join(f".v-{slug(k)}{{background:{v}}}" for k, v in COLOURS.items())
    tested = [row for row in ledger.rows if row.probability is not None]
    return {
        "programme": programme,
        "ledger": ledger,
        "run": run,
        "chapters": told,
        "rows": ledger.rows,
        "by_line": sorted(ledger.rows, key=lambda r: (r.source, min(r.lines))),
        "facts": [r for r in ledger.rows if r.verdict in _FACTS],
        "tested": tested,
        "drifts": ledger.drifts,
        "counts": counts,
        "meaning": MEANING,
        "bar": verdict_bar(counts),
        "graph": couplings(run.plan.nodes, {name: s.state for name, s in run.statuses.items()}),
        "absent": [
            (node, run.statuses[name]) for name, node in run.plan.nodes.items() if name not in run.results
        ],
        "sources": programme.sources,
        "source_title": lambda key: source_title(run, key),
        "findings": _findings(ledger, tested),
        "style": Markup(style + colours),  # noqa: S704 - our own file
        "manifest": run.manifest,
    }


def _findings(ledger: Ledger, tested: Sequence[Row]) -> list[str]:
    """Return a few sentences a hurried reader takes away, each a count or a row of the ledger."""
    total = len(ledger.rows)
    if not total:
        return ["The programme file states no claims."]
    counts = ledger.counts()
    held = counts.get("likely met", 0) + counts.get("supported", 0)
    against = sum(counts.get(v, 0) for v in ("unlikely met", "infeasible", "contradicted", "misleading"))
    open_ = sum(counts.get(v, 0) for v in ("not testable as written", "unconfirmed"))
    waiting = counts.get("not assessed", 0)
    said = [
        f"Of {total} claims, {held} hold or are likely to be met, {against} are contradicted, misleading, unlikely "
        f"or infeasible, and {counts.get('uncertain', 0)} are uncertain.",
        f"{open_} cannot be decided from the text or the listed sources; {waiting} wait for a system without a model.",
    ]
    drivers: dict[str, int] = {}
    for row in tested:
        if row.drivers:
            drivers[row.drivers[0].title] = drivers.get(row.drivers[0].title, 0) + 1
    if drivers:
        title, n = max(drivers.items(), key=lambda item: (item[1], item[0]))
        said.append(f"What most often decides a tested claim: {title} ({n} of {len(tested)}).")
    return said


def _write_tables(run: Run, ledger: Ledger, told: Sequence[Chapter], folder: Path) -> None:
    write_table(folder, "ledger", ledger_rows(ledger))
    write_json(folder / "claimreview.jsonld", claim_reviews(run, ledger))
    write_table(
        folder,
        "evidence",
        [{"claim": row.id, **dict(item)} for row in ledger.rows for item in row.evidence],
    )
    write_table(
        folder,
        "drivers",
        [
            {"claim": row.id, "column": d.column, "title": d.title, "unit": d.unit,
             "coefficient": d.coefficient, "rank_correlation": d.rank_correlation, "share": d.share}
            for row in ledger.rows
            for d in row.drivers
        ],
    )  # fmt: skip
    write_table(
        folder,
        "coherence",
        [{"kind": d.kind, "first": d.first, "second": d.second, "text": d.text} for d in ledger.drifts],
    )
    write_table(
        folder,
        "inputs",
        [
            {
                "column": c.name,
                "unit": c.unit,
                "spread": c.spread.describe(),
                "doc": c.doc,
                "source": c.source,
            }
            for c in run.plan.columns.values()
        ],
    )
    for chapter in told:
        rows = [
            {k: v for k, v in row.items() if k not in {"shown", "headline", "first"}}
            for row in chapter.outputs
        ]
        write_table(folder, f"{chapter.name}-outputs", rows)
        write_table(folder, f"{chapter.name}-validation", list(chapter.validation))


def _write_figures(told: Sequence[Chapter], folder: Path) -> None:
    for chapter in told:
        for picture in chapter.pictures:
            if picture.figure is None:
                continue
            write_json(folder / f"{picture.id}.vl.json", dict(picture.figure.spec))
            if picture.figure.rows:
                write_table(folder, picture.id, list(picture.figure.rows))
            if picture.svg:
                text = str(picture.svg).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
                write_bytes(folder / f"{picture.id}.svg", text.encode())
