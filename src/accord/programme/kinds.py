"""Systems of the file: which model stands behind each, its design, the sections and region it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from accord import systems
from accord.contract import Column, DesignModel, Ref, System
from accord.contract.design import check_range
from accord.errors import AccordError, SpreadError, UnitError
from accord.programme.draft import Draft, did_you_mean
from accord.programme.quantities import link, system_inputs
from accord.programme.resolved import Factor, ResolvedSystem
from accord.programme.structure import report_validation

__all__ = ["SECTIONS", "check_systems"]

SECTIONS = ("schedule", "risks", "targets")
Path_ = tuple[str | int, ...]


def check_systems(draft: Draft) -> None:
    """Resolve every entry of ``systems``: kind, design, inputs."""
    models = {name: _model(draft, name) for name in draft.systems}
    owners = _owners(draft, models)
    for name, entry in draft.systems.items():
        system = models[name]
        if entry.source is not None:
            draft.must_exist("sources", entry.source, ("systems", name, "source"), "source")
        region_known = entry.region is None or draft.must_exist(
            "regions", entry.region, ("systems", name, "region"), "region"
        )
        title = entry.title or (system.title if system else systems.planned().get(entry.kind, entry.kind))
        if system is None:
            draft.resolved[name] = ResolvedSystem(name=name, kind=entry.kind, title=title)
            continue
        sections = [section for section, owner in owners.items() if owner == name]
        design = _design(draft, name, system, sections) if region_known else None
        inputs, factors, fixed = system_inputs(draft, name, system)
        columns: Mapping[str, Column] = {}
        labels: Mapping[str, tuple[str, ...]] = {}
        if design is not None:
            columns = system.columns(design) if system.columns else {}
            labels = system.labels(design) if system.labels else {}
            factors |= _column_factors(draft, name, columns, sections)
        draft.resolved[name] = ResolvedSystem(
            name=name,
            kind=entry.kind,
            title=title,
            system=system,
            design=design,
            inputs=inputs,
            columns=columns,
            factors=factors,
            fixed=fixed,
            labels=labels,
        )
        if design is not None and system.events:
            draft.events |= dict.fromkeys(labels.get("event", ()), name)


def _model(draft: Draft, name: str) -> System | None:
    kind = draft.systems[name].kind
    path: Path_ = ("systems", name, "kind")
    known, planned = systems.names(), systems.planned()
    if kind in known:
        try:
            return systems.get(kind)
        except (ImportError, AccordError) as error:
            draft.error("broken-kind", f"the system kind {kind!r} cannot be loaded: {error}", path)
            return None
    if kind in planned:
        entry = draft.systems[name]
        draft.info("no-model", f"{name}: no model yet for {kind} ({planned[kind]}): not assessed", path)
        for section in ("design", "inputs", "ports"):
            if getattr(entry, section):
                message = f"{name}: {section} is not read, because {kind} has no model yet"
                draft.warning("not-read", message, ("systems", name, section), key=True)
        return None
    choices = ", ".join([*known, *(f"{k} (planned)" for k in planned)])
    hint = did_you_mean(kind, [*known, *planned]) or f"known kinds: {choices}"
    draft.error("unknown-kind", f"unknown system kind {kind!r}", path, hint=hint)
    return None


def _owners(draft: Draft, models: Mapping[str, System | None]) -> dict[str, str]:
    """Return which system takes over each top-level section that the file fills."""
    owners = {}
    for section in SECTIONS:
        takers = [name for name, system in models.items() if system and section in system.sections]
        if not draft.document.get((section,)):
            continue
        if len(takers) == 1:
            owners[section] = takers[0]
        elif takers:
            message = f"{section}: both {' and '.join(takers)} could take it: keep one of them"
            draft.error("section", message, (section,), key=True)
        elif _all_kinds_known(draft):
            kinds = [kind for kind in systems.names() if section in systems.get(kind).sections]
            hint = f"add a system of kind {' or '.join(kinds)}" if kinds else ""
            draft.error(
                "section", f"no system of this file takes {section!r}", (section,), key=True, hint=hint
            )
    return owners


def _all_kinds_known(draft: Draft) -> bool:
    """Tell whether a missing owner is a mistake of its own, not the echo of a broken entry."""
    sound = {entry.kind for entry in draft.systems.values()} <= {*systems.names(), *systems.planned()}
    return sound and len(draft.systems) == len(draft.names("systems"))


def _design(draft: Draft, name: str, system: System, sections: list[str]) -> DesignModel | None:
    entry = draft.systems[name]
    data = dict(entry.design)
    for section in sections:
        if section in data:
            message = f"{section} stands here and at the top of the file: keep one"
            draft.error("section", message, ("systems", name, "design", section), key=True)
        data[section] = draft.document.get((section,))
    fields = system.Design.model_fields
    if entry.region is not None:
        path = ("systems", name, "region")
        if "area" not in fields:
            draft.warning("not-read", f"{system.name} does not look at a region", path)
        elif entry.region in draft.areas:
            data["area"] = _area(draft, entry.region)
        else:
            return None  # the region's own mistake is reported at its own place

    def place(loc: Path_) -> Path_:
        if loc and loc[0] in sections:
            return loc
        if loc and loc[0] == "area":
            return ("systems", name, "region")
        return ("systems", name, "design", *loc)

    try:
        return system.Design.model_validate(data, context={"money": draft.money, "folder": draft.folder})
    except ValidationError as error:
        roots = [
            *((section,) for section in sections),
            *([("systems", name, "design")] if entry.design else []),
        ]
        report_validation(draft, error, system.Design, place, roots)
    return None


def _area(draft: Draft, region: str) -> dict[str, Any]:
    area = draft.areas[region]
    places = [
        {
            "name": site.name,
            "latitude": f"{site.latitude_deg!r} deg",
            "longitude": f"{site.longitude_deg!r} deg",
            **({} if site.people is None else {"people": site.people}),
        }
        for site in area.sites
    ]
    return {"title": area.title, "polygons": area.polygons, "places": places}


def _column_factors(
    draft: Draft, name: str, columns: Mapping[str, Column], sections: list[str]
) -> dict[str, Factor]:
    """Link the references inside a design; their names are checked where they stand in the file."""
    factors = {}
    roots: list[Path_] = [("systems", name, "design"), *((section,) for section in sections)]
    for column, entry in columns.items():
        named = draft.named.get(entry.value.name) if isinstance(entry.value, Ref) else None
        if named is None:
            continue
        path = next(
            (p for root in roots for p, v in draft.document.walk(root) if v == {"ref": named.name}), roots[0]
        )
        try:
            scale, offset = link(named.unit, entry.unit, draft.money)
            check_range(named.spread.map(scale, offset), entry.unit, -float("inf"), float("inf"))
            factors[column] = (scale, offset)
        except (UnitError, SpreadError) as error:
            draft.error("unit", f"{named.name}: {error}", path)
    return factors
