"""Circuits in a subset of OpenQASM 2: registers, the gates of qelib1 named below, barriers, measurements at the end.

Cross, Bishop, Smolin & Gambetta (2017), Open Quantum Assembly Language, arXiv:1707.03429. Every gate becomes turns of
one qubit under zero or more controls.
"""

from __future__ import annotations

import ast
import cmath
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from accord.errors import AccordError

__all__ = ["Circuit", "Turn", "read_qasm"]

Matrix = tuple[complex, complex, complex, complex]
_MOST_LINES = 200_000
_NAME = r"[a-z][A-Za-z0-9_]*"


@dataclass(frozen=True, slots=True)
class Turn:
    """A 2 x 2 matrix (row by row) on one qubit, where all controls are one."""

    matrix: Matrix
    target: int
    controls: tuple[int, ...] = ()


@dataclass(slots=True, kw_only=True)
class Circuit:
    """A circuit.

    Attributes
    ----------
    qubits, bits : int
    turns : list of Turn
    measured : dict
        From classical bit to the qubit it is read from.
    """

    qubits: int = 0
    bits: int = 0
    turns: list[Turn] = field(default_factory=list)
    measured: dict[int, int] = field(default_factory=dict)


def _u(theta: float, phi: float, lam: float) -> Matrix:
    cosine, sine = math.cos(theta / 2), math.sin(theta / 2)
    return (
        cosine,
        -cmath.exp(1j * lam) * sine,
        cmath.exp(1j * phi) * sine,
        cmath.exp(1j * (phi + lam)) * cosine,
    )


def _rz(angle: float) -> Matrix:
    return (cmath.exp(-0.5j * angle), 0, 0, cmath.exp(0.5j * angle))


def _phase(angle: float) -> Matrix:
    return (1, 0, 0, cmath.exp(1j * angle))


_X: Matrix = (0, 1, 1, 0)
_H: Matrix = (2**-0.5, 2**-0.5, 2**-0.5, -(2**-0.5))
_FIXED: dict[str, Matrix] = {
    "id": (1, 0, 0, 1),
    "x": _X,
    "y": (0, -1j, 1j, 0),
    "z": (1, 0, 0, -1),
    "h": _H,
    "s": _phase(math.pi / 2),
    "sdg": _phase(-math.pi / 2),
    "t": _phase(math.pi / 4),
    "tdg": _phase(-math.pi / 4),
    "sx": (0.5 + 0.5j, 0.5 - 0.5j, 0.5 - 0.5j, 0.5 + 0.5j),
}
_TURNED: dict[str, tuple[int, Callable[..., Matrix]]] = {
    "rx": (1, lambda a: _u(a, -math.pi / 2, math.pi / 2)),
    "ry": (1, lambda a: _u(a, 0.0, 0.0)),
    "rz": (1, _rz),
    "p": (1, _phase),
    "u1": (1, _phase),
    "u2": (2, lambda a, b: _u(math.pi / 2, a, b)),
    "u3": (3, _u),
    "u": (3, _u),
    "U": (3, _u),
}
_CONTROLLED = {
    "cx": "x",
    "CX": "x",
    "cy": "y",
    "cz": "z",
    "ch": "h",
    "cp": "p",
    "cu1": "p",
    "crz": "rz",
    "ccx": "x",
}


def read_qasm(text: str, *, most_qubits: int) -> Circuit:
    """Return the circuit of a text.

    Raises
    ------
    accord.errors.AccordError
        At the first line that is not understood, with what was expected.
    """
    circuit = Circuit()
    registers: dict[str, tuple[str, int, int]] = {}
    lines = re.sub(r"//[^\n]*", "", text).split("\n")
    if len(lines) > _MOST_LINES:
        raise AccordError(f"a circuit of {len(lines)} lines, at most {_MOST_LINES} are taken")
    number, statement, seen = 0, "", 0
    for number, line in enumerate(lines, 1):
        for i, piece in enumerate(line.split(";")):
            if i == 0:
                statement += " " + piece
                continue
            try:
                _take(statement.strip(), circuit, registers, most_qubits, first=seen == 0)
            except (AccordError, ArithmeticError, ValueError) as error:
                raise AccordError(f"line {number}: {error}") from None
            statement, seen = piece, seen + 1
    if statement.strip():
        raise AccordError(f"line {number}: the last statement does not end with a semicolon")
    if not circuit.qubits:
        raise AccordError("the circuit has no qubits: expected a qreg")
    return circuit


def _take(
    statement: str, circuit: Circuit, registers: dict[str, tuple[str, int, int]], most: int, *, first: bool
) -> None:
    if first:
        if not re.fullmatch(r"OPENQASM +2(\.[0-9]+)?", statement):
            raise AccordError("expected OPENQASM 2.0 first")
        return
    if statement == 'include "qelib1.inc"' or not statement or statement.startswith("barrier"):
        return
    if found := re.fullmatch(rf"(qreg|creg)\s+({_NAME})\s*\[\s*([0-9]{{1,6}})\s*\]", statement):
        kind, name, size = found[1], found[2], int(found[3])
        if name in registers or size < 1:
            raise AccordError(f"register {name} of {size}: expected a new name and at least 1")
        total = circuit.qubits if kind == "qreg" else circuit.bits
        registers[name] = (kind, total, size)
        if kind == "qreg":
            circuit.qubits += size
            if circuit.qubits > most:
                raise AccordError(f"{circuit.qubits} qubits, at most {most} on this back-end")
        else:
            circuit.bits += size
        return
    if found := re.fullmatch(r"measure\s+(.+?)\s*->\s*(.+)", statement):
        qubits, bits = _places(found[1], "qreg", registers), _places(found[2], "creg", registers)
        if len(qubits) != len(bits):
            raise AccordError(f"measure: {len(qubits)} qubits into {len(bits)} bits")
        circuit.measured.update(zip(bits, qubits, strict=True))
        return
    _gate(statement, circuit, registers)


def _gate(statement: str, circuit: Circuit, registers: dict[str, tuple[str, int, int]]) -> None:
    found = re.fullmatch(r"([A-Za-z][A-Za-z0-9_]*)\s*(?:\((.*)\))?\s+(.+)", statement)
    name = found[1] if found else statement.split(" ")[0][:20]
    known = {*_FIXED, *_TURNED, *_CONTROLLED, "swap"}
    if not found or name not in known:
        raise AccordError(f"{name!r} is not understood: expected one of {', '.join(sorted(known))}")
    values = [_value(part) for part in found[2].split(",")] if found[2] and found[2].strip() else []
    operands = [_places(part, "qreg", registers) for part in found[3].split(",")]
    wide = max(len(places) for places in operands)
    if any(len(places) not in (1, wide) for places in operands):
        raise AccordError(f"{name}: registers of different length")
    controls = 2 if name == "ccx" else 1 if name in _CONTROLLED else 0
    expected = 2 if name == "swap" else 1 + controls
    if len(operands) != expected:
        raise AccordError(f"{name}: {len(operands)} operands, expected {expected}")
    base = _CONTROLLED.get(name, name)
    wanted = _TURNED[base][0] if base in _TURNED else 0
    if len(values) != wanted:
        raise AccordError(f"{name}: {len(values)} parameters, expected {wanted}")
    for i in range(wide):
        qubits = [places[i if len(places) > 1 else 0] for places in operands]
        if len(set(qubits)) != len(qubits):
            raise AccordError(f"{name}: a qubit twice")
        if set(qubits) & set(circuit.measured.values()):
            raise AccordError(f"{name}: a qubit is used after its measurement, which is not modelled here")
        if name == "swap":
            a, b = qubits
            circuit.turns += [Turn(_X, b, (a,)), Turn(_X, a, (b,)), Turn(_X, b, (a,))]
        else:
            matrix = _TURNED[base][1](*values) if wanted else _FIXED[base]
            circuit.turns.append(Turn(matrix, qubits[-1], tuple(qubits[:-1])))


def _places(text: str, kind: str, registers: dict[str, tuple[str, int, int]]) -> list[int]:
    found = re.fullmatch(rf"\s*({_NAME})\s*(?:\[\s*([0-9]{{1,6}})\s*\])?\s*", text)
    if not found or found[1] not in registers or registers[found[1]][0] != kind:
        raise AccordError(f"{text.strip()[:30]!r} is no {kind}")
    _, start, size = registers[found[1]]
    if found[2] is None:
        return list(range(start, start + size))
    if int(found[2]) >= size:
        raise AccordError(f"{found[1]} has {size} places, [{found[2]}] is not one")
    return [start + int(found[2])]


_BINARY: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
}
_CALLS = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "ln": math.log,
    "sqrt": math.sqrt,
}


def _value(text: str) -> float:
    """Return the value of an expression of numbers, pi, + - * / ^ and the functions of the language."""
    if len(text) > 200:
        raise AccordError("a parameter longer than 200 characters")
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise AccordError(f"parameter {text.strip()[:30]!r} is no expression") from None
    value = _computed(tree)
    if not math.isfinite(value):
        raise AccordError(f"parameter {text.strip()[:30]!r} is not finite")
    return value


def _computed(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id="pi"):
            return math.pi
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_computed(inner)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_computed(left), _computed(right))
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _CALLS:
            return _CALLS[name](_computed(inner))
    raise AccordError("a parameter that is no expression of numbers and pi")
