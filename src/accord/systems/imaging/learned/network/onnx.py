"""Write a graph of operators as an ONNX file: the few messages of the format that a small network needs.

ONNX, Open Neural Network Exchange, onnx.proto3 (intermediate representation 8, operator set 17); encoded as Protocol
Buffers: a varint key of field number and wire type, then a varint, four bytes, or a length and as many bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Attribute", "Node", "model_bytes"]

Attribute = int | str | Sequence[int]
_IR, _OPSET = 8, 17
_FLOAT, _INT, _STRING, _INTS = 1, 2, 3, 7  # types of attributes; 1 is also the element type of float32


@dataclass(frozen=True, slots=True)
class Node:
    """One operator: its type, the names of what it reads, the name of what it makes, and its attributes."""

    kind: str
    reads: tuple[str, ...]
    makes: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(key: int, value: int) -> bytes:
    return _varint(key << 3) + _varint(value)


def _bytes(key: int, value: bytes | str) -> bytes:
    body = value.encode() if isinstance(value, str) else value
    return _varint(key << 3 | 2) + _varint(len(body)) + body


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        body, kind = _number(3, value), _INT
    elif isinstance(value, str):
        body, kind = _bytes(4, value), _STRING
    else:
        body, kind = b"".join(_number(8, one) for one in value), _INTS
    return _bytes(1, name) + body + _number(20, kind)


def _node(node: Node) -> bytes:
    body = b"".join(_bytes(1, name) for name in node.reads) + _bytes(2, node.makes) + _bytes(4, node.kind)
    return body + b"".join(_bytes(5, _attribute(name, value)) for name, value in node.attributes.items())


def _tensor(name: str, value: NDArray[np.float32]) -> bytes:
    body = b"".join(_number(1, size) for size in value.shape) + _number(2, _FLOAT) + _bytes(8, name)
    return body + _bytes(9, struct.pack(f"<{value.size}f", *value.ravel().tolist()))


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(_bytes(1, _number(1, s) if isinstance(s, int) else _bytes(2, s)) for s in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, _FLOAT) + _bytes(2, sizes)))


def model_bytes(
    nodes: Sequence[Node],
    weights: Mapping[str, NDArray[np.float32]],
    given: tuple[str, Sequence[int | str]],
    made: tuple[str, Sequence[int | str]],
) -> bytes:
    """Return an ONNX file of float32 tensors.

    Parameters
    ----------
    nodes : sequence of Node
        In an order in which each reads what was made before.
    weights : mapping of str to float32 array
    given, made : (name, shape)
        Of the one input and the one output; a size that is a text is free.
    """
    graph = b"".join(_bytes(1, _node(node)) for node in nodes) + _bytes(2, "network")
    graph += b"".join(_bytes(5, _tensor(name, value)) for name, value in weights.items())
    graph += _bytes(11, _value(*given)) + _bytes(12, _value(*made))
    head = _number(1, _IR) + _bytes(2, "accord") + _bytes(7, graph)
    return head + _bytes(8, _number(2, _OPSET))
