"""Peers that need a Python of their own; each file here is run by it, as a script."""
