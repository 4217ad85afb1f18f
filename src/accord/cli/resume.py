"""``accord resume RUN``."""

from accord.cli.run import resume as command

__all__ = ["command"]
