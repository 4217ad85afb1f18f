"""The solver of linear programmes, without a word on standard output."""

from __future__ import annotations

from typing import Any

__all__ = ["quiet_highs"]


def quiet_highs() -> Any:
    """Return a HiGHS solver on one thread that says nothing.

    Told to be silent only once it is there, it has already printed its name and licence: its callbacks, which are set
    up on the way, do that.
    """
    import highspy as _highspy

    highspy: Any = _highspy  # carries no types

    class Quiet(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:  # noqa: N802 (the library's own name)
            self.silent()
            super().enableCallbacks()

    highs = Quiet()
    highs.setOptionValue("threads", 1)
    return highs
