"""Trade: how much of a change in trade a programme could cause, and whether anybody could tell."""

from accord.systems.trade.model import SYSTEM as SYSTEM
