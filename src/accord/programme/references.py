"""References from one part of the file to another, and the dates they carry."""

from __future__ import annotations

from typing import Any

from accord.contract.spread import FORMS
from accord.programme.draft import Draft, did_you_mean

__all__ = ["check_dates", "check_references"]

_VALUES = ("systems", "schedule", "risks", "targets", "partners")


def check_references(draft: Draft) -> None:
    """Check sources, regions of partners, and every ``{ref: name}`` wherever it stands."""
    for section in ("regions", "inputs"):
        for name, entry in getattr(draft, section).items():
            draft.must_exist("sources", entry.source, (section, name, "source"), "source")
    for name, partner in draft.partners.items():
        if partner.region is not None:
            draft.must_exist("regions", partner.region, ("partners", name, "region"), "region")
    if draft.price_base is not None:
        for index, conversion in enumerate(draft.price_base.conversions):
            at = ("price_base", "conversions", index, "source")
            draft.must_exist("sources", conversion.source, at, "source")
    known = draft.names("inputs")
    checked = _checked_elsewhere(draft)
    for section in _VALUES:
        for path, value in draft.document.walk((section,)):
            if not isinstance(value, dict):
                continue
            ref = value.get("ref")
            if set(value) == {"ref"} and isinstance(ref, str) and path not in checked and ref not in known:
                message = f"there is no input {ref!r} under 'inputs'"
                draft.error("dangling-reference", message, path, hint=did_you_mean(ref, known))
            source = value.get("source")
            if _is_value(value) and isinstance(source, str):
                draft.must_exist("sources", source, (*path, "source"), "source")


def _is_value(value: dict[str, Any]) -> bool:
    return str(value.get("dist", "")) in FORMS or "value" in value


def _checked_elsewhere(draft: Draft) -> set[tuple[str | int, ...]]:
    """Return the places whose references are checked with their unit."""
    found: set[tuple[str | int, ...]] = {("partners", name, "discount_rate") for name in draft.partners}
    for name, resolved in draft.resolved.items():
        if resolved.system is not None:
            found |= {("systems", name, "inputs", key) for key in draft.systems[name].inputs}
    return found


def check_dates(draft: Draft) -> None:
    """Check the order of the horizon, and that nothing was known before it was published."""
    horizon = draft.horizon
    if horizon is not None:
        if horizon.start >= horizon.end:
            message = f"end ({horizon.end}) must be after start ({horizon.start})"
            draft.error("dates", message, ("horizon", "end"))
        elif not horizon.start <= horizon.decision <= horizon.end:
            message = f"decision ({horizon.decision}) must lie between {horizon.start} and {horizon.end}"
            draft.error("dates", message, ("horizon", "decision"))
    as_of = draft.document.get(("as_of",))
    for name, source in draft.sources.items():
        if (
            source.date is not None
            and isinstance(as_of, str)
            and len(as_of) == 10
            and str(source.date) > as_of
        ):
            message = f"{name} is dated {source.date}, after what was known on {as_of}: it decides no verdict"
            draft.warning("later-source", message, ("sources", name, "date"))
