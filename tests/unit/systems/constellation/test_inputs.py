"""What a file may and may not say about a constellation."""

import math

import pytest
from pydantic import ValidationError

from accord.systems.constellation.inputs import Design


def shell(file, **changes):
    entry = {**file["shells"][0], **changes}
    return {**file, "shells": [{k: v for k, v in entry.items() if v is not None}]}


def test_units_are_read(file) -> None:
    design = Design.model_validate({**file, "duration": "36 h"})
    assert design.duration_day == 1.5
    assert design.steps == 1080
    assert design.shells[0].axis_km == pytest.approx(7578.137)
    assert design.shells[0].spacing_rad == pytest.approx(math.pi / 6)


def test_total_from_either_way(file) -> None:
    assert Design.model_validate(shell(file, satellites=None, satellites_per_plane=10)).shells[0].total == 60


def test_plane_spacing_overrides_the_pattern(file) -> None:
    given = Design.model_validate(shell(file, plane_spacing="31.6 deg"))
    assert given.shells[0].spacing_rad == pytest.approx(math.radians(31.6))
    delta = Design.model_validate(shell(file, pattern="delta"))
    assert delta.shells[0].spacing_rad == pytest.approx(math.pi / 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"altitude": "100 km"}, "outside the possible range"),
        ({"altitude": "1200"}, "with its unit"),
        ({"altitude": "50000 km"}, "outside the possible range"),
        ({"elevation_mask": "95 deg"}, "outside the possible range"),
        ({"phasing": 6}, "below the number of planes"),
        ({"phasing": -1}, "greater than or equal to 0"),
        ({"satellites": 61}, "evenly"),
        ({"satellites_per_plane": 10}, "either satellites"),
        ({"satellites": None}, "either satellites"),
        ({"inclination": None}, "either inclination"),
        ({"sun_synchronous": True}, "either inclination"),
        ({"inclination": None, "sun_synchronous": True, "altitude": "6500 km"}, "no sun-synchronous orbit"),
        ({"pattern": "ring"}, "delta"),
        ({"planes": 0}, "greater than or equal to 1"),
        ({"raan": "3 deg"}, "Extra inputs"),
    ],
)
def test_impossible_shells_are_refused(file, changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        Design.model_validate(shell(file, **changes))


def test_no_satellites_at_all(file) -> None:
    with pytest.raises(ValidationError, match="needs satellites"):
        Design.model_validate({**file, "shells": []})


def test_too_many_positions_are_refused_with_a_way_out(file) -> None:
    large = shell(file, planes=100, satellites=20000)
    with pytest.raises(ValidationError, match="longer step"):
        Design.model_validate({**large, "step": "1 s"})


def test_too_many_moments_are_refused_with_a_way_out(file) -> None:
    with pytest.raises(ValidationError, match="longer step"):
        Design.model_validate({**file, "step": "1 s"})


def test_swapped_or_foreign_angles_are_refused(file) -> None:
    place = {"name": "X", "latitude": "120 deg", "longitude": "10 deg"}
    with pytest.raises(ValidationError, match="outside the possible range"):
        Design.model_validate({**file, "area": {**file["area"], "places": [place]}})
