"""Model and dataset cards as data, checked by machine: what is missing, contradicts itself or fails its own bar."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from accord.errors import FileError

__all__ = ["check_card", "read_card", "shipped_cards", "shipped_model_card"]

_SCHEMAS = ("accord/model-card/1", "accord/network-card/1", "accord/dataset-card/1")


@cache
def _rules() -> Mapping[str, Any]:
    import yaml

    source = files("accord.systems.imaging.learned") / "data" / "card_rules.yaml"
    rules: Mapping[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return rules


def shipped_cards() -> list[Path]:
    """Return the cards that come with the package."""
    folder = Path(str(files("accord.systems.imaging.learned") / "data"))
    return sorted(folder.glob("*_card.yaml"))


def shipped_model_card() -> dict[str, Any]:
    """Return the card of the shipped model."""
    return read_card(next(path for path in shipped_cards() if path.name == "water_model_card.yaml"))


def read_card(path: Path) -> dict[str, Any]:
    """Read a card.

    Raises
    ------
    FileError
        When it cannot be read or names no known schema.
    """
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileError(f"{path}: cannot be read: {error}") from error
    if not isinstance(body, dict) or body.get("schema") not in _SCHEMAS:
        raise FileError(f"{path}: no card: expected schema {' or '.join(_SCHEMAS)}")
    return body


def _at(body: Any, key: str) -> Any:
    """Return what stands at a dotted key, None where nothing does."""
    for part in key.split("."):
        body = body.get(part) if isinstance(body, Mapping) else None
    return body


def check_card(path: Path) -> list[str]:
    """Return what is wrong with a card, one line each; none means that it passes.

    Raises
    ------
    FileError
        As `read_card`.
    """
    body = read_card(path)
    rules = _rules()[body["schema"]]
    found = [
        f"{path.name}: {key} is missing or empty"
        for key in rules["required"]
        if _at(body, key) in (None, "", [], {})
    ]
    found += [f"{path.name}: {line}" for line in _intervals(body, "")]
    for key, bar in rules.get("bars", {}).items():
        value = _at(body, key)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            found.append(f"{path.name}: {key} is not a number")
        elif "above" in bar and not value > bar["above"]:
            found.append(f"{path.name}: {key} is {value:g}; it must lie above {bar['above']:g}")
        elif "at_most" in bar and not value <= bar["at_most"]:
            found.append(f"{path.name}: {key} is {value:g}; at most {bar['at_most']:g}")
    for key, wanted in rules.get("equal", {}).items():
        if _at(body, key) != wanted:
            found.append(f"{path.name}: {key} is {_at(body, key)!r}; expected {wanted!r}")
    found += [f"{path.name}: {line}" for line in _hashes(body, path.parent)]
    return found


def _intervals(body: Any, where: str) -> list[str]:
    """Return the intervals that do not hold their own estimate."""
    if not isinstance(body, Mapping):
        return []
    if {"value", "low", "high"} <= set(body):
        ordered = body["low"] <= body["value"] <= body["high"]
        return (
            [] if ordered else [f"{where}: {body['low']} <= {body['value']} <= {body['high']} does not hold"]
        )
    return [line for key, value in body.items() for line in _intervals(value, f"{where}.{key}".lstrip("."))]


def _hashes(body: Mapping[str, Any], folder: Path) -> list[str]:
    """Compare every ``{file, sha256}`` of the card with the file beside it, where the card says it is there."""
    found = []
    for value in body.values():
        if not isinstance(value, Mapping) or not {"file", "sha256"} <= set(value):
            continue
        given = str(value["sha256"])
        if re.fullmatch(r"[0-9a-f]{64}", given) is None:
            found.append(f"{value['file']}: {given!r} is no sha256")
        elif value.get("beside", True):
            place = folder / str(value["file"])
            if not place.is_file():
                found.append(f"{value['file']} is not there")
            elif hashlib.sha256(place.read_bytes()).hexdigest() != given:
                found.append(f"{value['file']} is not the file that the card describes: its sha256 differs")
    return found
