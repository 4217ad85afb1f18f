"""Quantum key distribution over fibre: what a test-bed's links can deliver."""

from accord.systems.qkd.model import SYSTEM as SYSTEM
