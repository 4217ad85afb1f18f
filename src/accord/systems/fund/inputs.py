"""What a programme file says about a research fund: size, fields with their stages, scholarships."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Input, Quantity, Ref, Spread, Uncertain

__all__ = ["INPUTS", "Design", "Host", "Precedent", "ResearchField", "Scholarships", "Stage"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Stage(DesignModel):
    """One stage of a project, closed by a gate."""

    id: Name
    cost_musd2025: Annotated[float, Quantity("MUSD2025", low=0.001, high=1e5)] = Field(alias="cost")
    duration_yr: Annotated[float, Quantity("yr", low=0.1, high=20)] = Field(alias="duration")
    success: Annotated[Spread | Ref, Uncertain("1", low=0, high=1)] = Field(
        description="probability that a project passes the gate at the end of the stage"
    )
    planned_success: Annotated[float, Quantity("1", low=0.01, high=1)] = Field(
        description="the same as whoever allocates the money counts on"
    )


class ResearchField(DesignModel):
    """A field of research that the fund pays for; its projects are alike."""

    id: Name
    name: Title
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=6)
    weight: Annotated[float, Quantity("1", low=0, high=1000)] = Field(
        1.0, description="worth of a project through its last gate, against the other fields"
    )
    min_share: Annotated[float, Quantity("1", low=0, high=1)] = Field(
        0.0, description="least share of the money that the allocation gives it"
    )
    max_share: Annotated[float, Quantity("1", low=0, high=1)] = 1.0

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_share > self.max_share:
            raise ValueError(f"field {self.id!r}: min_share exceeds max_share")
        ids = [stage.id for stage in self.stages]
        for twice in sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"field {self.id!r}: two stages are called {twice!r}")
        return self


class Host(DesignModel):
    """An institute with places for doctoral students."""

    id: Name
    name: Title
    quota: int = Field(ge=0, le=10_000)


class Scholarships(DesignModel):
    """One intake of doctoral students, placed by deferred acceptance."""

    applicants: int = Field(ge=1, le=2000)
    hosts: tuple[Host, ...] = Field(min_length=1, max_length=200)
    intakes: int = Field(1, ge=1, le=50)
    agreement_of_preferences: Annotated[float, Quantity("1", low=0, high=1)] = Field(
        0.5,
        description="share of the variance of preferences that all applicants, and all hosts, have in common",
    )
    lottery_seed: int = Field(1, ge=0, description="of the made preferences and of ties")


class Precedent(DesignModel):
    """An earlier fund of the kind, and what became of it."""

    name: Title
    announced: int = Field(ge=1900, le=2100, strict=True, description="calendar year")
    size_musd2025: Annotated[float, Quantity("MUSD2025", low=0.001, high=1e7)] = Field(alias="size")
    paid_in_share: Annotated[float, Quantity("1", low=0, high=1)] | None = Field(
        None,
        alias="paid_in",
        description="share of the size that was paid in; leave it out where that was not found",
    )


class Design(DesignModel):
    """The fund."""

    size_musd2025: Annotated[float, Quantity("MUSD2025", low=0.01, high=1e7)] = Field(alias="size")
    period_yr: Annotated[float, Quantity("yr", low=1, high=30)] = Field(
        5.0, alias="period", description="from the agreement; contributions are paid in evenly over it"
    )
    commitment_yr: Annotated[float, Quantity("yr", low=0.1, high=30)] = Field(
        3.0, alias="commitment", description="time over which projects are started"
    )
    budget_reliability: Annotated[float, Quantity("1", low=0.5, high=0.99)] = Field(
        0.8, description="probability with which the planned portfolio must stay within the size"
    )
    common_cost_log_sd: Annotated[float, Quantity("1", low=0, high=2)] = Field(
        0.2, description="planning: log standard deviation of the cost of all projects together"
    )
    field_cost_log_sd: Annotated[float, Quantity("1", low=0, high=2)] = Field(
        0.2, description="planning: the same of one field's cost, apart from the others"
    )
    fields: tuple[ResearchField, ...] = Field(min_length=1, max_length=8)
    scholarships: Scholarships | None = None
    precedents: tuple[Precedent, ...] = Field(
        (),
        max_length=40,
        description="earlier funds that the announcement is held against; no number follows from them",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [field.id for field in self.fields]
        for twice in sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"two fields are called {twice!r}: every field needs its own id")
        if sum(field.min_share for field in self.fields) > 1.0 + 1e-9:
            raise ValueError("the fields' min_share add up to more than 1")
        return self


INPUTS = {
    "contributed_share": Input(
        unit="1",
        doc="Share of the announced size that is paid in over the period.",
        default=0.6,
        low=0.0,
        high=1.0,
        spread=Spread.of("beta", alpha=2, beta=2),
        source="Own assumption, wide: what comparable joint funds paid in was not found",
    ),
    "cost_factor": Input(
        unit="1",
        doc="Cost of a project over its plan.",
        default=1.0,
        low=0.2,
        high=5.0,
        usual=(0.7, 2.0),
        spread=Spread.of("lognormal", p10=0.85, p90=1.5),
        source="Own assumption",
    ),
    "first_call_yr": Input(
        unit="yr",
        doc="Time from the agreement to the first project: rules, office, call, review.",
        default=1.0,
        low=0.0,
        high=10.0,
        usual=(0.3, 3.0),
        spread=Spread.of("lognormal", p10=0.5, p90=2),
        source="Own assumption",
    ),
    "absorption_yr": Input(
        unit="yr",
        doc="Time constant with which the rate of new projects grows to its full value: absorptive capacity.",
        default=1.0,
        low=0.05,
        high=20.0,
        usual=(0.2, 5.0),
        spread=Spread.of("lognormal", p10=0.4, p90=2.5),
        source="Own assumption",
    ),
    "visa_success": Input(
        unit="1",
        doc="Share of the placed students who can take up their place.",
        default=0.8,
        low=0.0,
        high=1.0,
        spread=Spread.of("beta", alpha=8, beta=2),
        source="Own assumption",
    ),
    "completion_share": Input(
        unit="1",
        doc="Share of doctoral students who finish.",
        default=0.65,
        low=0.0,
        high=1.0,
        spread=Spread.of("beta", alpha=13, beta=7),
        source="Own assumption, near the middle of published completion rates of doctoral programmes",
    ),
}
