"""The smallest fleet: against what is known of Walker patterns, and told when there is none."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from accord.cli.main import main
from accord.errors import ModelError
from accord.physics.grid import region_grid
from accord.systems.constellation.inputs import Design
from accord.systems.constellation.service.sizing import (
    bent_pipe_ms,
    candidates,
    cap_km2,
    cover_of,
    screen,
    trade_off,
)
from accord.tools.fleet import smallest_fleet

BAND = [[(46.0, 35.0), (87.0, 35.0), (87.0, 55.0), (46.0, 55.0), (46.0, 35.0)]]
FLAGSHIP = Path(__file__).parents[3] / "programmes" / "india-russia-2026.yaml"


def design(**service: Any) -> Design:
    shell = {
        "altitude": "1200 km",
        "inclination": "50 deg",
        "planes": 12,
        "satellites_per_plane": 6,
        "elevation_mask": "25 deg",
    }
    polygons = [[[list(corner) for corner in BAND[0]]]]
    area = {
        "title": "Band",
        "polygons": polygons,
        "places": [{"name": "A", "latitude": "45 deg", "longitude": "66 deg"}],
    }
    return Design.model_validate(
        {"shells": [shell], "area": area, "service": {"cell": "300 km", "snapshots": 3, **service}}
    )


@pytest.mark.slow
@pytest.mark.parametrize(("altitude", "mask", "least"), [(1200.0, 25.0, 62), (550.0, 25.0, 208)])
def test_continuous_cover_of_35_to_55_north_needs_about_as_many_as_published(
    altitude: float, mask: float, least: int
) -> None:
    grid = region_grid([BAND], 400.0 / 6371.0)
    sizes = range(round(0.8 * least) // 2 * 2, round(1.2 * least), 2)
    found, _ = screen(candidates([altitude], [50.0, 55.0], sizes), grid, mask, share=1.0)
    assert found is not None
    assert found.satellites == pytest.approx(least, rel=0.1)


def test_more_satellites_never_cover_less() -> None:
    table = trade_off(1200.0, 50.0, 60, region_grid([BAND], 500.0 / 6371.0), 25.0)
    assert (table["one"] >= table["two"]).all()
    assert table["one"][-1] > 0.98
    assert table["one"][0] < 0.5


def test_one_satellite_covers_its_cap() -> None:
    grid = region_grid(
        [[[(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0), (-180.0, -90.0)]]], 600.0 / 6371.0
    )
    two = candidates([1200.0], [50.0], [4])[0]
    share = cover_of(two, grid, 25.0)
    assert share <= 4.0 * cap_km2(1200.0, 25.0) / 510.1e6 * 1.02


def test_round_trips_by_light() -> None:
    assert bent_pipe_ms(550.0, 90.0) == pytest.approx(4 * 550.0 / 299.792458)
    assert bent_pipe_ms(550.0, 25.0) > 13.0
    with pytest.raises(ModelError, match="light alone takes"):
        smallest_fleet(design(), Path(), latency_ms=5.0)


def test_a_capacity_can_be_asked_for() -> None:
    plain = smallest_fleet(design(), Path(), share=0.95, largest=90)
    assert plain.chosen is not None
    more = smallest_fleet(design(), Path(), share=0.95, rate_gbit_s=25.0, largest=160)
    assert more.chosen is not None
    assert more.capacity_gbit_s >= 25.0
    assert more.chosen.satellites >= plain.chosen.satellites


def test_without_a_region_there_is_nothing_to_search() -> None:
    open_ended = design().model_copy(update={"area": None})
    with pytest.raises(ModelError, match="needs a constellation with a shell and a region"):
        smallest_fleet(open_ended, Path())


def test_the_command_answers_in_words_and_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fleet", str(FLAGSHIP), "--cover", "90", "--largest", "80", "--json"])
    body = json.loads(capsys.readouterr().out)
    assert ended.value.code in {0, None}
    assert body["chosen"]["satellites"] <= 80
    assert body["sizes"][-1]["cover"] >= 0.9


def test_the_command_says_when_none_will_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fleet", str(FLAGSHIP), "--cover", "100", "--fold", "3", "--largest", "20"])
    assert ended.value.code == 1
    assert "none of these" in capsys.readouterr().out


def test_bad_wishes_are_refused() -> None:
    from accord.cli.fleet import command

    done = CliRunner().invoke(command, [str(FLAGSHIP), "--cover", "120"])
    assert done.exit_code == 2
    assert "up to 100 %" in done.output
