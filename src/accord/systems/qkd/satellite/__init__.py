"""Downlinks from satellites: optics, air, sky, passes of a year and what they give."""
