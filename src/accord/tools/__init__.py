"""Daily-use commands on the systems' own code."""
