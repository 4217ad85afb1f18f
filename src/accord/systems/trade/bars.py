"""One plain picture: horizontal bars, one for each name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["bars"]


def bars(
    rows: Sequence[Mapping[str, Any]], field: str, name: str, title: str, more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a specification.

    Parameters
    ----------
    rows : sequence of mapping
        In the order in which they are to be drawn.
    field, name : str
        Keys of the number and of what it is of.
    title : str
        Of the axis of numbers.
    more : mapping
        Scale and format of that axis.
    """
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": field, "type": "quantitative", "title": title, **more},
            "y": {"field": name, "type": "nominal", "sort": None, "title": None},
        },
    }
