"""Write the dossier: one HTML page that needs nothing else, and every table and figure beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from accord.dossier.chapters import Chapter, Picture, chapters, picture
from accord.dossier.claimreview import claim_reviews
from accord.dossier.ensemble import convergence_figure, scenario_figure, scenario_rows, unmoved
from accord.dossier.office import checklist, crosswalk, results_framework, risk_register
from accord.dossier.rocrate import ro_crate
from accord.dossier.sketches import COLOURS, couplings, share_bar, slug, strip, verdict_bar
from accord.dossier.tables import tables_of, write_table
from accord.engine.mappings import write_bytes, write_json
from accord.errors import FileError

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
    """Write ``dossier.html``, ``tables/``, ``figures/`` and ``ro-crate-metadata.json``.

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
    figures = {"scenarios": scenario_figure(ledger), "convergence": convergence_figure(ledger)}
    whole = {
        key: None if figure is None else picture(f"ensemble-{key}", figure) for key, figure in figures.items()
    }
    pictures = [
        *(p for chapter in told for p in chapter.pictures),
        *(p for p in whole.values() if p is not None),
    ]
    page = _environment().get_template("page.html.j2").render(**_context(run, ledger, told, whole))
    path = out / "dossier.html"
    try:
        for name, rows in tables_of(run, ledger, told).items():
            write_table(out / "tables", name, rows)
        write_json(out / "tables" / "claimreview.jsonld", claim_reviews(run, ledger))
        _write_figures(pictures, out / "figures")
        # the page comes last but for the crate, which lists it: where it is, everything beside it is
        write_bytes(path, page.encode())
        write_json(out / "ro-crate-metadata.json", ro_crate(run, ledger, out))
    except OSError as error:
        raise FileError(f"{out}: the dossier cannot be written: {error.strerror}") from error
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
    environment.filters |= {
        "slug": slug,
        "strip_of": strip,
        "share_of": share_bar,
        "anchor": _anchor,
        "sentence": _sentence,
    }
    return environment


def _anchor(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)


def _sentence(text: str) -> str:
    """Return a text that starts with a capital and ends with a stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) or not text else ".")


def _context(
    run: Run, ledger: Ledger, told: Sequence[Chapter], whole: Mapping[str, Picture | None]
) -> dict[str, Any]:
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
        "whole": whole,
        "moved": scenario_rows(ledger),
        "unmoved": unmoved(ledger),
        "joint": _joint(run),
        "counts": counts,
        "meaning": MEANING,
        "bar": verdict_bar(counts),
        "graph": couplings(run.plan.nodes, {name: s.state for name, s in run.statuses.items()}),
        "absent": [
            (node, run.statuses[name]) for name, node in run.plan.nodes.items() if name not in run.results
        ],
        "unmodelled": [node.title for node in run.plan.nodes.values() if node.system is None],
        "sources": programme.sources,
        "risks": risk_register(run),
        "flags": checklist(run),
        "results": results_framework(run, ledger),
        "crosswalk": crosswalk(),
        "numbers": {"announced": 1, "facts": 2, "coherence": 3, "tested": 4}
        | {name: len(told) + 5 + i for i, name in enumerate(("couplings", "risks", "flags", "results"))},
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
        f"{open_} cannot be decided from the text or the listed sources; {waiting} wait for a system that has "
        "no model or failed.",
    ]
    drivers: dict[str, int] = {}
    for row in tested:
        if row.drivers:
            drivers[row.drivers[0].title] = drivers.get(row.drivers[0].title, 0) + 1
    if drivers:
        title, n = max(drivers.items(), key=lambda item: (item[1], item[0]))
        said.append(f"What most often decides a tested claim: {title} ({n} of {len(tested)}).")
    return said


def _joint(run: Run) -> str:
    """Return how inputs move together, in one sentence."""
    plan = run.plan
    if not plan.correlations:
        return "All inputs are drawn independently of each other"
    said = (
        f"{len(plan.correlations)} pairs of inputs are correlated by rank through a {plan.copula.describe()}"
    )
    if plan.copula.family == "gaussian":
        return said
    first, second, rho = max(plan.correlations, key=lambda pair: (pair[2], pair[0], pair[1]))
    tail = plan.copula.tail_dependence(plan.copula.score_correlation(rho))
    return (
        f"{said}: where one of {first} and {second} is extreme, so is the other with probability {tail:.2f}"
    )


def _write_figures(pictures: Sequence[Picture], folder: Path) -> None:
    for drawn in pictures:
        if drawn.figure is None:
            continue
        write_json(folder / f"{drawn.id}.vl.json", dict(drawn.figure.spec))
        if drawn.figure.rows:
            write_table(folder, drawn.id, list(drawn.figure.rows))
        if drawn.svg:
            text = str(drawn.svg).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
            write_bytes(folder / f"{drawn.id}.svg", text.encode())
