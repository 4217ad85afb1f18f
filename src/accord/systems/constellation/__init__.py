"""A constellation in low Earth orbit: whom it covers, what it carries to them, from when and at which price."""

from accord.systems.constellation.model import SYSTEM as SYSTEM
