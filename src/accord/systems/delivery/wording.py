"""What refusals of a schedule and its supply chain say alike."""

from __future__ import annotations

from difflib import get_close_matches

from accord.contract import Ref, Spread

__all__ = ["refuse_negative", "unknown"]

BELOW_ZERO = 0.05  # a triangle through P10 and P90 may reach a little below zero; more than this is a slip


def refuse_negative(value: Spread | Ref | None, what: str) -> None:
    """Refuse a spread with more than 5 % of its draws below zero; the few below are raised to zero by the
    model.

    Raises
    ------
    ValueError
    """
    if isinstance(value, Spread) and value.quantile(BELOW_ZERO) < 0.0:
        raise ValueError(
            f"{what}: {value.describe()} is negative in more than 5 % of its draws: expected zero or more"
        )


def unknown(what: str, name: str, known: list[str]) -> str:
    """Return ``unknown <what> 'name': did you mean ...`` with the nearest known name, or all of them."""
    close = get_close_matches(name, known, 1)
    hint = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"
    return f"unknown {what} {name!r}: {hint}"
