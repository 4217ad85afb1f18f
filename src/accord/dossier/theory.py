"""A system's ``theory.md`` as HTML: raw HTML in it is shown, not obeyed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["Theory", "theory"]

_LIMITS = "not modelled"  # the section that a reader must not have to unfold


@dataclass(frozen=True, slots=True, kw_only=True)
class Theory:
    """The page of one kind of system.

    Attributes
    ----------
    text, not_modelled : Markup
        The section "Not modelled" by itself, without its heading, and everything else; headings start at level 4.
    problem : str
        Why there is no text.
    """

    text: Markup = field(default_factory=Markup)
    not_modelled: Markup = field(default_factory=Markup)
    problem: str = ""


def theory(kind: str) -> Theory:
    """Return a system's theory, or why it cannot be shown: a damaged page must not cost the reader the dossier."""
    from markdown_it import MarkdownIt

    path = files("accord.systems") / kind / "theory.md"
    if not path.is_file():
        return Theory(problem="the system has none")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    try:
        tokens = reader.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return Theory(problem=f"{type(error).__name__}: {error}")
    rest, limits = _parted(tokens)
    for token in rest:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 3)}"
    return Theory(
        text=Markup(reader.renderer.render(rest, reader.options, {})),  # noqa: S704 - html is off
        not_modelled=Markup(reader.renderer.render(limits, reader.options, {})),  # noqa: S704 - html is off
    )


def _parted(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Return the tokens outside and inside the section "Not modelled", its heading left out."""
    rest: list[Token] = []
    limits: list[Token] = []
    level = 0  # of the heading that opened the section; 0 outside it
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "heading_open":
            rank = int(token.tag[1])
            if tokens[index + 1].content.strip().lower() == _LIMITS:
                level, index = rank, index + 3
                continue
            if level and rank <= level:
                level = 0
        (limits if level else rest).append(token)
        index += 1
    return rest, limits
