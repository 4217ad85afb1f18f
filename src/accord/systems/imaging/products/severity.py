"""How bad: the classes of a change with their ranges, words and colours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from accord.systems.imaging.methods.burn import SEVERITY
from accord.systems.imaging.methods.landslide import LOSSES

__all__ = ["SCALES", "Class", "Scale"]

# from green regrowth over yellow to dark red, after ColorBrewer RdYlGn; None shows the scene in grey
_BURN = ("#1a9850", "#a6d96a", None, "#fee08b", "#fdae61", "#d73027", "#7f0000")
_SLIDE = ("#efede3", None, "#fed98e", "#fe9929", "#d95f0e", "#993404")


@dataclass(frozen=True, slots=True)
class Class:
    """One class: its name, the range it covers in the scale's unit, and its colour, None for the scene in grey."""

    name: str
    span: str
    colour: str | None

    @property
    def label(self) -> str:
        """Name and range."""
        return f"{self.name}, {self.span}" if self.span else self.name


@dataclass(frozen=True, slots=True)
class Scale:
    """Classes in the order of their numbers.

    Attributes
    ----------
    title, unit : str
    worst : int
        From which class on the headline counts.
    classes : tuple of Class
    """

    title: str
    unit: str
    worst: int
    classes: tuple[Class, ...]

    def words(self) -> str:
        """Return every number with its meaning."""
        named = "; ".join(f"{number} {one.label}" for number, one in enumerate(self.classes))
        return f"{named}; 255 unseen or water"

    def colours(self) -> dict[int, tuple[int, int, int]]:
        """Return a colour for each class of the raster."""
        shown = {number: one.colour or "#f5f0e1" for number, one in enumerate(self.classes)}
        shown[255] = "#787878"
        return {k: (int(c[1:3], 16), int(c[3:5], 16), int(c[5:7], 16)) for k, c in shown.items()}

    def headline(self, share: Mapping[str, float]) -> str:
        """Return how much of the seen land lies in the worse classes, from shares by name."""
        total = sum(share.get(one.name, 0.0) for one in self.classes[self.worst :])
        return f"{100 * total:.1f} % of the seen land with {self.classes[self.worst].name} or worse"


def _span(low: float, high: float) -> str:
    if math.isinf(low):
        return f"below {high:g}"
    return f"{low:g} and more" if math.isinf(high) else f"{low:g} to {high:g}"


def _burn() -> Scale:
    lows = (-math.inf, *(edge for _, edge in SEVERITY[:-1]))
    classes = tuple(
        Class(name, _span(low, edge), colour)
        for (name, edge), low, colour in zip(SEVERITY, lows, _BURN, strict=True)
    )
    return Scale("Burn severity", "dNBR [1], Key & Benson 2006", 4, classes)


def _slide() -> Scale:
    spans = [_span(low, high) for low, high in zip(LOSSES, (*LOSSES[1:], math.inf), strict=True)]
    names = ("slight loss", "moderate loss", "strong loss", "nearly all lost")
    lost = tuple(Class(n, s, c) for n, s, c in zip(names, spans, _SLIDE[2:], strict=True))
    flat, kept = Class("too flat to slide", "", _SLIDE[0]), Class("kept", f"below {LOSSES[0]:g}", _SLIDE[1])
    return Scale("Vegetation lost on slopes", "-rdNDVI [1]", 3, (flat, kept, *lost))


SCALES = {"burn": _burn(), "landslide": _slide()}
