"""Coastlines."""

from itertools import pairwise

from accord.contract.maps import land, land_rows


def test_rings_are_closed_and_on_the_globe() -> None:
    rings = land()
    assert len(rings) > 100
    assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in rings)
    assert all(-180 <= x <= 180 and -90 <= y <= 90 for ring in rings for x, y in ring)


def test_no_line_jumps_across_the_map() -> None:
    rows = land_rows()
    for a, b in pairwise(rows):
        if a["line"] == b["line"]:
            assert abs(a["lon"] - b["lon"]) < 20.0
            assert not (a["lon"] == b["lon"] and abs(a["lon"]) == 180.0)


def test_window_keeps_only_what_touches_it() -> None:
    rows = land_rows(-10.0, 5.0, 49.0, 60.0)
    assert 20 < len(rows) < len(land_rows()) / 10
    lines = {row["line"] for row in rows}
    for line in lines:
        part = [row for row in rows if row["line"] == line]
        assert any(-10 <= row["lon"] <= 5 and 49 <= row["lat"] <= 60 for row in part)
        assert len(part) >= 2


def test_open_sea_has_no_coast() -> None:
    assert land_rows(-40.0, -35.0, 20.0, 25.0) == []


def test_tolerance_thins() -> None:
    assert len(land_rows(tolerance_deg=2.0)) < 0.6 * len(land_rows())
