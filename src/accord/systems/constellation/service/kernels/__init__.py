"""Compiled loops of the assignment of beams; Python reaches them through `assignment`."""
