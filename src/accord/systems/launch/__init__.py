"""Launch campaigns of partners, apart and together."""

from accord.systems.launch.model import SYSTEM as SYSTEM
