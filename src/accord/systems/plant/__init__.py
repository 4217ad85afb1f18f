"""Solar-nuclear plant with batteries and hydrogen."""

from accord.systems.plant.model import SYSTEM as SYSTEM
