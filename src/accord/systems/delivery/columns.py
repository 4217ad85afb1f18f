"""The member inputs that a schedule brings with it, and which of them move together."""

from __future__ import annotations

from collections.abc import Iterator

from accord.contract import Column, CommonFactor, Ref, Spread
from accord.systems.delivery import reference
from accord.systems.delivery.inputs import Activity, Design, Risk

__all__ = ["columns", "cost_classes", "dependence", "has_own_rank", "schedule_classes"]

_UNIFORM = Spread.of("uniform", low=0, high=1)
_INVERTIBLE = {"uniform", "triangular", "pert", "normal", "lognormal", "beta"}


def schedule_classes(activity: Activity) -> tuple[reference.ReferenceClass, ...]:
    """Return the published records of durations for an activity: of its class and of its country, as far as there
    are any."""
    return _classes(activity, "schedule")


def cost_classes(activity: Activity) -> tuple[reference.ReferenceClass, ...]:
    """Return the published records of costs for an activity; none when it has no cost."""
    return _classes(activity, "cost") if activity.cost is not None else ()


def _classes(activity: Activity, kind: str) -> tuple[reference.ReferenceClass, ...]:
    table = reference.read()
    names = dict.fromkeys(n for n in (activity.reference_class, activity.country_class) if n is not None)
    return tuple(table[name, kind] for name in names if (name, kind) in table)


def has_own_rank(activity: Activity) -> bool:
    """Tell whether a drawn duration can be turned back into its rank (a continuous spread stated here)."""
    return isinstance(activity.duration_month, Spread) and activity.duration_month.kind in _INVERTIBLE


def columns(design: Design) -> dict[str, Column]:
    """Return every uncertain number of the design as a member column.

    Names: ``duration_month.<activity>``, ``fixed_musd2025.<activity>``,
    ``per_month_musd2025_per_month.<activity>``, ``outside_rank.<activity>``,
    ``outside_cost_rank.<activity>``, ``risk_probability.<risk>``, ``risk_trigger.<risk>``,
    ``risk_time.<risk>``, ``risk_delay_month.<risk>``, ``risk_cost_factor.<risk>``, ``risk_scale.<risk>``,
    ``recovery_month.<component>``, ``loss_probability.<loss>``, ``loss_trigger.<loss>``, ``loss_time.<loss>``.
    """
    found: dict[str, Column] = {}
    for activity in design.schedule:
        found.update(_activity_columns(activity))
    for name, risk in design.risks.items():
        found.update(_risk_columns(name, risk))
    for component in design.supply.components:
        doc = f"Time to recover from a lost supplier: {component.name}"
        found[f"recovery_month.{component.id}"] = Column(
            unit="month", doc=doc, value=component.recovery_month
        )
    for name, loss in design.supply.losses.items():
        lost = loss.supplier or loss.country
        told = (
            ("probability", f"Probability that deliveries stop: {lost}", loss.probability),
            ("trigger", f"Whether deliveries stop: {lost}", _UNIFORM),
            ("time", f"When in its window deliveries stop: {lost}", _UNIFORM),
        )
        found.update({f"loss_{part}.{name}": Column(unit="1", doc=doc, value=v) for part, doc, v in told})
    return found


def _activity_columns(activity: Activity) -> Iterator[tuple[str, Column]]:
    name = activity.name
    yield (
        f"duration_month.{activity.id}",
        Column(unit="month", doc=f"Duration: {name}", value=activity.duration_month),
    )
    if activity.cost is not None:
        fixed, burn = activity.cost.fixed_musd2025, activity.cost.per_month_musd2025_per_month
        yield f"fixed_musd2025.{activity.id}", Column(unit="MUSD2025", doc=f"Fixed cost: {name}", value=fixed)
        yield (
            f"per_month_musd2025_per_month.{activity.id}",
            Column(unit="MUSD2025/month", doc=f"Cost of each month: {name}", value=burn),
        )
    if schedule_classes(activity) and not has_own_rank(activity):
        yield (
            f"outside_rank.{activity.id}",
            Column(unit="1", doc=f"Rank of the duration within its reference class: {name}", value=_UNIFORM),
        )
    if cost_classes(activity):
        yield (
            f"outside_cost_rank.{activity.id}",
            Column(unit="1", doc=f"Rank of the cost within its reference class: {name}", value=_UNIFORM),
        )


def _risk_columns(key: str, risk: Risk) -> Iterator[tuple[str, Column]]:
    title = risk.title or key
    yield (
        f"risk_probability.{key}",
        Column(unit="1", doc=f"Probability of the risk: {title}", value=risk.probability),
    )
    yield f"risk_trigger.{key}", Column(unit="1", doc=f"Whether the risk strikes: {title}", value=_UNIFORM)
    if risk.window is not None or risk.stops:
        doc = f"When in its window the risk strikes: {title}"
        yield f"risk_time.{key}", Column(unit="1", doc=doc, value=_UNIFORM)
    effects: tuple[tuple[str, str, str, Spread | Ref | None], ...] = (
        ("risk_delay_month", "month", "Delay", risk.delay_month),
        ("risk_cost_factor", "1", "Factor on cost", risk.cost_factor),
        ("risk_scale", "1", "Share of the scope left", risk.scale),
    )
    for column, unit, word, value in effects:
        if value is not None:
            yield (
                f"{column}.{key}",
                Column(unit=unit, doc=f"{word} when the risk strikes: {title}", value=value),
            )


def dependence(design: Design) -> list[CommonFactor]:
    """Return the common causes: one for all durations, one for each factor that risks and losses name.

    Durations stated by reference to a named input are left to the programme's own ``dependence``.
    """
    brought = columns(design)
    work = [
        name
        for name, column in brought.items()
        if name.startswith(("duration_month.", "outside_rank.", "outside_cost_rank."))
        and isinstance(column.value, Spread)
        and not column.value.is_constant
    ]
    groups: list[CommonFactor] = []
    if design.activity_correlation > 0.0 and len(work) > 1:
        groups.append(CommonFactor(names=tuple(work), rho=design.activity_correlation))
    named = [(f"risk_trigger.{key}", risk.factor) for key, risk in design.risks.items()]
    named += [(f"loss_trigger.{key}", loss.factor) for key, loss in design.supply.losses.items()]
    for factor in dict.fromkeys(factor for _, factor in named if factor is not None):
        triggers = tuple(name for name, own in named if own == factor)
        if design.risk_correlation > 0.0 and len(triggers) > 1:
            groups.append(CommonFactor(names=triggers, rho=design.risk_correlation))
    return groups
