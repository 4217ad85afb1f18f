"""Plan, draw, execute, keep: from a loaded programme to a run."""
