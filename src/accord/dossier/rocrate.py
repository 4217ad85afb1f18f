"""The run folder as an RO-Crate 1.1 with a Process Run: what was used, by which software, to make what.

See Soiland-Reyes et al. (2022), "Packaging research artefacts with RO-Crate", Data Science 5:97, and the profile
Process Run Crate 0.5. Nothing volatile goes in (no host, no clock), so that one run always gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accord.engine.records import Run
    from accord.evidence.ledger import Ledger

__all__ = ["ro_crate"]

_CRATE = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_TYPES = {
    ".html": "text/html",
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
    ".npy": "application/octet-stream",
}


def ro_crate(run: Run, ledger: Ledger, folder: Path) -> dict[str, Any]:
    """Return the content of ``ro-crate-metadata.json`` for a run folder.

    Parameters
    ----------
    run, ledger : Run, Ledger
    folder : Path
        Where the files stand; only ledger, page, tables, figures and the programme file are listed.
    """
    programme, manifest = run.plan.programme, run.manifest
    used = _files(folder, ("programme",))
    made = _files(folder, ("ledger.json", "dossier.html", "tables", "figures"))
    software: dict[str, Any] = {"@id": "#accord", "@type": "SoftwareApplication", "name": "Accord"}
    if manifest:
        software |= {"version": manifest["accord"], "softwareVersion": manifest["accord"]}
    action = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Run of {programme.title}",
        "instrument": {"@id": "#accord"},
        "object": [{"@id": name} for name in used] + [{"@id": f"#{key}"} for key in ("members", "seed")],
        "result": [{"@id": name} for name in made],
    }
    options = [
        {"@id": "#members", "@type": "PropertyValue", "name": "members", "value": ledger.members},
        {"@id": "#seed", "@type": "PropertyValue", "name": "seed", "value": ledger.seed},
    ]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Accord: {programme.title}",
        "description": programme.summary or programme.title,
        "datePublished": programme.as_of.isoformat(),
        "license": "not stated: the terms of the programme file and its sources apply",
        "conformsTo": {"@id": _PROFILE},
        "hasPart": [{"@id": name} for name in (*used, *made)],
        "mentions": {"@id": "#run"},
    }
    head = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _CRATE},
    }
    profile = {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    parts = [
        {"@id": name, "@type": "File", "encodingFormat": _TYPES.get(Path(name).suffix, "text/plain")}
        for name in (*used, *made)
    ]
    return {
        "@context": f"{_CRATE}/context",
        "@graph": [head, root, profile, software, action, *options, *parts],
    }


def _files(folder: Path, names: tuple[str, ...]) -> list[str]:
    found = []
    for name in names:
        path = folder / name
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        found += [p.relative_to(folder).as_posix() for p in inside if p.is_file() and p.suffix != ".part"]
    return found
