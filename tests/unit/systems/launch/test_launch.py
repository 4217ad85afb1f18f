"""Launch campaigns: the cheapest manifest really is the cheapest, and sharing behaves as it should."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.systems.launch.inputs import Design, Orbit
from accord.systems.launch.manifest import blocks, covers, planes_per_launch
from accord.systems.launch.model import EXAMPLE, SYSTEM


@settings(max_examples=80)
@given(
    st.integers(1, 30),
    st.lists(st.integers(0, 12), min_size=1, max_size=3),
    st.lists(st.integers(1, 50), min_size=3, max_size=3),
)
def test_the_cheapest_cover_is_among_those_listed(
    satellites: int, capacities: list[int], prices: list[int]
) -> None:
    if not any(capacities):
        with pytest.raises(ModelError, match="no vehicle"):
            covers(satellites, capacities)
        return
    listed = covers(satellites, capacities)
    for cover in listed:
        carried = sum(n * c for n, c in zip(cover, capacities, strict=True))
        assert carried >= satellites
        assert all(carried - c < satellites for n, c in zip(cover, capacities, strict=True) if n)
    ranges = [range(-(-satellites // c) + 1) if c else range(1) for c in capacities]
    best = min(
        sum(n * p for n, p in zip(choice, prices, strict=False))
        for choice in itertools.product(*ranges)
        if sum(n * c for n, c in zip(choice, capacities, strict=True)) >= satellites
    )
    assert min(sum(n * p for n, p in zip(cover, prices, strict=False)) for cover in listed) == best


def test_too_many_ways_are_refused() -> None:
    with pytest.raises(ModelError, match="more than 20000 ways"):
        covers(400, [1, 2, 3, 5, 7])


def orbit(**more: Any) -> Orbit:
    return Orbit.model_validate(
        {"id": "o", "deployment_altitude": "350 km", "altitude": "550 km", "inclination": "53 deg",
         "plane_spacing": "20 deg", **more}
    )  # fmt: skip


@pytest.mark.parametrize(("wait", "planes"), [(0, 1), (40, 1), (42, 2), (124, 4)])
def test_planes_of_a_launch_follow_the_wait(wait: float, planes: int) -> None:
    assert planes_per_launch(orbit(), wait) == planes


def test_a_polar_orbit_does_not_drift() -> None:
    assert planes_per_launch(orbit(inclination="90 deg"), 2000) == 1


def test_blocks_cover_all_planes() -> None:
    design = Design.model_validate({**EXAMPLE, "max_phasing": "30 day"})
    payload = design.payloads[0]
    for planes in range(1, 12):
        found = blocks(design, payload, planes)
        assert sum(s * n for s, n in found) == planes * payload.satellites_per_plane


def changed(**more: Any) -> dict[str, Any]:
    return {**copy.deepcopy(EXAMPLE), **more}


def outcome(design: dict[str, Any], **fixed: float) -> dict[str, np.ndarray]:
    alone = Alone(SYSTEM, design=design)
    members = alone.draw(200)
    for name, value in fixed.items():
        members[name] = np.full(200, value)
    outputs, failures = alone.evaluate(members)
    assert failures == {}
    return outputs


def test_without_a_cost_of_sharing_nobody_loses() -> None:
    out = outcome(EXAMPLE, sharing_cost_musd2025=0.0)
    assert (out["cost_ratio"] <= 1 + 1e-12).all()
    assert (out["worst_cost_ratio"] <= 1 + 1e-9).all()
    assert (out["stable"] == 1).all()
    np.testing.assert_allclose(
        out["shapley_cost_musd2025"].sum(axis=1), out["pooled_cost_musd2025"], rtol=1e-12
    )


def test_a_high_cost_of_sharing_makes_it_dearer() -> None:
    out = outcome(EXAMPLE, sharing_cost_musd2025=5000.0)
    assert (out["cost_ratio"] > 1).all()
    assert (out["saving_musd2025"] < 0).all()
    assert (out["stable"] == 0).all()
    assert (out["subadditive"] == 0).all()
    alone = Alone(SYSTEM)
    members = {**alone.draw(100), "sharing_cost_musd2025": np.full(100, 5000.0)}
    outputs, _ = alone.evaluate(members)
    caption = SYSTEM.figures(replace(alone.result(100), members=members, outputs=outputs))[0].caption
    assert "In 100 % of the members the core is empty" in caption
    assert "In 100 % some partners pay more together than apart" in caption


def test_the_costs_of_coalitions_are_the_game_that_is_shared() -> None:
    out = outcome(EXAMPLE, sharing_cost_musd2025=0.0)
    assert SYSTEM.labels is not None
    assert SYSTEM.labels(Design.model_validate(EXAMPLE))["coalition"] == ("north", "south", "north+south")
    game = out["coalition_cost_musd2025"]
    np.testing.assert_array_equal(game[:, :2], out["alone_cost_musd2025"])
    np.testing.assert_array_equal(game[:, 2], out["pooled_cost_musd2025"])
    assert (out["subadditive"] == 1).all()


def test_by_hand_one_vehicle_each_and_sure_launches() -> None:
    design = changed(
        vehicles=[
            {"id": "a", "name": "A", "owner": "north", "lift": "10000 kg", "slots": 20, "price": "60 MUSD2025",
             "successes": 9, "cadence": "2 /yr"},
            {"id": "b", "name": "B", "owner": "south", "lift": "10000 kg", "slots": 10, "price": "50 MUSD2025",
             "successes": 9, "cadence": "5 /yr"},
        ],
    )  # fmt: skip
    out = outcome(
        design, sharing_cost_musd2025=0.0, satellite_value_musd2025=0.0,
        **{"reliability.a": 1.0, "reliability.b": 1.0},
    )  # fmt: skip
    # north: 30 satellites by 20 a launch; south: 20 by 10; together 50: 20 + 20 + 10 for 60 + 60 + 50
    assert out["alone_cost_musd2025"][0].tolist() == [120.0, 100.0]
    assert out["pooled_cost_musd2025"][0] == 170.0
    assert out["shapley_cost_musd2025"][0].tolist() == [95.0, 75.0]
    assert (out["alone_launches"][0], out["pooled_launches"][0]) == (4.0, 3.0)
    assert out["campaign_yr"][0] == 1.0


def test_failures_are_flown_again() -> None:
    sure = outcome(EXAMPLE, sharing_cost_musd2025=0.0, satellite_value_musd2025=0.0,
                   **{"reliability.heavy": 1.0, "reliability.light": 1.0})  # fmt: skip
    half = outcome(EXAMPLE, sharing_cost_musd2025=0.0, satellite_value_musd2025=0.0,
                   **{"reliability.heavy": 0.5, "reliability.light": 0.5})  # fmt: skip
    np.testing.assert_allclose(half["pooled_cost_musd2025"], 2 * sure["pooled_cost_musd2025"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"payloads": [{**EXAMPLE["payloads"][0], "owner": "east"}]}, "is not a partner"),
        ({"payloads": [{**EXAMPLE["payloads"][0], "orbit": "moon"}]}, "there is no orbit"),
        ({"payloads": [{**EXAMPLE["payloads"][0], "satellite_mass": "9 t"}]}, "lifts one satellite"),
        (
            {"payloads": [EXAMPLE["payloads"][0], {**EXAMPLE["payloads"][1], "satellites_per_plane": 5}]},
            "must be alike",
        ),
        ({"payloads": [EXAMPLE["payloads"][0], EXAMPLE["payloads"][0]]}, "its own id"),
        ({"vehicles": [{**EXAMPLE["vehicles"][0], "owner": "west"}]}, "is not a partner"),
        ({"partners": EXAMPLE["partners"][:1]}, "at least 2"),
    ],
)
def test_designs_that_cannot_be(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Design.model_validate(changed(**change))
