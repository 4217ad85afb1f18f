"""Random streams keyed by name: what is drawn for one name never depends on what else is drawn."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["generator", "member_uniforms"]


def _bits(*parts: object) -> np.random.Philox:
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()
    return np.random.Philox(key=int.from_bytes(digest, "little"))


def generator(*parts: object) -> np.random.Generator:
    """Return a counter-based generator (Philox 4x64) keyed by the parts, e.g. ``generator(seed, "leo.mask", 3)``."""
    return np.random.Generator(_bits(*parts))


def member_uniforms(start: int, stop: int, width: int, *parts: object) -> NDArray[np.float64]:
    """Return uniforms of shape (stop - start, width) for members ``start..stop``.

    Row ``i`` is the same whatever range it is asked in, because the counter is moved to the member's own block.
    """
    bits = _bits(*parts)
    blocks = -(-width // 4)  # one step of the counter yields four numbers
    bits.advance(start * blocks)
    rows = np.random.Generator(bits).random((stop - start, 4 * blocks))
    return np.ascontiguousarray(rows[:, :width])
