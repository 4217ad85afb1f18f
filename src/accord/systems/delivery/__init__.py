"""Delivery: when a programme is finished, what it costs, and how sure that is."""

from accord.systems.delivery.model import SYSTEM as SYSTEM
