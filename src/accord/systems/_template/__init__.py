"""A reservoir that supplies a town: the smallest complete system, and the one that ``accord system new`` copies."""

from accord.systems._template.model import SYSTEM as SYSTEM
