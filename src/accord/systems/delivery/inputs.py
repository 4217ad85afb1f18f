"""What a programme file says about its schedule: activities, risks, targets, and the numbers they share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Input, Quantity, Ref, Spread, Uncertain
from accord.systems.delivery import reference
from accord.systems.delivery.network import find_cycle
from accord.systems.delivery.supply import Supply
from accord.systems.delivery.wording import refuse_negative, unknown

__all__ = ["INPUTS", "Activity", "Cost", "Design", "Risk", "Targets"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Months = Annotated[Spread | Ref, Uncertain("month")]
Money = Annotated[Spread | Ref, Uncertain("MUSD2025")]
Burn = Annotated[Spread | Ref, Uncertain("MUSD2025/month")]
Probability = Annotated[Spread | Ref, Uncertain("1", low=0, high=1)]


class Cost(DesignModel):
    """What one activity costs: an amount whatever happens, and an amount for every month it lasts."""

    fixed_musd2025: Money = Field(Spread.of("constant", value=0), alias="fixed")
    per_month_musd2025_per_month: Burn = Field(Spread.of("constant", value=0), alias="per_month")


class Activity(DesignModel):
    """One activity of the schedule; it starts when all that it waits for are finished."""

    id: Name
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    duration_month: Months = Field(alias="duration")
    after: tuple[Name, ...] = Field((), description="activities that must be finished first")
    system: Name | None = Field(None, description="the system of the programme that this activity builds")
    start: dt.date | None = Field(None, description="earliest date of its start")
    cost: Cost | None = None
    reference_class: Name | None = Field(None, description="kind of project, for the outside view")
    country_class: Name | None = Field(
        None, description="record of the country it is built in, as a second layer of the outside view"
    )
    gates: int = Field(
        0, ge=0, le=12, description="design reviews passed: they give the inside view its weight"
    )
    estimate_month: Annotated[float, Quantity("month", low=0.1, high=600)] | None = Field(
        None,
        alias="estimate",
        description="announced duration, which the outside view scales; else the median",
    )
    cost_estimate_musd2025: Annotated[float, Quantity("MUSD2025", low=0)] | None = Field(
        None,
        alias="cost_estimate",
        description="announced cost, which the outside view scales; else the median",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        refuse_negative(self.duration_month, "duration")
        if self.cost is not None:
            refuse_negative(self.cost.fixed_musd2025, "cost.fixed")
            refuse_negative(self.cost.per_month_musd2025_per_month, "cost.per_month")
        if self.reference_class is None and self.country_class is None:
            return self
        names = sorted({name for name, _ in reference.read()})
        for key in ("reference_class", "country_class"):
            named = getattr(self, key)
            if named is not None and named not in names:
                raise ValueError(unknown(key, named, names))
        if self.estimate_month is None and isinstance(self.duration_month, Ref):
            raise ValueError(
                "the outside view scales an estimate and this duration is a reference: add estimate: 24 month"
            )
        if self.cost is not None and self.cost_estimate_musd2025 is None:
            parts = (self.cost.fixed_musd2025, self.cost.per_month_musd2025_per_month, self.duration_month)
            if any(isinstance(part, Ref) for part in parts):
                raise ValueError(
                    "the outside view scales an estimate and this cost rests on a reference: "
                    "add cost_estimate: 100 MUSD2025"
                )
        return self


class Risk(DesignModel):
    """One discrete risk: with some probability it strikes, and then it delays, costs, shrinks or stops."""

    title: str = ""
    probability: Probability
    delay_month: Months | None = Field(None, alias="delay")
    cost_factor: Annotated[Spread | Ref, Uncertain("1", low=0.1, high=20)] | None = None
    scale: Annotated[Spread | Ref, Uncertain("1", low=0, high=1)] | None = Field(
        None, description="share of the scope that is left"
    )
    hits: tuple[Name, ...] = Field((), description="activities, or systems whose activities it hits")
    stops: tuple[Name, ...] = Field(
        (), description="activities, or systems whose activities it ends for good"
    )
    owner: str = ""
    window: tuple[dt.date, dt.date] | None = Field(None, description="when it can strike")
    factor: Name | None = Field(None, description="risks that name one factor tend to strike together")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        refuse_negative(self.delay_month, "delay")
        effects = (self.delay_month, self.cost_factor, self.scale)
        if self.hits and not any(effect is not None for effect in effects):
            raise ValueError("it hits but has no effect: expected delay, cost_factor or scale")
        if not self.hits and any(effect is not None for effect in effects):
            raise ValueError("it has an effect but hits nothing: expected hits: [activity or system]")
        if not self.hits and not self.stops:
            raise ValueError("it neither hits nor stops anything: expected hits or stops")
        if self.window is not None and self.window[0] > self.window[1]:
            raise ValueError(f"window ends ({self.window[1]}) before it begins ({self.window[0]})")
        return self


class Targets(DesignModel):
    """What the programme promises: the joint confidence is the chance to keep both."""

    cost_musd2025: Annotated[float, Quantity("MUSD2025", low=0)] | None = Field(
        None, alias="cost", description="budget; without one only the date counts"
    )
    finish: dt.date | None = Field(
        None, description="date of the last finish; without one the end of the horizon"
    )
    joint_confidence: Annotated[float, Quantity("1", low=0.01, high=0.99)] = Field(
        0.7, description="joint confidence wanted"
    )


class Design(DesignModel):
    """The schedule network with its risks and targets."""

    schedule: tuple[Activity, ...] = Field(min_length=1)
    risks: dict[Name, Risk] = Field(default_factory=dict)
    targets: Targets = Field(default_factory=lambda: Targets.model_validate({}))
    supply: Supply = Field(default_factory=lambda: Supply.model_validate({}))
    activity_correlation: Annotated[float, Quantity("1", low=0, high=0.95)] = Field(
        0.3, description="rank correlation between the durations of any two activities"
    )
    risk_correlation: Annotated[float, Quantity("1", low=0, high=0.95)] = Field(
        0.5, description="rank correlation between risks that name one factor"
    )
    gates_for_half: Annotated[float, Quantity("1", low=0.1, high=100)] = Field(
        3.0, description="design reviews at which inside and outside view weigh the same"
    )

    @model_validator(mode="after")
    def _wired(self) -> Self:
        problems = [*_network_problems(self.schedule), *_risk_problems(self.schedule, self.risks)]
        problems += _supply_problems(self.schedule, self.supply)
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the activities, in the order of the file."""
        return tuple(activity.id for activity in self.schedule)


def _network_problems(schedule: tuple[Activity, ...]) -> Iterator[str]:
    ids = [activity.id for activity in schedule]
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"two activities have the id {twice!r}"
    for activity in schedule:
        for before in activity.after:
            if before not in ids:
                yield f"activity {activity.id!r} waits for an {unknown('activity', before, ids)}"
    path = find_cycle({activity.id: activity.after for activity in schedule})
    if path:
        yield f"the schedule runs in a circle: {' -> '.join(path)}"


def _risk_problems(schedule: tuple[Activity, ...], risks: dict[str, Risk]) -> Iterator[str]:
    known = [a.id for a in schedule] + sorted({a.system for a in schedule if a.system is not None})
    what = "activity or system of the schedule"
    for name, risk in risks.items():
        for word, targets in (("hits", risk.hits), ("stops", risk.stops)):
            for target in targets:
                if target not in known:
                    yield f"risk {name!r} {word} an {unknown(what, target, known)}"


def _supply_problems(schedule: tuple[Activity, ...], supply: Supply) -> Iterator[str]:
    known = [a.id for a in schedule] + sorted({a.system for a in schedule if a.system is not None})
    what = "activity or system of the schedule"
    needed = {name for component in supply.components for name in component.needs}
    for component in supply.components:
        for target in component.used_by:
            if target not in known:
                yield f"component {component.id!r} is used by an {unknown(what, target, known)}"
        if not component.used_by and component.id not in needed:
            yield f"component {component.id!r} is used by nothing: expected used_by: [activity or system]"


INPUTS = {
    "shared_cost_factor": Input(
        unit="1",
        doc="Factor on the cost of every activity: what moves all prices of a programme together.",
        default=1.0,
        low=0.2,
        high=5.0,
        usual=(0.7, 1.6),
        spread=Spread.of("lognormal", p10=0.9, p90=1.15),
        source="Own assumption: exchange rates, market heat and contract terms move all costs of a programme",
    ),
    "real_escalation_per_yr": Input(
        unit="1/yr",
        doc="Yearly rise of the programme's prices above inflation, up to the middle of each activity.",
        default=0.0,
        low=-0.1,
        high=0.2,
        usual=(-0.02, 0.06),
        source="Own choice: amounts are real, so that zero means prices that rise with general inflation",
    ),
}
