"""A constellation in low Earth orbit: whom it covers, with how many satellites, and how long not at all."""

from accord.systems.constellation.model import SYSTEM as SYSTEM
