"""A research fund with gates, and its scholarships."""

from accord.systems.fund.model import SYSTEM as SYSTEM
