"""The figures say what the numbers say."""

import numpy as np
import pytest

from accord.contract.alone import Alone
from accord.systems.constellation.model import SYSTEM
from accord.systems.constellation.sphere import in_view_by_latitude, mean_in_view


@pytest.fixture(scope="module")
def drawn(alone: Alone):
    return {figure.id: figure for figure in SYSTEM.figures(alone.result(32))}


def test_all_are_drawn(drawn) -> None:
    coverage = ["world_coverage", "region_coverage", "fold_share", "in_view", "gaps", "by_latitude"]
    service = [
        "capacity_map",
        "return_link",
        "build_up",
        "subscribers_by_year",
        "cost_waterfall",
        "prices",
        "fleet_trade_off",
    ]
    assert list(drawn) == [*coverage, "round_trips", "paths_over_day", *service]


def test_distribution_adds_up_to_one(drawn) -> None:
    rows = drawn["in_view"].rows
    for fleet in {row["fleet"] for row in rows}:
        assert sum(row["share"] for row in rows if row["fleet"] == fleet) == pytest.approx(1.0)


def test_gap_curves_fall(drawn) -> None:
    rows = drawn["gaps"].rows
    for working in {row["working"] for row in rows}:
        part = [row for row in rows if row["working"] == working]
        assert [r["gap"] for r in part] == sorted(r["gap"] for r in part)
        assert [r["share"] for r in part] == sorted((r["share"] for r in part), reverse=True)


def test_no_gap_figure_where_there_are_no_gaps(file) -> None:
    file["shells"][0] |= {"planes": 18, "satellites": 648}
    ids = [figure.id for figure in SYSTEM.figures(Alone(SYSTEM, design={**file, "step": "300 s"}).result(8))]
    assert "gaps" not in ids


def test_no_region_map_of_the_whole_earth(file) -> None:
    del file["area"]
    ids = [figure.id for figure in SYSTEM.figures(Alone(SYSTEM, design={**file, "step": "600 s"}).result(8))]
    assert "region_coverage" not in ids
    assert "world_coverage" in ids


def test_closed_form_by_latitude_averages_to_that_of_the_sphere() -> None:
    latitude = np.degrees(np.arcsin((np.arange(400) + 0.5) / 200.0 - 1.0))  # equal areas
    by_latitude = in_view_by_latitude(648, 7578.137, np.radians(87.9), 25.0, latitude)
    assert by_latitude.mean() == pytest.approx(mean_in_view(648, 7578.137, 25.0), rel=2e-3)


def test_counts_follow_the_closed_form(drawn) -> None:
    rows = drawn["by_latitude"].rows
    exact = np.array([r["in view"] for r in rows if r["method"].startswith("counted")])
    sphere = np.array([r["in view"] for r in rows if r["method"].startswith("closed")])
    np.testing.assert_allclose(exact, sphere, rtol=0.03)


def test_pictures_can_be_rendered(drawn) -> None:
    import vl_convert

    for figure in drawn.values():
        assert vl_convert.vegalite_to_svg(dict(figure.spec)).startswith("<svg")
