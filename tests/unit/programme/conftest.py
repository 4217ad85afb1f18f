"""Small made-up systems, so that the checks are tested on rules and not on today's models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from accord import systems
from accord.contract import (
    Column,
    CommonFactor,
    DesignModel,
    Ephemeris,
    Input,
    Output,
    Port,
    Quantity,
    Ref,
    Spread,
    System,
    Uncertain,
)


class Shell(DesignModel):
    altitude_km: Annotated[float, Quantity("km", low=160, high=40000)] = Field(alias="altitude")
    planes: int = Field(ge=1, le=200)


class Place(DesignModel):
    name: str
    latitude_deg: Annotated[float, Quantity("deg", low=-90, high=90)] = Field(alias="latitude")
    longitude_deg: Annotated[float, Quantity("deg", low=-180, high=180)] = Field(alias="longitude")
    people: float | None = None


class Area(DesignModel):
    title: str
    polygons: tuple[tuple[tuple[tuple[float, float], ...], ...], ...]
    places: list[Place] = []


class RadioDesign(DesignModel):
    shells: list[Shell] = []
    area: Area | None = None


class Step(DesignModel):
    id: str
    duration_month: Annotated[Spread | Ref, Uncertain("month", low=0)] = Field(alias="duration")
    after: list[str] = []


class PlanDesign(DesignModel):
    schedule: list[Step] = []
    risks: dict[str, Any] = {}
    targets: dict[str, Any] = {}


class Nothing(BaseModel):
    model_config = {"extra": "forbid"}


def nothing(*_: Any) -> dict[str, Any]:
    return {}


RADIO = System(
    name="radio",
    title="A radio network",
    version=1,
    Design=RadioDesign,
    inputs={
        "launch_price_usd2025_per_kg": Input(
            unit="USD2025/kg", doc="Price.", default=3000, low=100, high=1e5, usual=(500, 2e4), source="made"
        ),
        "availability": Input(
            unit="1",
            doc="Share of time.",
            default=0.98,
            low=0,
            high=1,
            spread=Spread.of("beta", alpha=90, beta=2),
            source="made",
        ),
        "demand_mbit_per_s": Input(unit="Mbit/s", doc="Demand.", default=50, low=0, high=1e6, source="made"),
        "mask_deg": Input(
            unit="deg", doc="Elevation mask.", default=25, low=0, high=80, source="made", role="design"
        ),
    },
    outputs={
        "coverage_share": Output(unit="1", doc="Coverage."),
        "capex_musd2025": Output(unit="MUSD2025", doc="Cost."),
        "speed_mbit_per_s": Output(unit="Mbit/s", doc="Speed at each site.", dims=("site",)),
    },
    evaluate=nothing,
    provides={"ephemeris": Ephemeris},
    labels=lambda design: {"site": tuple(p.name for p in design.area.places) if design.area else ()},
)

PLAN = System(
    name="plan",
    title="A plan",
    version=1,
    Design=PlanDesign,
    inputs={},
    outputs={
        "delivered_share": Output(unit="1", doc="Share delivered."),
        "finish_month": Output(unit="month", doc="Finish.", dims=("event",)),
    },
    evaluate=nothing,
    labels=lambda design: {"event": tuple(step.id for step in design.schedule)},
    columns=lambda design: {
        f"duration_month.{s.id}": Column(unit="month", doc="Duration.", value=s.duration_month)
        for s in design.schedule
    },
    dependence=lambda design: [
        CommonFactor(names=tuple(f"duration_month.{s.id}" for s in design.schedule), rho=0.3)
    ],
    sections=("schedule", "risks", "targets"),
    events="finish_month",
)

GAIN = System(
    name="gain",
    title="What it brings",
    version=1,
    Design=DesignModel,
    inputs={
        "base_gusd2025_per_yr": Input(
            unit="GUSD2025/yr", doc="Base.", default=None, low=0, high=1e5, source="made"
        )
    },
    outputs={"uplift_gusd2025_per_yr": Output(unit="GUSD2025/yr", doc="Uplift.", dims=("year",))},
    evaluate=nothing,
    labels=lambda design: {"year": tuple(str(year) for year in range(8))},
    ports={
        "delivered": Port(
            of="plan.delivered_share", kind=float, doc="Share.", optional=True, fallback="its own share"
        ),
        "orbits": Port(
            of="radio.ephemeris", kind=Ephemeris, doc="Orbits.", optional=True, fallback="no orbits"
        ),
    },
)

LOOP = System(
    name="loop",
    title="Needs another",
    version=1,
    Design=DesignModel,
    inputs={},
    outputs={"out": Output(unit="1", doc="Out.")},
    evaluate=nothing,
    ports={"feed": Port(of="loop.out", kind=float, doc="Feed.")},
)

MADE = {s.name: s for s in (RADIO, PLAN, GAIN, LOOP)}


@pytest.fixture(autouse=True)
def made_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systems, "names", lambda: tuple(sorted(MADE)))
    monkeypatch.setattr(systems, "get", lambda kind: MADE[kind])
    monkeypatch.setattr(systems, "planned", lambda: {"imaging": "Imaging of disasters"})


SOUND = """\
schema: accord/programme/1
id: sound
title: A sound programme
as_of: 2026-01-31
price_base:
  currency: USD
  year: 2025
  conversions:
    - {from: INR2025, to: USD2025, factor: 0.0118, source: made}
horizon: {start: 2026-01-01, decision: 2026-12-31, end: 2035-12-31}
sources:
  made: {type: made, title: Made for a test, date: 2026-01-01, reliability: F}
partners:
  one: {name: First, share: 60 %, discount_rate: {dist: triangular, low: 0.06, mode: 0.09, high: 0.12}}
  two: {name: Second, share: 0.4}
regions:
  land:
    title: A square
    source: made
    polygon: [[60, 40], [70, 40], [70, 50], [60, 50]]
    places:
      - {name: Town, latitude: 45, longitude: 65 deg, people: 20 thousand}
inputs:
  price: {dist: lognormal, p10: 2500, p90: 9000, unit: USD2025/kg, source: made, pedigree: [3, 3, 2, 3]}
  delay: {dist: lognormal, p10: 2 month, p90: 30 month, source: made}
  base: {value: 68.7 GUSD2025/yr, source: made}
dependence:
  spearman:
    - {first: price, second: delay, rho: 0.3}
systems:
  net:
    kind: radio
    region: land
    design:
      shells:
        - {altitude: 600 km, planes: 12}
    inputs:
      launch_price: {ref: price}
      availability: 97 %
      mask: 30 deg
  plan: {kind: plan}
  trade:
    kind: gain
    inputs: {base: {ref: base}}
    ports: {delivered: plan.delivered_share, orbits: net.ephemeris}
  eyes: {kind: imaging}
schedule:
  - {id: treaty, duration: {dist: triangular, low: 9 month, mode: 18 month, high: 48 month}}
  - {id: build, duration: {ref: delay}, after: [treaty]}
claims:
  - id: C1
    source: made
    lines: [3]
    class: capability
    modality: planned
    text: The network covers nearly all
    test: {metric: net.coverage_share, ge: 95 %, at: 2031-12-31, delivered_by: build}
  - id: C2
    source: made
    lines: [4]
    class: commitment
    modality: will
    text: The treaty is in force
    test: {event: treaty, by: 2028-06-30}
  - id: C3
    source: made
    lines: [5]
    class: forecast
    modality: could
    text: Trade grows
    test: {metric: trade.uplift, between: [5 GUSD2025/yr, 7 GUSD2025/yr], at: 2031-12-31, baseline: no_programme}
    repeats: [C1]
  - id: C4
    source: made
    lines: [6]
    class: opinion
    modality: asserted
    text: It is good
scenarios:
  low:
    title: A lower orbit
    changes: {systems.net.design.shells.0.altitude: 500 km, systems.net.inputs.demand: 20 Mbit/s}
ensemble: {members: 64, seed: 3}
"""


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.yaml"
    path.write_text(SOUND, encoding="utf-8")
    return path


@pytest.fixture
def write(tmp_path: Path):
    """Return a function that writes the sound programme with replacements and checks it."""
    from accord.programme.check import check

    def _write(*changes: tuple[str, str]):
        text = SOUND
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = tmp_path / "changed.yaml"
        path.write_text(text, encoding="utf-8")
        return check(path)

    return _write
