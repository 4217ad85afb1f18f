"""The law of the house: what a system is and what it exchanges."""

from accord.contract.design import DesignModel, Quantity, Uncertain
from accord.contract.fields import Column, CommonFactor, Input, Output, Port
from accord.contract.figure import Figure, Finding
from accord.contract.results import Ephemeris, Horizon, Passes, SystemResult
from accord.contract.spread import Ref, Spread, parse_spread
from accord.contract.system import Context, System

__all__ = [
    "Column",
    "CommonFactor",
    "Context",
    "DesignModel",
    "Ephemeris",
    "Figure",
    "Finding",
    "Horizon",
    "Input",
    "Output",
    "Passes",
    "Port",
    "Quantity",
    "Ref",
    "Spread",
    "System",
    "SystemResult",
    "Uncertain",
    "parse_spread",
]
