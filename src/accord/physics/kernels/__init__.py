"""Compiled loops; each module is reached through the Python module that it serves."""
