"""Programme files: strict YAML in, a validated programme out, or every mistake with its line."""

from accord.programme.check import check
from accord.programme.loader import Loaded, load, programme_schema, resolve
from accord.programme.resolved import Resolved
from accord.programme.schema import Programme

__all__ = ["Loaded", "Programme", "Resolved", "check", "load", "programme_schema", "resolve"]
