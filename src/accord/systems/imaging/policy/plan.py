"""What is to be checked: assets with their tags, steps with their places, papers; read strictly from one YAML file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from accord.errors import FileError

__all__ = ["Asset", "Plan", "Step", "Zone", "read_plan", "read_yaml"]

_STRICT = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Zone(BaseModel):
    """A place where machines stand, under one jurisdiction."""

    model_config = _STRICT
    jurisdiction: str = Field(min_length=2)
    operator: str = ""


class Asset(BaseModel):
    """Something that is stored or moved. ``residency`` lists jurisdictions, or says that any will do."""

    model_config = _STRICT
    id: str = Field(min_length=1)
    kind: Literal[
        "imagery", "elevation", "labels", "dataset", "model", "personal", "population", "map", "alert", "log"
    ]
    residency: tuple[str, ...]
    licence: str = Field(min_length=1)
    resolution_m: float | None = Field(default=None, gt=0)
    vertical_accuracy_m: float | None = Field(default=None, gt=0)
    personal: bool = False
    subjects: tuple[str, ...] = ()
    card: str = ""
    commercial_use: bool = False


class Step(BaseModel):
    """Work done at one place: what it reads and makes, and where it leaves scratch files, logs and previews.

    The inputs of a federated step stay where they are; its egress log says what left them.
    """

    model_config = _STRICT
    id: str = Field(min_length=1)
    zone: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    scratch_zone: str = ""
    log_zone: str = ""
    human_oversight: bool = False
    federated: bool = False
    egress_log: str = ""


class Plan(BaseModel):
    """A processing plan as of a date."""

    model_config = _STRICT
    schema_: Literal["accord/policy-plan/1"] = Field(alias="schema")
    as_of: date
    purpose: str = ""
    contact: str = ""
    appeal: str = ""
    incident_log: str = ""
    energy_kwh: float | None = Field(default=None, ge=0)
    provenance: str = ""
    zones: dict[str, Zone]
    assets: tuple[Asset, ...]
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _references(self) -> Plan:
        ids = [a.id for a in self.assets]
        for name in {i for i in ids if ids.count(i) > 1}:
            raise ValueError(f"asset {name!r} is declared twice")
        made: dict[str, str] = {}
        for step in self.steps:
            for zone in filter(None, (step.zone, step.scratch_zone, step.log_zone)):
                if zone not in self.zones:
                    raise ValueError(
                        f"step {step.id!r}: no zone {zone!r}: expected one of {', '.join(self.zones)}"
                    )
            for name in (*step.inputs, *step.outputs):
                if name not in ids:
                    raise ValueError(f"step {step.id!r}: no asset {name!r}: expected one of {', '.join(ids)}")
            for name in step.outputs:
                if name in made:
                    raise ValueError(f"asset {name!r} is made by two steps, {made[name]!r} and {step.id!r}")
                made[name] = step.id
        self.order()
        return self

    def order(self) -> list[Step]:
        """Return the steps so that each comes after those whose outputs it reads."""
        done: set[str] = {a.id for a in self.assets} - {name for s in self.steps for name in s.outputs}
        left, out = list(self.steps), []
        while left:
            ready = [s for s in left if set(s.inputs) <= done]
            if not ready:
                raise ValueError(f"steps wait for one another: {', '.join(s.id for s in left)}")
            out += ready
            done |= {name for s in ready for name in s.outputs}
            left = [s for s in left if s not in ready]
        return out

    def asset(self, name: str) -> Asset:
        """Return an asset by its id."""
        return next(a for a in self.assets if a.id == name)

    def places(self, name: str) -> list[tuple[str, str, str]]:
        """Return where an asset comes to lie: step, what for, zone. Scratch, logs and previews hold its pixels too."""
        found = []
        for step in self.steps:
            if name in (*step.inputs, *step.outputs) and not (step.federated and name in step.inputs):
                found += [(step.id, "work", step.zone)]
                found += [(step.id, "scratch files", step.scratch_zone)] if step.scratch_zone else []
                found += [(step.id, "logs and previews", step.log_zone)] if step.log_zone else []
        return found


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file.

    Raises
    ------
    FileError
        When it cannot be read or is no YAML.
    """
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    FileError
        With every mistake in it: unknown keys, dangling references, steps in a circle.
    """
    body = read_yaml(path)
    try:
        return Plan.model_validate(body)
    except ValidationError as error:
        lines = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'plan'}: {e['msg']}" for e in error.errors())
        raise FileError(f"{path}: {lines}") from error
