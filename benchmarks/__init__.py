"""Side-by-side timings: ours beside the peer it replaces, in one run, with the ratio."""
