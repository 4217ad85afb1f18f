"""Pictures of a map that was made, for the chapter: read from PNG files beside the programme file."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

from accord.contract import Figure
from accord.errors import FileError
from accord.systems.imaging.inputs import Example

__all__ = ["PANELS", "preview_figure", "read_previews"]

PANELS = ("before", "after", "map", "likelihood", "exposure")
_WORDS = {
    "before": "before",
    "after": "the scene",
    "map": "map",
    "likelihood": "likelihood",
    "exposure": "people exposed",
}
_MOST_BYTES = 3_000_000
_WIDTH_PX = 380


def read_previews(example: Example, folder: Path) -> list[dict[str, Any]]:
    """Return the pictures of an example: which, as a data address, and its width over its height.

    Parameters
    ----------
    example : Example
        Names of files that ``accord flood`` wrote.
    folder : Path
        Of the programme file.

    Raises
    ------
    FileError
        For a file outside the folder, one that is not PNG, or one larger than 3 MB.
    """
    found = []
    for panel in PANELS:
        name = getattr(example, panel)
        if name is None:
            continue
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise FileError(f"{name}: expected a file beside the programme or in a folder below it")
        try:
            body = path.read_bytes()
        except OSError as error:
            raise FileError(f"{path}: cannot be read: {error.strerror}") from error
        if body[:8] != b"\x89PNG\r\n\x1a\n" or body[12:16] != b"IHDR" or len(body) < 33:
            raise FileError(f"{path}: is not a PNG picture")
        if len(body) > _MOST_BYTES:
            raise FileError(f"{path}: {len(body) / 1e6:.1f} MB, expected at most {_MOST_BYTES / 1e6:.0f}")
        width, height = struct.unpack(">II", body[16:24])
        if not width or not height:
            raise FileError(f"{path}: a picture without pixels")
        url = "data:image/png;base64," + base64.b64encode(body).decode()
        found.append({"panel": panel, "url": url, "ratio": width / height})
    return found


def preview_figure(example: Example, pictures: list[dict[str, Any]]) -> Figure:
    """Return the pictures side by side, two a row."""
    panels = []
    for one in pictures:
        height = round(_WIDTH_PX / float(one["ratio"]))
        panels.append(
            {
                "title": {"text": _WORDS[one["panel"]], "fontSize": 12, "anchor": "start"},
                "width": _WIDTH_PX,
                "height": height,
                "data": {"values": [{"url": one["url"]}]},
                "mark": {"type": "image", "width": _WIDTH_PX, "height": height, "aspect": False},
                "encoding": {
                    "x": {"value": _WIDTH_PX / 2},
                    "y": {"value": height / 2},
                    "url": {"field": "url", "type": "nominal"},
                },
            }
        )
    words = ", ".join(_WORDS[one["panel"]] for one in pictures)
    return Figure(
        id="example_map",
        title=f"A map of this kind: {example.title}",
        alt=f"Pictures of one map that was made from a scene ({example.title}): {words}",
        caption="Made by accord flood; what the model above says of events is not taken from it.",
        spec={"concat": panels, "columns": 2, "spacing": 16},
        rows=[{"picture": one["panel"]} for one in pictures],
    )
