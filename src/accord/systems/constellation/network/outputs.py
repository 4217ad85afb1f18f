"""What the network model returns."""

from __future__ import annotations

from accord.contract import Output

__all__ = ["NETWORK_OUTPUTS"]

_WHEN = "over the region and a day, while a path exists; 1 000 ms where there never is one"

NETWORK_OUTPUTS = {
    "geometric_rtt_p50_ms": Output(
        unit="ms",
        doc=f"Median round trip at the speed of light from terminal to gateway and back, {_WHEN}.",
        better="low",
    ),
    "geometric_rtt_p95_ms": Output(
        unit="ms", doc=f"The same, exceeded in one of twenty cases, {_WHEN}.", better="low"
    ),
    "user_rtt_p50_ms": Output(
        unit="ms",
        doc=f"Median round trip that a user sees: geometry, processing, access and the cable to the exchange, {_WHEN}.",
        better="low",
        headline=True,
    ),
    "user_rtt_p95_ms": Output(
        unit="ms", doc=f"The same, exceeded in one of twenty cases, {_WHEN}.", better="low", headline=True
    ),
    "place_rtt_p50_ms": Output(
        unit="ms", doc="Median round trip of a user at each place.", dims=("place",), better="low"
    ),
    "place_rtt_p95_ms": Output(
        unit="ms",
        doc="Round trip of a user at each place, exceeded in one of twenty.",
        dims=("place",),
        better="low",
    ),
    "connected_share": Output(
        unit="1",
        doc="Share of region x time in which a terminal has a path to some gateway.",
        better="high",
        headline=True,
    ),
    "handovers_per_h": Output(
        unit="1/h",
        doc="Changes of satellite of a terminal that keeps one until it sets or loses its path, an hour connected.",
        better="low",
    ),
    "path_diversity": Output(
        unit="satellite",
        doc="Satellites in view of a terminal through which a path exists, mean over region and time.",
        better="high",
    ),
    "busiest_satellite_share": Output(
        unit="1", doc="Largest share of the day's paths that runs over one satellite.", better="low"
    ),
    "single_failure_loss": Output(
        unit="1",
        doc="Connected share that is lost with the busiest satellite of the whole fleet, without obstruction.",
        better="low",
    ),
    "single_failure_rise_ms": Output(
        unit="ms",
        doc="Rise of the 95th percentile of the geometric round trip when that satellite fails.",
        better="low",
    ),
}
