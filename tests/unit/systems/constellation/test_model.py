"""The model against direct counts of the same fleet, thinned and obstructed."""

from pathlib import Path

import numpy as np
import pytest

from accord.contract.alone import Alone
from accord.errors import ModelError
from accord.physics.coverage import Fleet, coverage
from accord.systems.constellation.fleet import assemble
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.model import SYSTEM
from accord.systems.constellation.tables import OBSTRUCTIONS_DEG, SHARES, failure_levels, region_of


def member(alone: Alone, working: float, obstruction: float) -> dict[str, np.ndarray]:
    members = {name: np.array([spread.quantile(0.5)]) for name, spread in alone.spreads().items()}
    members |= {"operational_share": np.array([working]), "obstruction_deg": np.array([obstruction])}
    outputs, failures = alone.evaluate(members)
    assert failures == {}
    return {name: value[0] for name, value in outputs.items()}


def count(alone: Alone, obstruction: float, keep: np.ndarray | None = None):
    design = alone.model()
    assert isinstance(design, Design)
    whole = assemble(design, Path()).fleet(obstruction)
    fleet = whole
    if keep is not None:
        fleet = Fleet(
            positions=lambda seconds: whole.positions(seconds)[keep],
            group=whole.group[keep],
            radius_km=whole.radius_km,
            mask_rad=whole.mask_rad,
        )
    grid = region_of(design)
    return coverage(fleet, grid, design.step_s, design.steps), grid


def shares(seen, grid) -> tuple[float, float]:
    weight = grid.weight / grid.weight.sum()
    return float(weight @ seen.total) / seen.steps, float(weight @ seen.covered) / seen.steps


@pytest.mark.parametrize("obstruction", [0.5, 2.5, 3.5, 5.7, 7.3, 11.0, 15.5, 18.5])
def test_interpolated_obstruction_is_close_to_the_direct_count(alone: Alone, obstruction: float) -> None:
    given = member(alone, 1.0, obstruction)
    seen, grid = count(alone, obstruction)
    in_view, cover = shares(seen, grid)
    assert given["satellites_in_view"] == pytest.approx(in_view, rel=0.01)
    assert given["cover_share"] == pytest.approx(cover, abs=0.003)
    assert given["serving_satellites"] == pytest.approx(seen.serving.mean(), rel=0.01)


@pytest.mark.parametrize("obstruction", OBSTRUCTIONS_DEG)
def test_at_the_nodes_the_count_itself_comes_back(alone: Alone, obstruction: float) -> None:
    in_view, cover = shares(*count(alone, obstruction))
    given = member(alone, 1.0, obstruction)
    assert given["satellites_in_view"] == pytest.approx(in_view, rel=1e-9)
    assert given["cover_share"] == pytest.approx(cover, rel=1e-9)


def test_thinning_is_the_mean_over_drawn_failures(alone: Alone) -> None:
    rng, covers = np.random.default_rng(5), []
    for _ in range(40):
        keep = np.flatnonzero(rng.random(60) < 0.8)
        covers.append(shares(*count(alone, 0.0, keep))[1])
    given = member(alone, 0.8, 0.0)["cover_share"]
    assert given == pytest.approx(np.mean(covers), abs=4.0 * np.std(covers) / np.sqrt(40))


def test_gaps_at_a_node_are_those_of_the_thinned_fleet(alone: Alone) -> None:
    share = SHARES[4]
    keep = np.flatnonzero(failure_levels(60) >= 4)
    assert len(keep) == round(share * 60)
    seen, grid = count(alone, 0.0, keep)
    given = member(alone, share, 0.0)
    assert given["max_gap_min"] == pytest.approx(2.0 * seen.max_gap[0][grid.inside].max())
    spent = np.einsum("r,rn->n", grid.area_km2, seen.gap_lengths[:, 0])
    lengths = 2.0 * np.arange(len(spent))
    assert given["mean_gap_min"] == pytest.approx(spent @ lengths / spent.sum())
    assert given["mean_wait_min"] == pytest.approx(spent @ lengths**2 / (2 * 1440.0 * grid.weight.sum()))
    always = np.sum(grid.weight[seen.max_gap[0] == 0]) / grid.weight.sum()
    assert given["always_covered_share"] == pytest.approx(always)


def test_no_satellite_working_is_one_long_gap(alone: Alone) -> None:
    given = member(alone, 0.0, 0.0)
    assert given["satellites_in_view"] == 0.0
    assert given["cover_share"] == pytest.approx(0.0, abs=1e-12)
    assert given["max_gap_min"] == 1440.0
    assert given["mean_wait_min"] == 720.0
    assert given["always_covered_share"] == 0.0


def test_people_weigh_places(alone: Alone) -> None:
    given = member(alone, 0.9, 4.0)
    north, south = given["place_cover_share"]
    assert given["people_cover_share"] == pytest.approx(0.25 * north + 0.75 * south)
    assert north > south  # a star thickens towards the poles


def test_places_without_people_leave_the_share_to_the_area(file) -> None:
    places = [{"name": "North", "latitude": "52 deg", "longitude": "30 deg"}]
    given = member(Alone(SYSTEM, design={**file, "area": {**file["area"], "places": places}}), 0.9, 4.0)
    assert given["people_cover_share"] == given["cover_share"]
    assert given["place_cover_share"].shape == (1,)


def test_without_a_region_the_whole_earth_is_served(file) -> None:
    del file["area"]
    given = member(Alone(SYSTEM, design={**file, "step": "300 s"}), 1.0, 0.0)
    assert given["serving_share"] == 1.0
    assert given["place_cover_share"].shape == (1,)


def test_one_satellite(file) -> None:
    file["shells"][0] |= {"planes": 1, "satellites": 1, "phasing": 0}
    given = member(Alone(SYSTEM, design=file), 0.95, 0.0)
    assert 0.0 < given["cover_share"] < 0.1
    assert given["max_gap_min"] > 300.0
    assert given["fold_share"][1:].max() == pytest.approx(0.0, abs=1e-12)
    few = member(Alone(SYSTEM, design=file), SHARES[-2], 0.0)  # a fifth of one satellite is none
    assert few["max_gap_min"] == 1440.0
    assert few["always_covered_share"] == 0.0


def test_two_shells_add_up(file) -> None:
    other = {"altitude": "550 km", "inclination": "53 deg", "planes": 6, "satellites": 48, "phasing": 1}
    alone_a = member(Alone(SYSTEM, design=file), 1.0, 0.0)
    alone_b = member(Alone(SYSTEM, design={**file, "shells": [other]}), 1.0, 0.0)
    both = member(Alone(SYSTEM, design={**file, "shells": [*file["shells"], other]}), 1.0, 0.0)
    total = alone_a["satellites_in_view"] + alone_b["satellites_in_view"]
    assert both["satellites_in_view"] == pytest.approx(total, rel=1e-9)
    assert both["max_gap_min"] <= min(alone_a["max_gap_min"], alone_b["max_gap_min"])


def test_too_fine_a_region_is_refused_with_a_way_out(file) -> None:
    with pytest.raises(ModelError, match="larger cell"):
        Alone(SYSTEM, design={**file, "cell": "5 km"}).prepared()


def test_catalogued_satellites_are_evaluated(tmp_path: Path, file) -> None:
    text = (
        "1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753\n"
        "2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667\n"
    )
    (tmp_path / "a.tle").write_text(text, encoding="utf-8")
    design = {**file, "shells": [], "catalogues": [{"file": "a.tle", "elevation_mask": "5 deg"}]}
    alone = Alone(SYSTEM, design={**design, "epoch": "2000-06-28"}, folder=tmp_path)
    given = member(alone, 1.0, 0.0)
    assert 0.0 < given["cover_share"] < 0.5
    assert len(SYSTEM.figures(alone.result(8))) == 14  # all but the trade-off of a shell


def test_ten_thousand_members_take_a_moment(alone: Alone) -> None:
    outputs, _ = alone.evaluate(alone.draw(10_000))
    assert outputs["fold_share"].shape == (10_000, 6)
    assert np.all(np.diff(outputs["fold_share"], axis=1) <= 1e-12)
