"""Uniform and normal numbers for compiled loops, from a state of 64 bits that the caller keeps."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = ["GOLDEN", "mixed", "normal", "uniform", "unit"]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # by which the state advances: stream positions lie this far apart
_TWO_53 = 1.0 / 9007199254740992.0


@njit(cache=True)
def mixed(state):
    """Return the word of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA) for a state already advanced."""
    z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def unit(word):
    """Return a word as a number above 0 and below 1."""
    return (np.float64(word >> np.uint64(11)) + 0.5) * _TWO_53


@njit(cache=True)
def uniform(state):
    """Return the next state and a uniform above 0 and below 1."""
    state = state + GOLDEN
    return state, unit(mixed(state))


@njit(cache=True)
def normal(state):
    """Return the next state and a normal number (Box & Muller 1958)."""
    state, first = uniform(state)
    state, second = uniform(state)
    return state, math.sqrt(-2.0 * math.log(first)) * math.cos(2.0 * math.pi * second)
