"""Disaster imaging: scenes in, maps of what was seen and what was not, people exposed, a draft alert out."""
