"""``accord demo``."""

from accord.cli.run import demo as command

__all__ = ["command"]
