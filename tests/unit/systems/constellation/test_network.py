"""The network's tables and members against direct computation, and designs that cannot be."""

from pathlib import Path

import numpy as np
import pytest
import vl_convert
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.physics.constants import LIGHT_KM_PER_S
from accord.physics.geodesy import ecef_from_geodetic, normal
from accord.physics.routes import serve
from accord.systems.constellation.fleet import assemble
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.model import SYSTEM
from accord.systems.constellation.network.links import topology
from accord.systems.constellation.network.tables import NEVER_MS, Landings, _gateways, _users, prepare_network

STEADY = {
    "operational_share": 1.0,
    "obstruction_deg": 0.0,
    "processing_ms": 0.0,
    "access_delay_ms": 0.0,
    "cable_detour": 1.5,
}


def member(alone: Alone, **changes: float) -> dict[str, np.ndarray]:
    members = {name: np.array([spread.quantile(0.5)]) for name, spread in alone.spreads().items()}
    members |= {name: np.array([value]) for name, value in {**STEADY, **changes}.items()}
    outputs, failures = alone.evaluate(members)
    assert failures == {}
    return {name: value[0] for name, value in outputs.items()}


def direct(alone: Alone, level_deg: float = 0.0):
    """Return users and paths of the whole fleet without the tables."""
    design = alone.model()
    assert isinstance(design, Design)
    fleet = assemble(design, Path())
    users = _users(design)
    service = alone.prepared()["service"]
    landings = Landings(
        tuple(service["gateway_name"]), service["gateway_latitude_deg"], service["gateway_longitude_deg"]
    )
    gates, tail = _gateways(design, landings, [])
    position = fleet.states(np.arange(0.0, 86400.0, 120.0))[0]
    site, up = ecef_from_geodetic(users.latitude, users.longitude), normal(users.latitude, users.longitude)
    sine = np.sin(fleet.masks_rad[fleet.group] + np.radians(level_deg))[None]
    return users, tail, serve(topology(design, fleet)[0], position, gates, site, up, sine)


def test_a_member_at_the_nodes_is_the_direct_computation(networked: Alone) -> None:
    users, tail, found = direct(networked)
    samples = slice(0, users.samples)
    good = np.isfinite(found.km[0, samples])
    geometric = 2e3 / LIGHT_KM_PER_S * found.km[0, samples][good]
    cable = 2e3 / LIGHT_KM_PER_S * 1.5 * 1.47 * tail[found.gateway[0, samples][good]]
    given = member(networked)
    assert given["connected_share"] == pytest.approx(good.mean())
    assert given["geometric_rtt_p50_ms"] == pytest.approx(np.quantile(geometric, 0.5))
    assert given["geometric_rtt_p95_ms"] == pytest.approx(np.quantile(geometric, 0.95))
    assert given["user_rtt_p50_ms"] == pytest.approx(np.quantile(geometric + cable, 0.5))
    assert given["path_diversity"] == pytest.approx(found.many[0, samples].mean())
    assert given["busiest_satellite_share"] == pytest.approx(
        found.through.max() / np.isfinite(found.km).sum()
    )
    north = np.isfinite(found.km[0, users.samples])
    own = 2e3 / LIGHT_KM_PER_S * (found.km[0, users.samples] + 1.5 * 1.47 * tail[0])[north]
    assert given["place_rtt_p95_ms"][0] == pytest.approx(np.quantile(own, 0.95))


@pytest.mark.parametrize(
    "changes", [{"processing_ms": 0.4}, {"cable_detour": 1.7}, {"processing_ms": 2.0, "cable_detour": 3.0}]
)
def test_quantiles_between_the_nodes_are_close(networked: Alone, changes: dict[str, float]) -> None:
    users, tail, found = direct(networked)
    samples = slice(0, users.samples)
    good = np.isfinite(found.km[0, samples])
    wanted = {**STEADY, **changes}
    cable = wanted["cable_detour"] * 1.47 * tail[found.gateway[0, samples][good]]
    exact = 2e3 / LIGHT_KM_PER_S * (found.km[0, samples][good] + cable)
    exact += 2.0 * wanted["processing_ms"] * found.hops[0, samples][good]
    given = member(networked, **changes)
    assert given["user_rtt_p50_ms"] == pytest.approx(np.quantile(exact, 0.5), rel=0.01)
    assert given["user_rtt_p95_ms"] == pytest.approx(np.quantile(exact, 0.95), rel=0.01)


@pytest.mark.parametrize("obstruction", [1.0, 3.5, 8.0, 12.0])
def test_obstructions_between_the_nodes_are_close(networked: Alone, obstruction: float) -> None:
    users, _, found = direct(networked, obstruction)
    good = np.isfinite(found.km[0, : users.samples])
    given = member(networked, obstruction_deg=obstruction)
    assert given["connected_share"] == pytest.approx(good.mean(), abs=0.02)
    geometric = 2e3 / LIGHT_KM_PER_S * found.km[0, : users.samples][good]
    assert given["geometric_rtt_p50_ms"] == pytest.approx(np.quantile(geometric, 0.5), rel=0.03)


def test_access_and_processing_add_up(networked: Alone) -> None:
    bare, slow = member(networked), member(networked, access_delay_ms=20.0)
    assert slow["user_rtt_p95_ms"] == pytest.approx(bare["user_rtt_p95_ms"] + 20.0)
    assert slow["geometric_rtt_p95_ms"] == bare["geometric_rtt_p95_ms"]
    assert slow["place_rtt_p50_ms"] == pytest.approx(bare["place_rtt_p50_ms"] + 20.0)


def test_without_satellites_nothing_is_connected(networked: Alone) -> None:
    given = member(networked, operational_share=0.0)
    assert given["connected_share"] == 0.0
    assert given["user_rtt_p50_ms"] == NEVER_MS
    assert np.all(given["place_rtt_p95_ms"] == NEVER_MS)
    assert given["handovers_per_h"] == 0.0


def test_links_reach_a_gateway_that_a_bent_pipe_does_not(networked: Alone, file) -> None:
    sites = {"sites": [{"name": "South", "latitude": "-30 deg", "longitude": "140 deg"}]}
    far = {**file, "service": {**file["service"], "gateways": sites}}
    bent = member(Alone(SYSTEM, design=far))
    assert bent["connected_share"] == 0.0
    assert bent["geometric_rtt_p50_ms"] == NEVER_MS
    assert bent["busiest_satellite_share"] == 0.0
    linked = member(Alone(SYSTEM, design={**far, "network": {"links": "grid"}}))
    assert linked["connected_share"] > 0.5
    assert 80.0 < linked["geometric_rtt_p50_ms"] < 300.0


def test_no_round_trip_beats_light_along_the_ground(networked: Alone) -> None:
    design = networked.model()
    assert isinstance(design, Design)
    users, _, found = direct(networked)
    gate = ecef_from_geodetic(np.radians(45.0), np.radians(5.0))
    site = ecef_from_geodetic(users.latitude, users.longitude)
    chord = np.linalg.norm(site - gate, axis=1)[None, :, None]
    up_and_down = 2.0 * 1150.0  # no satellite is lower
    assert np.all(found.km >= np.maximum(chord, up_and_down))


def test_what_is_assumed_is_told(file) -> None:
    alone = Alone(SYSTEM, design=file)
    notes = " ".join(alone.prepared()["network"]["notes"])
    assert "No site of a gateway is named: gateways stand at" in notes
    assert "No exchange is named" in notes


def test_one_satellite_fails_and_the_others_carry_on(networked: Alone) -> None:
    given = member(networked)
    assert 0.0 <= given["single_failure_loss"] < 0.1
    assert given["single_failure_rise_ms"] >= 0.0
    assert 1.0 / 60.0 < given["busiest_satellite_share"] <= 1.0


def test_custom_links_are_numbered_from_one(file) -> None:
    ring = [[i + 1, i % 10 + 2 if i % 10 < 9 else i - 8] for i in range(10)]
    design = Design.model_validate({**file, "network": {"links": "custom", "pairs": ring}})
    links, _ = topology(design, assemble(design, Path()))
    assert links.graph[0].min() == 0
    assert len(links.pairs) == 10
    wrong = Design.model_validate({**file, "network": {"links": "custom", "pairs": [[1, 61]]}})
    with pytest.raises(ModelError, match="outside 0 to 59"):
        topology(wrong, assemble(wrong, Path()))


def test_catalogued_satellites_stay_without_links(tmp_path: Path, file) -> None:
    text = (
        "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753\n"
        "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667\n"
    )
    (tmp_path / "a.tle").write_text(text, encoding="utf-8")
    entry = {**file, "catalogues": [{"file": "a.tle"}], "epoch": "2000-06-28", "network": {"links": "grid"}}
    design = Design.model_validate(entry)
    links, notes = topology(design, assemble(design, tmp_path))
    assert links.graph[1].max() < 60
    assert any("stay without links" in note for note in notes)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ({"links": "custom"}, "expected pairs together"),
        ({"pairs": [[1, 2]]}, "expected pairs together"),
        ({"links": "laser"}, "grid"),
        (
            {"exchange": {"name": "X", "latitude": "95 deg", "longitude": "8 deg"}},
            "outside the possible range",
        ),
        (
            {"exchange": {"name": "X", "latitude": "5 deg", "longitude": "250 deg"}},
            "outside the possible range",
        ),
        ({"grazing": "80"}, "with its unit"),
        ({"isl": "yes"}, "Extra inputs"),
    ],
)
def test_impossible_networks_are_refused(file, network, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Design.model_validate({**file, "network": network})


def test_long_periods_and_large_fleets_are_looked_at_more_coarsely(file) -> None:
    design = Design.model_validate({**file, "duration": "3 day"})
    landings = Landings(("West",), np.array([45.0]), np.array([5.0]))
    found = prepare_network(design, assemble(design, Path()), landings, lambda done: None)
    assert found["step_s"] == 120.0
    assert found["drawn_hour"].max() < 24.0


def test_paths_over_links_are_drawn(networked: Alone, file) -> None:
    drawn = {figure.id: figure for figure in SYSTEM.figures(networked.result(16))}
    assert {"round_trips", "paths_over_day", "path_map"} <= set(drawn)
    rows = drawn["path_map"].rows
    assert {row["place"] for row in rows} <= {"North", "South"}
    for name in ("round_trips", "paths_over_day", "path_map"):
        assert vl_convert.vegalite_to_svg(dict(drawn[name].spec)).startswith("<svg")
    shares = [row["share"] for row in drawn["round_trips"].rows]
    times = [row["rtt"] for row in drawn["round_trips"].rows]
    half = len(times) // 2
    assert times[:half] == sorted(times[:half])
    assert shares[:half] == sorted(shares[:half])
    assert all(user > plain for plain, user in zip(times[:half], times[half:], strict=True))
