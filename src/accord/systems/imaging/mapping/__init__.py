"""One scene from its files to its layers: passes over strips, resumable, the same whatever the strips."""
