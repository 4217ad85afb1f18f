"""What is uncertain about a round trip beyond the lengths of its path."""

from __future__ import annotations

from accord.contract import Input, Spread

__all__ = ["NETWORK_INPUTS"]

NETWORK_INPUTS = {
    "processing_ms": Input(
        unit="ms",
        doc="Delay in each satellite that a packet passes, one way: receiving, switching, sending.",
        default=0.3,
        low=0.0,
        high=5.0,
        usual=(0.1, 1.0),
        spread=Spread.of("triangular", low=0.1, mode=0.3, high=1.0),
        source="Own assumption, from a bent pipe's filters (0.1 ms) to a packet switch with queues (1 ms)",
    ),
    "access_delay_ms": Input(
        unit="ms",
        doc="Waiting for slots on the shared link, terminal and modem at both ends, in a round trip.",
        default=17.0,
        low=0.0,
        high=500.0,
        usual=(5.0, 60.0),
        spread=Spread.of("triangular", low=10.0, mode=17.0, high=25.0),
        source="Ookla, third quarter of 2021: median of 44 ms in the United States for a fleet at 550 km, whose "
        "geometry takes 4 to 8 ms: the difference, less cables and servers",
    ),
    "cable_detour": Input(
        unit="1",
        doc="Length of the cable from gateway to exchange over the great circle.",
        default=1.5,
        low=1.0,
        high=4.0,
        usual=(1.2, 2.0),
        spread=Spread.of("triangular", low=1.3, mode=1.5, high=1.8),
        source="Own assumption: trunk cables follow roads and railways; a carrier's route list should replace it",
    ),
}
