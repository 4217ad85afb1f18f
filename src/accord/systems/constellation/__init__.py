"""A constellation in low Earth orbit: whom it covers, how many satellites at once, and for how long not at all."""

from accord.systems.constellation.model import SYSTEM as SYSTEM
