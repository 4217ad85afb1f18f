"""What this system answers."""

from accord.contract import Output

__all__ = ["OUTPUTS"]

OUTPUTS = {
    "autonomy_day": Output(
        unit="day",
        doc="Days of demand that a full reservoir covers without inflow.",
        better="high",
        headline=True,
    ),
    "level_share": Output(unit="1", doc="Share of the usable volume left after each day.", dims=("day",)),
}
