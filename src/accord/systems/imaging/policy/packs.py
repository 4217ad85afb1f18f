"""Policy packs: dated rules of one source each, as YAML; those that come with Accord and those a user adds."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from accord.errors import FileError
from accord.systems.imaging.policy.plan import read_yaml

__all__ = ["Applies", "Pack", "Rule", "read_pack", "shipped_packs"]

_STRICT = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Applies(BaseModel):
    """Which assets a rule is about; all that is given must hold. Nothing given: all of them, and the plan."""

    model_config = _STRICT
    kinds: tuple[str, ...] = ()
    personal: bool | None = None
    subjects: tuple[str, ...] = ()
    finer_than_m: float | None = None
    vertically_finer_than_m: float | None = None
    jurisdictions: tuple[str, ...] = ()


class Rule(BaseModel):
    """One rule: what it says, where that stands, since when, and the check that a machine can do of it."""

    model_config = _STRICT
    id: str = Field(min_length=1)
    text: str = Field(min_length=10)
    citation: str = Field(min_length=5)
    effective: date
    until: date | None = None
    level: Literal["must", "should"]
    applies: Applies = Applies()
    check: Literal[
        "residency_tag",
        "stays_in",
        "one_jurisdiction",
        "licence",
        "cards",
        "card_says",
        "oversight",
        "declares",
        "egress",
    ]
    settings: dict[str, Any] = {}
    needs_counsel: bool


class Pack(BaseModel):
    """Rules of one source."""

    model_config = _STRICT
    schema_: Literal["accord/policy-pack/1"] = Field(alias="schema")
    id: str = Field(min_length=1)
    title: str
    dated: date
    read_from: str = Field(min_length=5)
    rules: tuple[Rule, ...] = Field(min_length=1)


def read_pack(path: Path) -> Pack:
    """Read a pack.

    Raises
    ------
    FileError
        With every mistake in it.
    """
    try:
        return Pack.model_validate(read_yaml(path))
    except ValidationError as error:
        lines = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise FileError(f"{path}: {lines}") from error


def shipped_packs() -> dict[str, Path]:
    """Return the packs that come with Accord: id (file stem) to path."""
    folder = Path(str(files("accord.systems.imaging.policy") / "data"))
    return {path.stem.removeprefix("pack_"): path for path in sorted(folder.glob("pack_*.yaml"))}
