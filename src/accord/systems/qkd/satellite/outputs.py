"""What satellites and stations give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.contract import Output
from accord.systems.qkd.satellite.design import Satellites

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SATELLITE_OUTPUTS", "empty", "satellite_labels"]

_MONTHS = tuple(str(n) for n in range(1, 13))

SATELLITE_OUTPUTS = {
    "satellite_key_per_year_mbit": Output(
        unit="Mbit",
        doc="Key of each pair of stations in a year by trusted satellites that hand one down at each end.",
        dims=("pair",),
        better="high",
        headline=True,
    ),
    "satellite_key_mbit": Output(
        unit="Mbit", doc="The same by month, January first.", dims=("pair", "month"), better="high"
    ),
    "downlink_key_per_year_mbit": Output(
        unit="Mbit",
        doc="Key between satellites and each station in a year.",
        dims=("station",),
        better="high",
    ),
    "downlink_key_mbit": Output(
        unit="Mbit", doc="The same by month, January first.", dims=("station", "month"), better="high"
    ),
    "best_block_mbit": Output(
        unit="Mbit", doc="Key of a station's best block in the year.", dims=("station",), better="high"
    ),
    "passes_used": Output(
        unit="1", doc="Passes of a year that were dark, clear and tracked.", dims=("station",), better="high"
    ),
    "passes_without_key": Output(
        unit="1", doc="Blocks of a year that gave no key at all.", dims=("station",), better="low"
    ),
    "longest_gap_day": Output(
        unit="day",
        doc="Longest time in a year between two blocks with key at a station; 365 where there is none.",
        dims=("station",),
        better="low",
    ),
    "no_night_day": Output(
        unit="day",
        doc="Days of a year on which the Sun never goes below the limit at a station.",
        dims=("station",),
        better="low",
        limit=True,
    ),
    "pass_loss_db": Output(
        unit="dB",
        doc="Mean loss of the middle pass from the satellite's telescope to a count.",
        dims=("station",),
        better="low",
    ),
    "direct_key_per_year_mbit": Output(
        unit="Mbit",
        doc="Key of each pair in a year from entangled photons of a satellite that sees both stations at once.",
        dims=("pair",),
        better="high",
    ),
    "line_of_sight_km": Output(
        unit="km",
        doc="Height of the orbit above that from which one satellite sees both stations; negative where none can.",
        dims=("pair",),
        better="high",
        limit=True,
    ),
}


def satellite_labels(design: Satellites | None) -> dict[str, tuple[str, ...]]:
    """Return stations, pairs and months."""
    if design is None:
        return {"station": (), "pair": (), "month": _MONTHS}
    return {
        "station": tuple(s.id for s in design.stations),
        "pair": tuple(p.id for p in design.pairs),
        "month": _MONTHS,
    }


def empty(members: int, stations: int = 0, pairs: int = 0) -> dict[str, NDArray[np.float64]]:
    """Return zeros in the shapes of the outputs: of no station and no pair where there are no satellites."""
    import numpy as np

    length = {"month": 12, "station": stations, "pair": pairs}
    return {
        name: np.zeros((members, *(length[dim] for dim in declared.dims)))
        for name, declared in SATELLITE_OUTPUTS.items()
    }
