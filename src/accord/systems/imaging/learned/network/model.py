"""A network as a member of the map: loaded with its card, run by ONNX Runtime on windows that show no seams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import MissingExtraError, ModelError
from accord.systems.imaging.learned.cards import check_card, read_card
from accord.systems.imaging.learned.chips import SPECTRAL
from accord.systems.imaging.learned.drift import LIMIT, drifts
from accord.systems.imaging.learned.features import to_integers
from accord.systems.imaging.learned.network.layers import CHANNELS
from accord.systems.imaging.scene.model import OPTICAL

__all__ = ["NetworkModel", "channels", "read_network", "session_of"]

_HIGHEST = 16_000


@cache
def _logarithm() -> NDArray[np.float32]:
    """Return the logarithm of every integer of 1e-4, about its middle over land and water."""
    return (np.log(np.maximum(np.arange(_HIGHEST + 1), 1)) - 6.5).astype(np.float32)


def channels(stack: NDArray[np.int32], seen: NDArray[np.bool_], step: int) -> NDArray[np.float32]:
    """Return what the network reads, shape (CHANNELS, rows, columns), both filled up to multiples of `step`.

    Parameters
    ----------
    stack : int array, shape (6, rows, columns)
        Reflectance in 1e-4, 1 to 16 000.
    seen : bool array, shape (rows, columns)
        What lies beyond the scene is filled up as unseen.
    """
    from accord.systems.imaging.learned.network.kernels import fill_channels

    rows, columns = seen.shape
    out = np.zeros((CHANNELS, -(-rows // step) * step, -(-columns // step) * step), np.float32)
    fill_channels(stack, seen, _logarithm(), out)
    return out


def session_of(content: bytes, threads: int = 1) -> Any:
    """Return an ONNX Runtime session on the processor, with the same sums for any number of threads.

    Raises
    ------
    MissingExtraError
        Without onnxruntime.
    ModelError
        When it cannot read the network.
    """
    try:
        onnxruntime = import_module("onnxruntime")
    except ImportError:
        raise MissingExtraError("a network needs onnxruntime: pip install 'accord[imaging]'") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own classes derive from nothing narrower
        raise ModelError(f"network: cannot be read: {str(error).splitlines()[0]}") from error


@dataclass(frozen=True, slots=True)
class NetworkModel:
    """A learned member: see `accord.systems.imaging.methods.pixel_model.PixelModel`.

    Windows must begin at multiples of `step` in the scene, as strips and tiles do; then the answer is the whole
    scene's, whatever the window.
    """

    session: Any
    step: int
    halo_px: int
    support: Mapping[str, Any] | None = None
    name: str = "learned network"
    bands: tuple[str, ...] = field(default=OPTICAL)

    @property
    def limit(self) -> float:
        """Stability index above which a quantity drifts."""
        return LIMIT

    def likelihood(self, reflectance: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return the likelihood of water of a window, NaN where it was not seen.

        Raises
        ------
        ModelError
            When the values cannot be reflectance.
        """
        stack, known = to_integers(dict(zip(SPECTRAL, reflectance, strict=True)), seen)
        given = channels(stack, known, self.step)
        found = self.session.run(None, {"channels": given[None]})[0][0, 0, : known.shape[0], : known.shape[1]]
        return np.where(known, found, np.float32(np.nan))

    def likeness(self, reflectance: NDArray[np.float32], seen: NDArray[np.bool_]) -> list[dict[str, Any]]:
        """Return the stability index of each quantity against the card's histogram."""
        named = dict(zip(SPECTRAL, reflectance, strict=True))
        return [
            {
                "quantity": one.quantity,
                "index": round(one.index, 4),
                "below": round(one.below, 4),
                "above": round(one.above, 4),
                "drifts": one.index > LIMIT,
            }
            for one in drifts(named, seen, self.support)
        ]


def read_network(card: Path) -> NetworkModel:
    """Return the network that a card describes, once a machine has found nothing wrong with the card.

    Raises
    ------
    FileError
        When the card cannot be read.
    ModelError
        When it is no card of a network, lacks something, misses its own bars, or is not of the file beside it.
    MissingExtraError
        Without onnxruntime.
    """
    body = read_card(card)
    if body["schema"] != "accord/network-card/1":
        raise ModelError(
            f"{card}: expected a card of a network (accord/network-card/1), got {body['schema']}"
        )
    wrong = check_card(card)
    if wrong:
        more = f" ({len(wrong) - 1} more: accord imaging card {card})" if len(wrong) > 1 else ""
        raise ModelError(f"{wrong[0]}{more}")
    session = session_of((card.parent / str(body["model"]["file"])).read_bytes())
    inputs = body["inputs"]
    return NetworkModel(
        session, int(inputs["step_px"]), int(inputs["halo_px"]), inputs["support"], f"network {body['name']}"
    )
