"""Compiled loops over packed words: carry-less products, block parities, hashes."""
