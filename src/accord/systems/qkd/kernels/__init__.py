"""Compiled inner loops of the key length, the search for settings, the passes of a year and the photons."""
