"""The pictures of a finished map: scenes, map, likelihood, exposure, severity."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.mapping.finish import Finished
from accord.systems.imaging.mapping.layers import Look
from accord.systems.imaging.mapping.summary import Summary, heads_text, km2_text
from accord.systems.imaging.products.pictures import RAMP, picture, ramp_colours, write_picture
from accord.systems.imaging.products.rasters import coloured
from accord.systems.imaging.products.severity import Scale
from accord.systems.imaging.scene.grid import Grid

__all__ = ["draw_pictures", "draw_severity"]

Name = Callable[[str, str, str], Path]
_HEAT = ("#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026")
_TITLES = {
    "flood": "Flood",
    "water": "Surface water",
    "burn": "Burnt area",
    "landslide": "Suspected landslides",
}


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def draw_pictures(
    summary: Summary, grid: Grid, done: Finished, looks: dict[str, NDArray[np.uint8]], name: Name
) -> None:
    """Write the scenes, the map, its likelihood and, where people were counted, their exposure.

    Parameters
    ----------
    looks : dict of str to uint8 array, (rows, columns, 3)
        Small pictures of the scene: "after" and, where there is one, "before".
    name : callable
        ``name(key, ending, title)`` gives the path of a product.
    """
    word, s = summary.subject, summary
    under = _under(s)
    for key, title in (("before", "Before"), ("after", "The scene")):
        if key in looks:
            colours = [("no data", "#000000")]
            write_picture(
                name(key, f"{key}.png", title), picture(looks[key], grid, title, under, colours, "Scene")
            )
    light = _light(looks["after"])
    state = done.state_look
    chart = light.copy()
    palette = coloured(word)
    shown = {1: palette[1], 2: palette[2], 255: (150, 150, 150)}
    for value, colour in shown.items():
        chart[state == value] = colour
    legend = [(_TITLES[word], _hex(palette[1]))]
    if (state == 2).any():
        legend.append(
            (
                "water in either scene" if word in ("burn", "landslide") else "reference water",
                _hex(palette[2]),
            )
        )
    rest = {"burn": "not burnt", "landslide": "no slide"}.get(word, "dry")
    legend += [(f"{rest} (the scene in grey)", "#cfcfcf"), ("unseen", "#969696")]
    reach = s.area_km2
    area = f"area not stated, {100.0 * s.mapped_px / s.seen_px:.1f} % of the seen pixels"
    if reach is not None:
        area = f"{km2_text(reach.p50)} km2 (80 % interval {km2_text(reach.p10)} to {km2_text(reach.p90)})"
    area += f"; {100 * s.unseen_share:.0f} % of the footprint unseen"
    write_picture(
        name("picture", "{word}_map.png", "The map as a picture"),
        picture(chart, grid, f"{_TITLES[word]}: {area}", under, legend, "Map"),
    )
    chance = ramp_colours(done.likelihood_look / 100.0)
    chance[done.likelihood_look == 255] = (150, 150, 150)
    steps = [(f"{100 * k / (len(RAMP) - 1):.0f} %", colour) for k, colour in enumerate(RAMP)]
    write_picture(
        name("likelihood_picture", "{word}_likelihood.png", "Likelihood as a picture"),
        picture(chance, grid, f"Likelihood of {word}", under, [*steps, ("unseen", "#969696")], "Likelihood"),
    )
    if s.people is not None:
        _exposure(s, grid, done, light, under, name)


def _exposure(
    s: Summary, grid: Grid, done: Finished, light: NDArray[np.uint8], under: str, name: Name
) -> None:
    every = Look(grid).every
    heads = np.where(done.state_look == 1, done.people_look, 0.0) / (every * grid.pixel_m() / 1000.0) ** 2
    chart, top = light.copy(), float(heads.max()) or 1.0
    step = 10.0 ** np.floor(np.log10(top))
    top = float(np.ceil(top / step) * step)
    wet = done.state_look == 1
    chart[wet] = ramp_colours(heads[wet] / top, _HEAT)
    chart[done.state_look == 255] = (150, 150, 150)
    legend = [(f"{top * k / (len(_HEAT) - 1):,.3g}", colour) for k, colour in enumerate(_HEAT)]
    legend += [("not counted (grey: the scene)", "#cfcfcf"), ("unseen", "#969696")]
    assert s.people is not None
    low, middle, high = (heads_text(v) for v in (s.people.p10, s.people.p50, s.people.p90))
    title = f"People on {s.subject} ground: {middle} (80 % interval {low} to {high})"
    path = name("exposure", "{word}_exposure.png", "People exposed, as a picture")
    write_picture(path, picture(chart, grid, title, under, legend, "People per km2"))


def draw_severity(
    summary: Summary,
    grid: Grid,
    done: Finished,
    after: NDArray[np.uint8],
    layer: Path,
    scale: Scale,
    path: Path,
) -> None:
    """Draw the classes of a layer over the later scene, with what each means in the unit of the scale.

    Parameters
    ----------
    after : uint8 array, (rows, columns, 3)
        Small picture of the later scene.
    layer : Path
        Raw classes, uint8, 255 where nothing is said.
    """
    every = Look(grid).every
    whole = np.memmap(layer, np.uint8, "r", shape=(grid.height, grid.width))
    classes = np.asarray(whole[::every, ::every])
    chart = _light(after)
    legend = []
    for number, one in enumerate(scale.classes):
        if one.colour is not None:
            chart[classes == number] = [int(one.colour[i : i + 2], 16) for i in (1, 3, 5)]
        legend.append((one.label, one.colour or "#cfcfcf"))
    water, unseen = coloured(summary.subject)[2], (150, 150, 150)
    chart[done.state_look == 2] = water
    chart[done.state_look == 255] = unseen
    legend += [("water in either scene", _hex(water)), ("unseen", _hex(unseen))]
    title = f"{scale.title}: {scale.headline(summary.classes)}"
    write_picture(path, picture(chart, grid, title, _under(summary), legend, scale.unit))


def _under(summary: Summary) -> str:
    """Return the scene and its date, short enough for a line."""
    scene = summary.scene
    taken = scene.taken.strftime("%Y-%m-%d %H:%M UTC") if scene.taken else "date unknown"
    under = f"{scene.id}, {taken}"
    return under if len(under) <= 110 else under[:107] + "..."


def _light(after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a scene in light grey, to draw over."""
    grey = np.repeat(after.mean(axis=2, keepdims=True), 3, axis=2)
    return np.asarray((0.55 * grey + 0.45 * 255.0).astype(np.uint8))
