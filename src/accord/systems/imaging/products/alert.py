"""A draft alert in the Common Alerting Protocol 1.2 (OASIS standard, 1 July 2010).

The tool advises: it is no warning authority. The status is Draft unless a person says otherwise, and Actual asks for
a sender.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from accord.errors import AccordError, FileError
from accord.systems.imaging.scene.xml import parse

__all__ = ["NAMESPACE", "STATUSES", "VERTICES", "Alert", "check", "languages", "ring_text", "written"]

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
STATUSES = ("Draft", "Exercise", "Test", "Actual")
VERTICES, POLYGONS = 100, 20
_NOTE = (
    "Made by software from satellite data, as advice to a duty officer. The maker is not a warning authority."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What an alert says.

    Attributes
    ----------
    hazard : str
        "flood", "water", "burn" or "landslide".
    scene : str
    taken, sent : datetime or None, datetime
        With a time zone.
    area_km2 : tuple of float
        P50, P10, P90.
    people : tuple of float or None
        P50, P10, P90; None where not counted.
    likelihood : float
        Mean over the mapped ground, 0..1.
    unseen : float
        Share of the scene, 0..1.
    model : str
        Of the learned model: "absent", "used", "refused" or "forced"; the last two are told in words.
    polygons : sequence of shapely polygons
        Longitude, latitude; largest first.
    place : str
    identifier, sender, status : str
    references : sequence of str
        "sender,identifier,sent" of the alert this one updates.
    languages : sequence of str
        BCP 47.
    """

    hazard: str
    scene: str
    taken: dt.datetime | None
    sent: dt.datetime
    area_km2: tuple[float, float, float]
    people: tuple[float, float, float] | None
    likelihood: float
    unseen: float
    polygons: Sequence[Any]
    place: str
    identifier: str
    model: str = "absent"
    sender: str = "unset"
    status: str = "Draft"
    references: Sequence[str] = ()
    languages: Sequence[str] = ("en",)


@cache
def _words() -> dict[str, Any]:
    import yaml

    path = files("accord.systems.imaging") / "data" / "alert.yaml"
    body: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return body


def languages() -> tuple[str, ...]:
    """Return the languages an alert can be drafted in."""
    return tuple(_words()["languages"])


def _time(moment: dt.datetime) -> str:
    text = moment.isoformat(timespec="seconds")
    return text[:-1] + "+00:00" if text.endswith("Z") else text


def _pick(table: str, value: float | None) -> str:
    if value is None:
        return "Unknown"
    for row in _words()[table]:
        if ("above" in row and value > row["above"]) or ("below" in row and value < row["below"]):
            return str(row["word"])
    return "Unknown"


def ring_text(polygon: Any) -> str:
    """Return the outer ring of a polygon as "lat,lon" pairs, at most 100, first equal to last.

    The ring is generalised, with growing tolerance, until it fits; a shape that resists becomes its hull.
    """
    import shapely

    shape, tolerance = shapely.polygons(polygon.exterior), 1e-5
    while len(shape.exterior.coords) > VERTICES:
        shape = shapely.simplify(polygon.exterior, tolerance)
        shape = shapely.polygons(shape)
        if tolerance > 1.0 or not shape.is_valid or shape.is_empty:
            shape = shapely.convex_hull(polygon)
            if len(shape.exterior.coords) > VERTICES:
                shape = shapely.envelope(polygon)
            break
        tolerance *= 2.0
    pairs = [
        f"{lat:.5f},{(lon + 180.0) % 360.0 - 180.0:.5f}" for lon, lat in np.asarray(shape.exterior.coords)
    ]
    return " ".join(pairs)


def written(alert: Alert) -> bytes:
    """Return the alert as XML, checked against the rules.

    Raises
    ------
    AccordError
        For status Actual without a sender, an unknown language, or an alert that would break the rules.
    """
    from lxml import etree

    if alert.status not in STATUSES:
        raise AccordError(f"alert status {alert.status!r}: expected one of {', '.join(STATUSES)}")
    if alert.status == "Actual" and alert.sender == "unset":
        raise AccordError("alert status Actual needs a sender: who issues it (--sender)")
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})

    def add(parent: Any, **elements: str | None) -> None:
        for name, value in elements.items():
            if value is not None:
                etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = value

    add(
        root,
        identifier=re.sub(r"[\s,<>&]+", "-", alert.identifier),
        sender=re.sub(r"[\s,<>&]+", "-", alert.sender),
        sent=_time(alert.sent),
        status=alert.status,
        msgType="Update" if alert.references else "Alert",
        scope="Public" if alert.status == "Actual" else "Restricted",
        restriction=None if alert.status == "Actual" else "Duty officers only, until a person has checked it",
        note=_NOTE,
        references=" ".join(alert.references) or None,
    )
    for language in alert.languages:
        _info(root, alert, language, add)
    body = bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
    broken = check(body)
    if broken:
        raise AccordError(f"the draft alert breaks the rules: {broken[0]}")
    return body


def _info(root: Any, alert: Alert, language: str, add: Any) -> None:
    from lxml import etree

    known = _words()["languages"]
    words = known.get(language, known.get(language.split("-")[0]))
    if words is None:
        raise AccordError(f"alert language {language!r}: expected one of {', '.join(known)}")
    event = words["event"][alert.hazard]
    age = None if alert.taken is None else (alert.sent - alert.taken).total_seconds() / 3600.0
    middle, low, high = (f"{value:.3g}" if value < 1000 else f"{value:.0f}" for value in alert.area_km2)
    heads = words["unknown"]
    if alert.people is not None:
        heads = f"{alert.people[0]:.0f} ({alert.people[1]:.0f}-{alert.people[2]:.0f})"
    fill = {
        "event": event, "area_km2": middle, "low_km2": low, "high_km2": high, "scene": alert.scene, "people": heads,
        "taken": alert.taken.strftime("%Y-%m-%d %H:%M UTC") if alert.taken else words["undated"],
        "unseen": f"{100 * alert.unseen:.0f}",
    }  # fmt: skip
    told = [words["model"][alert.model]] if alert.model in words["model"] else []
    info = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    add(
        info,
        language=language,
        category=_words()["category"][alert.hazard],
        event=event,
        responseType="Assess",
        urgency=_pick("urgency", age),
        severity=_pick("severity", None if alert.people is None else alert.people[0]),
        certainty=_pick("certainty", alert.likelihood),
        effective=_time(alert.sent),
        onset=_time(alert.taken) if alert.taken else None,
        expires=_time(alert.sent + dt.timedelta(hours=24)),
        headline=words["headline"].format(**fill),
        description=" ".join([words["description"].format(**fill), *told]),
        instruction=words["instruction"],
    )
    left_out = max(len(alert.polygons) - POLYGONS, 0)
    for name, value in (
        ("area_km2_p10_p50_p90", f"{low} {middle} {high}"),
        ("mean_likelihood", f"{alert.likelihood:.2f}"),
        ("polygons_left_out", str(left_out)),
        ("learned_model", alert.model),
    ):
        item = etree.SubElement(info, f"{{{NAMESPACE}}}parameter")
        add(item, valueName=name, value=value)
    area = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    add(area, areaDesc=alert.place)
    for polygon in list(alert.polygons)[:POLYGONS]:
        add(area, polygon=ring_text(polygon))


@cache
def _schema() -> Any:
    from lxml import etree

    path = files("accord.systems.imaging") / "data" / "cap-1.2-rules.xsd"
    return etree.XMLSchema(etree.fromstring(path.read_bytes()))


def check(body: bytes) -> list[str]:
    """Return what is wrong with an alert: the rules of the standard, and that each ring is closed and on Earth.

    Raises
    ------
    FileError
        When it is not safe, well-formed XML.
    """
    root = parse(body, "alert")
    schema = _schema()
    wrong = [] if schema.validate(root) else [str(entry.message) for entry in schema.error_log]
    for element in root.iter(f"{{{NAMESPACE}}}polygon"):
        try:
            pairs = np.array([[float(v) for v in pair.split(",")] for pair in (element.text or "").split()])
        except ValueError:
            continue  # the pattern has told it
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            continue
        if not np.array_equal(pairs[0], pairs[-1]):
            wrong.append("polygon: the last pair is not the first: an open ring")
        if np.abs(pairs[:, 0]).max() > 90.0 or np.abs(pairs[:, 1]).max() > 180.0:
            wrong.append("polygon: a latitude beyond 90 or a longitude beyond 180 (are lat and lon swapped?)")
    kind = root.findtext(f"{{{NAMESPACE}}}msgType")
    if kind in ("Update", "Cancel") and not root.findtext(f"{{{NAMESPACE}}}references"):
        wrong.append(f"{kind} without references to the alert it is about")
    return wrong


def checked(body: bytes) -> None:
    """Raise where `check` finds anything.

    Raises
    ------
    FileError
        With the first finding.
    """
    wrong = check(body)
    if wrong:
        raise FileError(f"alert: {wrong[0]}")
