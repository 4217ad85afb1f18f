"""Disaster imaging: scenes in, maps of what was seen and what was not; and from event to map as a system."""

from accord.systems.imaging.model import SYSTEM as SYSTEM
