"""Circuits of researchers: a queue, workers with limits, accounts, signed results."""
