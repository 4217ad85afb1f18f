"""Imaging takes its passes from a constellation of the same programme: numbers move with it, and are right."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np
import pytest

from tests.e2e.conftest import Shell

DAYS, SHIFTS = 4, 6
PLACE = (47.0, 12.0)
SWATH_KM, INCIDENCE_DEG = 400.0, 25.0

PROGRAMME = """\
schema: accord/programme/1
id: carried
title: A payload on the satellites of a network
as_of: 2026-01-31
price_base: {{currency: USD, year: 2025}}
horizon: {{start: 2026-01-01, decision: 2026-12-31, end: 2035-12-31}}
sources:
  made: {{type: made, title: Made for a test, date: 2026-01-01, reliability: F}}
regions:
  land:
    title: A square
    source: made
    polygon: [[8, 44], [16, 44], [16, 50], [8, 50]]
    places: [{{name: Town, latitude: 47 deg, longitude: 12 deg, people: 1000}}]
systems:
  net:
    kind: constellation
    region: land
    design:
      shells: [{{altitude: {altitude} km, inclination: {inclination} deg, planes: {planes},
                satellites: {satellites}, elevation_mask: 15 deg}}]
      step: 300 s
      cell: 400 km
      duration: 4 day
  eyes:
    kind: imaging
    region: land
    ports: {{ephemeris: net.ephemeris}}
    design:
      missions: []
      payload: {{sensor: radar, swath: 400 km, near_incidence: 25 deg, side: both, resolution: 5 m, tasked: false}}
      stations: [{{name: Beside, latitude: 47 deg, longitude: 12 deg}}]
      station_mask: 0 deg
      cell: 400 km
      events: 5000
    inputs: {{flood_duration: 2000 h, flood_duration_log_sd: 0, acquired_share: 1, tasking: 0 h, mapping: 0 h,
             review: 0 h}}
claims:
  - id: A
    source: made
    lines: [1]
    class: capability
    modality: planned
    text: A map within a day
    system: eyes
    test: {{metric: eyes.response_time, le: 24 h, at: 2031-12-31}}
ensemble: {{members: 8, seed: 3}}
"""


@dataclass(frozen=True)
class Fleet:
    """One shell."""

    altitude: int
    inclination: int
    planes: int
    satellites: int


FEW = Fleet(600, 60, 2, 2)
OTHER = Fleet(900, 98, 4, 4)


def _run(shell: Shell, fleet: Fleet, name: str) -> dict[str, float]:
    """Return the outputs of imaging that are the same for every member or nearly so: their means."""
    (shell.folder / f"{name}.yaml").write_text(PROGRAMME.format(**vars(fleet)), encoding="utf-8")
    code, out, err = shell.run("run", f"{name}.yaml", "--json", "--out", name, "--jobs", "1")
    assert code == 0, err
    assert json.loads(out)["ledger"]["rows"][0]["verdict"] != "not assessed"
    return {
        key: np.load(shell.folder / name / "systems" / "eyes" / "outputs" / f"{key}.npy").mean(axis=0)
        for key in ("revisit_h", "longest_gap_h", "response_time_quantile_h", "seen_by_share", "finest_resolution_m")
    }  # fmt: skip


def _elevations_deg(fleet: Fleet, east_deg: float, seconds: np.ndarray) -> np.ndarray:
    """Return the elevation of every satellite above the ellipsoid's horizon, shape (satellites, times).

    From first principles and without any function of the package: secular J2 rates of a circle (Kozai 1959) and
    sidereal time as a line (Meeus 1998, 12.4).
    """
    radius, mu, j2 = 6378.137, 398600.4418, 1.08263e-3
    axis, tilt = radius + fleet.altitude, math.radians(fleet.inclination)
    rate, oblate = math.sqrt(mu / axis**3), 1.5 * j2 * (radius / axis) ** 2
    node_rate = -rate * oblate * math.cos(tilt)
    latitude_rate = rate * (1.0 + oblate * (3.0 - 4.0 * math.sin(tilt) ** 2))
    jd = 2461406.5  # 1 January 2027, 0 h
    turned = np.radians(280.46061837 + 360.98564736629 * (jd - 2451545.0 + seconds / 86400.0))
    north, east = math.radians(PLACE[0]), math.radians(east_deg)
    up = np.array([math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)])
    bend = radius / math.sqrt(1.0 - 0.00669437999 * math.sin(north) ** 2)
    place = bend * up * [1.0, 1.0, 1.0 - 0.00669437999]
    a_plane = fleet.satellites // fleet.planes
    rows = []
    for k in range(fleet.satellites):
        node = 2.0 * math.pi * (k // a_plane) / fleet.planes + node_rate * seconds - turned
        u = 2.0 * math.pi * (k % a_plane) / a_plane + latitude_rate * seconds
        x, y, z = np.cos(u), np.sin(u) * math.cos(tilt), np.sin(u) * math.sin(tilt)
        where = axis * np.stack([x * np.cos(node) - y * np.sin(node), x * np.sin(node) + y * np.cos(node), z])
        sight = where - place[:, None]
        rows.append(np.degrees(np.arcsin(up @ sight / np.linalg.norm(sight, axis=0))))
    return np.array(rows)


def _strip_deg(altitude_km: float) -> tuple[float, float]:
    """Return the elevations at the edges of the strip, by the triangle on a sphere."""
    ratio, incidence = 6371.0 / (6378.137 + altitude_km), math.radians(INCIDENCE_DEG)
    inner = incidence - math.asin(ratio * math.sin(incidence))
    outer = inner + SWATH_KM / 6371.0
    low = math.degrees(math.atan2(math.cos(outer) - ratio, math.sin(outer)))
    return low, 90.0 - INCIDENCE_DEG


def _looks_h(fleet: Fleet, east_deg: float) -> np.ndarray:
    """Return when some satellite culminates inside the strip, in hours, sorted."""
    step = 10.0
    seconds = np.arange(0.0, DAYS * 86400.0 + 2.0 * step, step)
    height = _elevations_deg(fleet, east_deg, seconds)
    before, now, after = height[:, :-2], height[:, 1:-1], height[:, 2:]
    low, high = _strip_deg(fleet.altitude)
    bend = before - 2.0 * now + after
    top = now - (after - before) ** 2 / (8.0 * np.where(bend == 0.0, 1.0, bend))
    row, column = np.nonzero((now >= before) & (now > after) & (top >= low) & (top <= high))
    moment = seconds[1:-1][column] - step * ((after - before) / (2.0 * bend))[row, column]
    return np.sort(moment[moment < DAYS * 86400.0]) / 3600.0


def _expected(fleet: Fleet) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Return mean and longest time between looks, quantiles of the wait of an event, and shares seen in time."""
    axis = 6378.137 + fleet.altitude
    track = 360.0 / (math.sqrt(398600.4418 / axis**3) * 86400.0 / (2.0 * math.pi))
    rows = [_looks_h(fleet, PLACE[1] + track * k / SHIFTS) for k in range(SHIFTS)]
    assert min(len(row) for row in rows) > 2
    gaps = [np.diff(np.append(row, row[0] + 24.0 * DAYS)) for row in rows]
    hours = np.linspace(0.0, 24.0 * DAYS, 20_000)
    # an event falls on any moment of any of the tracks: a gap g holds those that wait up to t for min(g, t) of it
    share = np.array([np.mean([np.minimum(g, t).sum() / g.sum() for g in gaps]) for t in hours])
    waits = np.interp((0.1, 0.5, 0.9), share, hours)
    seen = np.interp((6.0, 12.0, 24.0, 48.0, 72.0), hours, share)
    return 24.0 * DAYS * SHIFTS / sum(map(len, rows)), float(gaps[0].max()), waits, seen


@pytest.mark.slow
def test_the_passes_are_those_of_the_constellation(shell: Shell) -> None:
    found = {}
    for name, fleet in (("few", FEW), ("other", OTHER)):
        ours = found[name] = _run(shell, fleet, name)
        mean, longest, waits, seen = _expected(fleet)
        assert ours["revisit_h"] == pytest.approx(mean, rel=1e-3), name
        assert ours["longest_gap_h"] == pytest.approx(longest, rel=1e-3), name
        assert ours["response_time_quantile_h"] == pytest.approx(waits, rel=0.02), name
        assert ours["seen_by_share"][:5] == pytest.approx(seen, abs=0.01), name
        assert ours["finest_resolution_m"] == 5.0
    assert found["other"]["revisit_h"] < 0.8 * found["few"]["revisit_h"]
    # steep orbits come in bursts over a place: the usual wait is shorter, the longest ones are not
    one, other = (found[name]["response_time_quantile_h"] for name in ("few", "other"))
    assert other[1] < one[1]
    assert other[2] > 2.0 * one[2]


def test_a_payload_without_the_constellation_is_told(shell: Shell) -> None:
    text = PROGRAMME.format(**vars(FEW)).replace("    ports: {ephemeris: net.ephemeris}\n", "")
    (shell.folder / "loose.yaml").write_text(text, encoding="utf-8")
    code, out, err = shell.run("run", "loose.yaml", "--json", "--out", "loose", "--jobs", "1")
    assert "connect the port `ephemeris`" in out + err
    assert code == 0
    assert json.loads(out)["ledger"]["rows"][0]["verdict"] == "not assessed"
