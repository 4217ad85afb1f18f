"""Compiled loops of the interior-point method; Python reaches them through `interior`."""
