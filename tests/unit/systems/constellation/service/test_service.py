"""From link to price on a small region: what must hold, and what the table is checked against."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accord.contract.alone import Alone
from accord.errors import FileError, MissingExtraError, ModelError
from accord.systems.constellation.fleet import assemble
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.model import SYSTEM
from accord.systems.constellation.service import surface
from accord.systems.constellation.service.adoption import affordable_share
from accord.systems.constellation.service.deployment import filling_order
from accord.systems.constellation.service.economics import learning_factor
from accord.systems.constellation.service.inputs import medians
from accord.systems.constellation.service.scene import ground_of, scene_of


def given(alone: Alone, middle: dict[str, np.ndarray], **changed: float) -> dict[str, np.ndarray]:
    members = {**middle, **{name: np.array([value]) for name, value in changed.items()}}
    outputs, failures = alone.evaluate(members)
    assert failures == {}
    return {name: value[0] for name, value in outputs.items()}


def prepared(file: dict[str, Any], folder: Path, **service: Any) -> Alone:
    file["service"] |= service
    alone = Alone(SYSTEM, design=file, folder=folder)
    alone.prepared()
    return alone


def test_more_working_satellites_carry_more(alone: Alone, middle) -> None:
    served = [
        given(alone, middle, operational_share=x)["capacity_gbit_per_s"] for x in (0.0, 0.3, 0.7, 0.9, 1.0)
    ]
    assert served[0] == 0.0
    assert (np.diff(served) > 0.0).all()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("gso_angle_deg", 13.0, 21.0),
        ("obstruction_deg", 0.0, 15.0),
        ("implementation_loss_db", 0.5, 2.5),
    ],
)
def test_what_takes_away_links_takes_away_capacity(
    alone: Alone, middle, name: str, low: float, high: float
) -> None:
    few, many = (given(alone, middle, **{name: x}) for x in (high, low))
    assert few["capacity_gbit_per_s"] < many["capacity_gbit_per_s"]
    assert few["link_availability"] <= many["link_availability"]


def test_the_table_is_near_direct_assignment(alone: Alone) -> None:
    design = alone.model()
    assert isinstance(design, Design)
    middle = {name: np.array([value]) for name, value in medians().items()}
    ground = ground_of(design, design.service, alone.folder, middle)
    satellites = assemble(design, alone.folder)
    scene = scene_of(design, design.service, satellites, ground)
    own = alone.prepared()["service"]
    level = surface.failing_below(scene)
    for share, arc, obstruction, shift, load in (
        (0.9, 15.0, 2.0, 0.7, 0.5),
        (0.95, 19.0, 3.0, -0.6, 3.0),
        (0.7, 13.0, 8.0, 0.5, 10.0),
    ):
        direct, reached, _ = surface.run_sweep(
            design.service,
            scene,
            ground,
            working=level < share,
            arc_deg=arc,
            obstruction_deg=obstruction,
            rate=surface.rates_of(design.service, scene, shift),
            outage=scene.outage(shift),
            loads=(load, np.inf),
        )
        at = {
            "share": np.array([share]),
            "arc_deg": np.array([arc]),
            "obstruction_deg": np.array([obstruction]),
            "shift_db": np.array([shift]),
        }
        for wanted, expected in zip((load, np.inf), direct, strict=True):
            found = surface.look(own["served"], own, at, np.array([wanted]))[0]
            assert found == pytest.approx(expected, rel=0.05)
        assert surface.look(own["reached"], own, at, None)[0] == pytest.approx(reached, abs=0.04)


def test_the_gap_to_the_bound_is_small(alone: Alone) -> None:
    gap = np.asarray(alone.prepared()["service"]["gap"])
    assert gap.min() >= 0.0
    assert gap.mean() <= 0.03


def test_launches_add_service_and_the_last_completes_it(alone: Alone, middle) -> None:
    out = given(alone, middle)
    share = out["service_share"]
    assert len(share) == 4
    assert (np.diff(share) >= -1e-12).all()
    assert share[-1] == 1.0
    assert 0.0 < out["first_service_month"] < out["full_service_month"]
    slow = given(alone, middle, launch_rate_per_yr=2.0)
    assert slow["full_service_month"] > out["full_service_month"]
    assert slow["first_service_month"] >= out["first_service_month"]


def test_planes_are_filled_around(file, folder: Path) -> None:
    order = filling_order(Design.model_validate(file))
    assert sorted(order.tolist()) == list(range(144))
    planes = order[::12] // 12
    assert planes[:4].tolist() == [0, 6, 3, 9]


def test_dearer_means_fewer_subscribers_and_a_higher_needed_price(alone: Alone, middle) -> None:
    cheap, dear = (given(alone, middle, subscription_usd2025_per_month=x) for x in (20.0, 80.0))
    assert dear["subscribers_wanting"] < cheap["subscribers_wanting"]
    assert dear["subscribers_served"] <= cheap["subscribers_served"]
    costly = given(alone, middle, first_unit_musd2025=10.0)
    base = given(alone, middle)
    assert costly["required_price_usd2025_per_month"] > base["required_price_usd2025_per_month"]
    assert costly["alone_value_musd2025"] < base["alone_value_musd2025"]


def test_sharing_the_fleet_never_costs_the_region_more(alone: Alone) -> None:
    members = alone.draw(200)
    out, _ = alone.evaluate(members)
    assert (
        out["shared_price_usd2025_per_month"] <= out["required_price_usd2025_per_month"] * (1 + 1e-12)
    ).all()
    assert (out["shared_value_musd2025"] >= out["alone_value_musd2025"] - 1e-9).all()
    assert (out["region_cost_share"] >= out["serving_share"] - 1e-12).all()
    nobody = {**members, "sold_elsewhere_share": np.zeros(200)}
    alone_out, _ = alone.evaluate(nobody)
    np.testing.assert_allclose(
        alone_out["shared_price_usd2025_per_month"], alone_out["required_price_usd2025_per_month"]
    )


def test_accounts_add_up(alone: Alone, middle) -> None:
    out = given(alone, middle)
    price, months = out["required_price_usd2025_per_month"], out["cost_musd2025"].sum() * 1e6
    served = out["subscribers_by_year"]
    rate = middle["discount_per_yr"][0]
    present = np.sum(12.0 * served * (1.0 + rate) ** -(np.arange(len(served)) + 0.5))
    assert price * present == pytest.approx(months)
    income = 1e-6 * middle["subscription_usd2025_per_month"][0] * present
    assert out["alone_value_musd2025"] == pytest.approx(income - out["cost_musd2025"].sum())
    assert out["subscribers_served"] == pytest.approx(served.max())
    assert served.max() <= out["subscribers_wanting"] + 1e-9


def test_nobody_working_is_told_by_the_price_and_not_by_infinity(alone: Alone, middle) -> None:
    out = given(alone, middle, operational_share=0.0)
    assert out["subscribers_served"] == 0.0
    assert out["required_price_usd2025_per_month"] == 1e6
    assert out["link_availability"] == 0.0


def test_without_demand_the_capacity_says_how_many(file, folder: Path, middle) -> None:
    del file["service"]["demand"]
    open_ended = prepared(file, folder)
    out = given(open_ended, middle)
    assert out["demand_served_share"] == 1.0
    assert out["subscribers_served"] > 0.0
    assert any("unlimited" in note for note in open_ended.prepared()["service"]["notes"])


def test_no_gateway_in_view_is_zero_capacity_with_a_message(file, folder: Path, middle) -> None:
    far = [{"name": "Far", "latitude": "-50 deg", "longitude": "-120 deg"}]
    alone = prepared(file, folder, gateways={"sites": far})
    assert given(alone, middle)["capacity_gbit_per_s"] == 0.0
    assert any("no gateway is in view" in note for note in alone.prepared()["service"]["notes"])


def test_links_between_satellites_reach_where_no_gateway_is(file, folder: Path, middle) -> None:
    far = [{"name": "Far", "latitude": "-30 deg", "longitude": "-120 deg"}]
    alone = prepared(file, folder, gateways={"sites": far}, feeder={"isl_rate": "5 Gbit/s"})
    assert given(alone, middle)["capacity_gbit_per_s"] > 0.0


def test_traffic_that_must_land_at_home_carries_less(file, folder: Path, middle) -> None:
    sites = file["service"]["gateways"]["sites"]
    both = prepared(file, folder, gateways={"sites": sites[:2], "antennas": 8})
    home = prepared(file, folder, gateways={"sites": sites[:2], "antennas": 8, "national": True})
    free, bound = (given(x, middle)["capacity_gbit_per_s"] for x in (both, home))
    assert bound <= free * (1 + 1e-6)
    with pytest.raises(ModelError, match="cannot give each of 2 countries"):
        prepared(file, folder, gateways={"sites": sites, "count": 1, "national": True})


def test_gateways_are_chosen_among_allowed_sites(file, folder: Path) -> None:
    sites = [dict(site) for site in file["service"]["gateways"]["sites"]]
    alone = prepared(file, folder, gateways={"sites": sites, "count": 1, "antennas": 8})
    assert len(alone.prepared()["service"]["gateway_name"]) == 1
    for site in sites:
        site["allowed"] = False
    with pytest.raises(ModelError, match="no site is allowed"):
        prepared(file, folder, gateways={"sites": sites})
    sites[0]["allowed"] = True
    with pytest.raises(ModelError, match="on 1 allowed sites"):
        prepared(file, folder, gateways={"sites": sites, "count": 2})


def test_the_arc_matters_in_the_middle_latitudes(file, folder: Path, middle) -> None:
    kept = prepared(file, folder, payload={})
    free = prepared(file, folder, payload={"gso_protection": False})
    assert given(kept, middle)["capacity_gbit_per_s"] < given(free, middle)["capacity_gbit_per_s"]


def test_flux_limits_cut_a_loud_beam(file, folder: Path, middle) -> None:
    loud = {"beam_eirp": "55 dBW", "gso_protection": False}
    cut = prepared(file, folder, payload=loud)
    free = prepared(file, folder, payload={**loud, "flux_limits": False})
    assert cut.prepared()["service"]["flux_cut_db"] > 1.0
    assert free.prepared()["service"]["flux_cut_db"] == 0.0
    assert given(cut, middle)["capacity_gbit_per_s"] < given(free, middle)["capacity_gbit_per_s"]


def test_editions_and_maps_are_chosen_in_the_file(file, folder: Path) -> None:
    file["service"] |= {"weather": {"maps": True}}
    try:
        Alone(SYSTEM, design=file, folder=folder).prepared()
    except MissingExtraError as error:
        assert "itu" in str(error)  # noqa: PT017
    with pytest.raises(ValueError, match="either maps"):
        Design.model_validate({**file, "service": {"weather": {"maps": True, "sites": [SITE]}}})


SITE = {
    "name": "Here",
    "latitude": "40 deg",
    "longitude": "25 deg",
    "rain_rate": "35 mm/h",
    "isotherm": "3.3 km",
    "wet_refractivity": 55,
    "temperature": "287 K",
    "vapour_density": ["17 g/m3", "14 g/m3", "10 g/m3", "7 g/m3"],
    "vapour_content": ["36 kg/m2", "31 kg/m2", "24 kg/m2", "16 kg/m2"],
    "cloud_liquid": ["0.9 kg/m2", "0.4 kg/m2", "0.08 kg/m2", "0 kg/m2"],
}


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ({"payload": {"beam_bandwidth": "3000 MHz"}}, "does not fit"),
        ({"payload": {"power": "100 W"}}, "power and beam_power together"),
        ({"payload": {"power": "100 W", "beam_power": "200 W"}}, "does not light one beam"),
        ({"payload": {"frequency": "60 GHz"}}, "outside the possible range"),
        ({"weather": {"edition": 12}}, "13 or 14"),
        ({"weather": {"sites": [{**SITE, "rain_rate": None}]}}, "either rain_rate"),
        (
            {"weather": {"sites": [{**SITE, "rain_rate": None, "month_rainfall": ["3 mm"] * 11}]}},
            "twelve months",
        ),
        ({"feeder": {"elevation_mask": "2 deg"}}, "outside the possible range"),
        ({"no_such_key": 1}, "no_such_key"),
    ],
)
def test_bad_designs_are_told(file, service: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Design.model_validate({**file, "service": service})


def test_a_missing_file_is_told(file, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"towns\.csv"):
        Alone(SYSTEM, design=file, folder=tmp_path).prepared()


def test_too_many_cells_are_told(file, folder: Path) -> None:
    with pytest.raises(ModelError, match="larger service cell"):
        prepared(file, folder, cell="10 km")


def test_links_below_five_degrees_are_noted(file, folder: Path) -> None:
    file["shells"][0]["elevation_mask"] = "2 deg"
    alone = prepared(file, folder)
    assert any("below 5 deg" in note for note in alone.prepared()["service"]["notes"])


def test_monthly_climate_stands_in_for_the_rain_rate(file, folder: Path, middle) -> None:
    months = {"month_temperatures": [f"{t} degC" for t in range(12)], "month_rainfall": ["60 mm"] * 12}
    site = {**{k: v for k, v in SITE.items() if k != "rain_rate"}, **months}
    alone = prepared(file, folder, weather={"sites": [site]})
    assert given(alone, middle)["capacity_gbit_per_s"] > 0.0


def test_affordability_is_lognormal() -> None:
    half = affordable_share(np.array([100.0]), np.array([0.02]), np.array([60000.0]), 0.4)
    assert 0.2 < half[0] < 0.5  # the median household earns less than the mean
    low, high = (
        affordable_share(np.array([p]), np.array([0.02]), np.array([60000.0]), 0.4)[0] for p in (10.0, 1000.0)
    )
    assert low > 0.99
    assert high < 0.001


def test_learning_of_a_long_series_is_summed_exactly() -> None:
    exact = np.mean(np.arange(1, 1001, dtype=float) ** np.log2(0.9))
    assert float(learning_factor(1000, np.array([0.9]))[0]) == pytest.approx(exact, rel=1e-6)
    assert float(learning_factor(1, np.array([0.9]))[0]) == 1.0


def test_figures_of_the_service_are_drawn(alone: Alone) -> None:
    figures = {figure.id: figure for figure in SYSTEM.figures(alone.result(64))}
    wanted = {
        "demand_map",
        "served_map",
        "capacity_map",
        "build_up",
        "subscribers_by_year",
        "cost_waterfall",
        "prices",
        "fleet_trade_off",
    }
    assert wanted <= set(figures)
    assert len(figures["demand_map"].rows) == len(alone.prepared()["service"]["cell_demand"])
    assert "nan" not in " ".join(figure.alt for figure in figures.values()).lower().split()


def test_catalogued_fleets_are_in_orbit_already(file, folder: Path, middle) -> None:
    text = (
        "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753\n"
        "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667\n"
    )
    (folder / "a.tle").write_text(text, encoding="utf-8")
    file |= {
        "shells": [],
        "catalogues": [{"file": "a.tle", "elevation_mask": "5 deg"}],
        "epoch": "2000-06-28",
    }
    alone = prepared(file, folder)
    assert given(alone, middle)["service_share"].tolist() == [1.0]
