"""The return link: against a chain by hand, against forward, in bad weather, and with nonsense in the file."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given as drawn_from
from hypothesis import strategies as st
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.systems.constellation.fleet import assemble
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.model import SYSTEM
from accord.systems.constellation.service import budget, return_link, surface
from accord.systems.constellation.service.design import ReturnLink
from accord.systems.constellation.service.inputs import medians
from accord.systems.constellation.service.scene import ground_of, scene_of


@pytest.fixture(scope="module")
def parts(alone: Alone) -> tuple[Any, Any, Any]:
    """Service, scene and ground of the small region."""
    design = alone.model()
    assert isinstance(design, Design)
    middle = {name: np.array([value]) for name, value in medians().items()}
    ground = ground_of(design, design.service, alone.folder, middle)
    scene = scene_of(design, design.service, assemble(design, alone.folder), ground)
    return design.service, scene, ground


def tables(parts: tuple[Any, Any, Any], **link: Any) -> dict[str, Any]:
    service, scene, ground = parts
    service = service.model_copy(update={"return_link": ReturnLink.model_validate(link)})
    uplinks = return_link.uplinks_of(service, scene.users, scene.climate, scene.rarity_pct)
    return return_link.return_tables(service, scene, ground, uplinks, lambda done: None)


def evaluated(alone: Alone, middle: dict[str, np.ndarray], **changed: float) -> dict[str, Any]:
    members = {**middle, **{name: np.array([value]) for name, value in changed.items()}}
    outputs, failures = alone.evaluate(members)
    assert failures == {}
    return {name: value[0] for name, value in outputs.items()}


def test_one_pair_follows_the_chain_by_hand(parts) -> None:
    service, scene, _ = parts
    uplinks = return_link.uplinks_of(service, scene.users, scene.climate, scene.rarity_pct)
    users, pair = scene.users, int(np.argmin(scene.users.elevation_deg))
    sky = budget.sky_of(
        scene.climate, 14.25, return_link.Station(diameter_m=0.5, efficiency=0.6), service.weather.edition
    )
    loss = float(sky.along(users, scene.rarity_pct[users.place, users.moment])[0][pair])
    free = 92.448 + 20.0 * math.log10(14.25 * float(users.range_km[pair]))  # distances in km, GHz
    scan = -13.0 * math.log10(math.sin(math.radians(float(users.elevation_deg[pair]))))
    by_hand = 34.0 - scan - free - loss - 1.0 + 228.599 - 10.0 * math.log10(20e6)
    assert uplinks.ratio_db[pair] == pytest.approx(by_hand, abs=0.01)
    # rarer weather is worse
    assert (np.diff(uplinks.symbol_db, axis=1) >= -1e-9).all()


@drawn_from(
    power=st.floats(0, 70), width=st.floats(0.1, 500), loss=st.floats(150, 220), merit=st.floats(-20, 20)
)
def test_power_and_width_trade(power: float, width: float, loss: float, merit: float) -> None:
    one = return_link.uplink_ratio_db(power, width, loss, merit)
    assert return_link.uplink_ratio_db(power + 10.0, 10.0 * width, loss, merit) == pytest.approx(
        one, abs=1e-9
    )
    assert return_link.uplink_ratio_db(power, width, loss + 1.0, merit) == pytest.approx(one - 1.0, abs=1e-9)


def test_bad_weather_takes_rate_and_higher_frequency_takes_more(parts) -> None:
    ku = tables(parts)
    assert (ku["return_available"] <= ku["return_clear"]).all()
    # at the same carrier over noise in vacuum, so that only the weather differs
    ka = tables(parts, frequency="29.75 GHz", eirp=f"{34.0 + 20.0 * math.log10(29.75 / 14.25)} dBW")
    kept = [(t["return_available"] / t["return_clear"])[0, 1, 0, 1] for t in (ku, ka)]
    assert 0.0 < kept[1] < kept[0] < 1.0


def test_more_of_the_spectrum_carries_more_and_the_channel_alone_changes_no_beam(parts) -> None:
    whole, half = (tables(parts, return_share=share)["return_served"] for share in (1.0, 0.5))
    assert (half <= whole + 1e-9).all()
    assert 0.0 < half[0, 1, 0, 1] < whole[0, 1, 0, 1]
    # twice the channel with twice the power has the same density: each terminal sends twice as much
    wide = tables(parts, channel="40 MHz", eirp=f"{34.0 + 10.0 * math.log10(2.0)} dBW")
    np.testing.assert_allclose(wide["return_served"], whole, rtol=1e-9)
    np.testing.assert_allclose(wide["return_clear"], 2.0 * tables(parts)["return_clear"], rtol=1e-9)


def test_beams_of_the_satellite_bound_what_comes_back(parts) -> None:
    one = tables(parts, beams=1, eirp="60 dBW")
    _, scene, _ = parts
    serving = max(len(np.unique(scene.users.satellite[scene.users.moment == m])) for m in range(10))
    assert one["return_served"].max() <= serving * 125.0 * (10.0 / 3.0) / 1.2 + 1e-6


def test_a_strong_terminal_reaches_the_best_mode_and_a_weak_one_sends_nothing(parts) -> None:
    strong, weak = tables(parts, eirp="70 dBW"), tables(parts, eirp="5 dBW")
    best = 20.0 * (10.0 / 3.0) / 1.2 * strong["return_seen"]
    np.testing.assert_allclose(strong["return_available"][..., 2], best[..., 2], rtol=1e-9)
    for name in ("return_served", "return_clear", "return_available"):
        assert (weak[name] == 0.0).all()
    np.testing.assert_array_equal(weak["return_seen"], strong["return_seen"])


def test_which_direction_limits_follows_the_ratio(alone: Alone, middle) -> None:
    little, much = (evaluated(alone, middle, return_traffic_ratio=r) for r in (0.05, 1.0))
    assert little["return_limited_share"] == 0.0
    assert little["both_ways_gbit_per_s"] == little["capacity_gbit_per_s"]
    assert much["both_ways_gbit_per_s"] == pytest.approx(much["return_capacity_gbit_per_s"])
    assert much["return_limited_share"] == pytest.approx(
        1.0 - much["return_capacity_gbit_per_s"] / much["capacity_gbit_per_s"]
    )
    assert much["capacity_gbit_per_s"] == little["capacity_gbit_per_s"]


def test_nobody_working_sends_nothing_and_is_no_gap(alone: Alone, middle) -> None:
    out = evaluated(alone, middle, operational_share=0.0)
    assert out["return_capacity_gbit_per_s"] == out["return_rate_clear_mbit_per_s"] == 0.0
    assert out["return_limited_share"] == 0.0
    # the rate while a satellite is in sight hardly depends on how many there are
    few, all_ = (evaluated(alone, middle, operational_share=x) for x in (0.2, 1.0))
    assert few["return_rate_clear_mbit_per_s"] > 0.5 * all_["return_rate_clear_mbit_per_s"]


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ({"beam_bandwidth": "600 MHz"}, "a return beam of 600 MHz does not fit the 500 MHz"),
        ({"return_share": 0.1}, "a return beam of 125 MHz does not fit the 50 MHz"),
        ({"channel": "200 MHz"}, "a channel of 200 MHz does not fit a return beam of 125 MHz"),
        ({"availability": 1.0}, "availability"),
        ({"eirp": "34 MHz"}, "eirp"),
        ({"power": "3 W"}, "power"),
    ],
)
def test_nonsense_is_told(file, folder, link: dict[str, Any], told: str) -> None:
    file["service"]["return_link"] = link
    with pytest.raises(ValidationError, match=told):
        Alone(SYSTEM, design=file, folder=folder).model()


def test_the_table_is_near_direct_assignment(parts, alone: Alone) -> None:
    service, scene, ground = parts
    own, level = alone.prepared()["service"], surface.failing_below(scene)
    uplinks = return_link.uplinks_of(service, scene.users, scene.climate, scene.rarity_pct)
    back, returned = return_link.as_forward(service, scene, uplinks)
    link, symbol = service.return_link, budget.symbol_ratio_db(uplinks.ratio_db)
    for share, arc, obstruction, shift in (
        (0.9, 15.0, 2.0, 0.7),
        (0.95, 19.0, 3.0, -0.6),
        (0.7, 13.0, 8.0, 0.5),
    ):
        direct, _, _ = surface.run_sweep(
            back,
            returned,
            ground,
            working=level < share,
            arc_deg=arc,
            obstruction_deg=obstruction,
            rate=link.beam_bandwidth_mhz * return_link.channel_bit_per_s_hz(symbol + shift, link),
            outage=returned.outage(shift),
            loads=(np.inf,),
        )
        at = {"share": share, "arc_deg": arc, "obstruction_deg": obstruction, "shift_db": shift}
        members = {name: np.array([value]) for name, value in at.items()}
        found = surface.look(own["return_served"], own, members, None)
        assert found[0] == pytest.approx(direct[0], rel=0.06)
