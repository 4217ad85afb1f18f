"""Hold a plan against policy packs: what fails, what passes, what only a lawyer can say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.errors import FileError
from accord.systems.imaging.federated.egress import check_log
from accord.systems.imaging.learned.cards import check_card, read_card
from accord.systems.imaging.policy.licences import licence_findings
from accord.systems.imaging.policy.packs import Applies, Pack, Rule
from accord.systems.imaging.policy.plan import Asset, Plan

__all__ = ["Verdict", "check_plan"]

_ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one rule says of a plan.

    Attributes
    ----------
    state : {"passes", "fails", "does not apply", "not in force"}
    findings : tuple of str
        Empty unless it fails.
    needs_counsel : bool
        Whether a lawyer has to look, whatever the machine found.
    """

    pack: str
    rule: str
    level: str
    state: str
    text: str
    citation: str
    effective: str
    findings: tuple[str, ...]
    needs_counsel: bool


def check_plan(plan: Plan, packs: Sequence[Pack], folder: Path) -> list[Verdict]:
    """Check a plan against packs as of the plan's date.

    Parameters
    ----------
    plan : Plan
    packs : sequence of Pack
    folder : Path
        Cards are named relative to it.
    """
    return [_verdict(plan, pack, rule, folder) for pack in packs for rule in pack.rules]


def _verdict(plan: Plan, pack: Pack, rule: Rule, folder: Path) -> Verdict:
    chosen = [a for a in plan.assets if _about(rule.applies, a, plan)]
    in_force = rule.effective <= plan.as_of and (rule.until is None or plan.as_of < rule.until)
    findings: list[str] = []
    if not in_force:
        state = "not in force"
    elif not chosen:
        state = "does not apply"
    else:
        findings = _CHECKS[rule.check](plan, chosen, rule.settings, folder)
        state = "fails" if findings else "passes"
    return Verdict(
        pack=pack.id, rule=rule.id, level=rule.level, state=state, text=rule.text, citation=rule.citation,
        effective=rule.effective.isoformat(), findings=tuple(findings),
        needs_counsel=rule.needs_counsel and state in {"passes", "fails"},
    )  # fmt: skip


def _about(wanted: Applies, asset: Asset, plan: Plan) -> bool:
    def finer(limit: float | None, value: float | None) -> bool:
        return limit is None or (value is not None and value < limit)

    lies_in = {plan.zones[zone].jurisdiction for _, _, zone in plan.places(asset.id)}
    horizontal = finer(wanted.finer_than_m, asset.resolution_m)
    vertical = finer(wanted.vertically_finer_than_m, asset.vertical_accuracy_m)
    both = wanted.finer_than_m is not None and wanted.vertically_finer_than_m is not None
    return (
        (not wanted.kinds or asset.kind in wanted.kinds)
        and (wanted.personal is None or asset.personal is wanted.personal)
        and (not wanted.subjects or bool(set(wanted.subjects) & set(asset.subjects)))
        and (not wanted.jurisdictions or bool(set(wanted.jurisdictions) & lies_in.union(asset.residency)))
        and ((horizontal or vertical) if both else (horizontal and vertical))
    )


def _outside(plan: Plan, asset: Asset, allowed: set[str]) -> list[str]:
    found = []
    for step, use, zone in plan.places(asset.id):
        where = plan.zones[zone].jurisdiction
        if where not in allowed:
            found.append(
                f"{asset.id}: {use} of step {step} lie in zone {zone} ({where}); allowed: {', '.join(sorted(allowed))}"
            )
    return found


def _residency_tag(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    found = [f"{a.id}: no residency tag" for a in assets if not a.residency]
    tagged = [a for a in assets if a.residency and _ANY not in a.residency]
    return found + [line for a in tagged for line in _outside(plan, a, set(a.residency))]


def _stays_in(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    return [line for a in assets for line in _outside(plan, a, set(settings["jurisdictions"]))]


def _one_jurisdiction(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    found = []
    for a in assets:
        where = {plan.zones[zone].jurisdiction for _, _, zone in plan.places(a.id)}
        if len(where) > 1:
            found.append(f"{a.id}: lies in several jurisdictions ({', '.join(sorted(where))})")
    return found


def _licence(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    names = {a.id for a in assets}
    return [f"{name}: {line}" for name, line in licence_findings(plan) if name in names]


def _cards(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    found = []
    for asset in assets:
        if not asset.card:
            found.append(f"{asset.id}: no card")
            continue
        try:
            found += [f"{asset.id}: {line}" for line in check_card(folder / asset.card)]
        except FileError as error:
            found.append(f"{asset.id}: {error}")
    return found


def _card_says(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    found = []
    for asset in assets:
        try:
            body: Any = read_card(folder / asset.card) if asset.card else None
        except FileError as error:
            found.append(f"{asset.id}: {error}")
            continue
        for key in settings["keys"]:
            value = body
            for part in key.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if value in (None, "", [], {}):
                found.append(f"{asset.id}: its card does not say {key}")
    return found


def _oversight(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    names = {a.id for a in assets}
    return [
        f"{name}: made by step {step.id} without a person who decides"
        for step in plan.steps
        for name in step.outputs
        if name in names and not step.human_oversight
    ]


def _declares(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    return [f"plan: {key} is not given" for key in settings["keys"] if getattr(plan, key) in ("", None)]


def _egress(plan: Plan, assets: list[Asset], settings: dict[str, Any], folder: Path) -> list[str]:
    names = {a.id for a in assets}
    found = []
    for step in plan.steps:
        if not step.federated or not names & {*step.inputs, *step.outputs}:
            continue
        if not step.egress_log:
            found.append(f"step {step.id}: federated, but no egress log says what left the sites")
            continue
        try:
            found += [
                f"step {step.id}: {step.egress_log}: {line}" for line in check_log(folder / step.egress_log)
            ]
        except FileError as error:
            found.append(f"step {step.id}: {error}")
    return found


_CHECKS: dict[str, Callable[[Plan, list[Asset], dict[str, Any], Path], list[str]]] = {
    "residency_tag": _residency_tag,
    "stays_in": _stays_in,
    "one_jurisdiction": _one_jurisdiction,
    "licence": _licence,
    "cards": _cards,
    "card_says": _card_says,
    "oversight": _oversight,
    "declares": _declares,
    "egress": _egress,
}
