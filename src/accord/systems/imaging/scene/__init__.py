"""Scenes: product folders and plain rasters to physical units, with what is valid and on which ground."""
