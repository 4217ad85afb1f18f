"""What runs a circuit: the state vector built in, stim where it is installed, qiskit-aer where it is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.errors import AccordError, MissingExtraError
from accord.tools.lab.qasm import Circuit, Turn, read_qasm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    State = NDArray[np.complex128]

__all__ = ["BACKENDS", "Outcome", "measure_up", "run_circuit", "state_of"]

MOST_QUBITS = 22
BACKENDS = ("statevector", "stim", "aer")
_MOST_BITS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Counts of the strings read, the first classical bit on the right."""

    counts: dict[str, int]
    qubits: int


def measure_up(backend: str, text: str) -> int:
    """Return the number of qubits of a circuit after checking it, without running it.

    Raises
    ------
    accord.errors.AccordError
        When the circuit is not understood, too large, or the back-end is not installed.
    """
    if backend == "statevector":
        return read_qasm(text, most_qubits=MOST_QUBITS).qubits
    if backend == "aer":
        return read_qasm(text, most_qubits=30).qubits
    if backend != "stim":
        raise AccordError(f"back-end {backend!r}: expected one of {', '.join(BACKENDS)}")
    circuit = _stim_circuit(text)
    if not 1 <= circuit.num_measurements <= _MOST_BITS:
        raise AccordError(
            f"a stim circuit of {circuit.num_measurements} measurements, expected 1 to {_MOST_BITS}"
        )
    return int(circuit.num_qubits)


def run_circuit(backend: str, text: str, shots: int, seed: int) -> Outcome:
    """Run a circuit and count what is read.

    Raises
    ------
    accord.errors.AccordError
        As `measure_up`.
    """
    qubits = measure_up(backend, text)
    if backend == "stim":
        return Outcome(counts=_stim_counts(text, shots, seed), qubits=qubits)
    circuit = read_qasm(text, most_qubits=30)
    if not circuit.measured:
        raise AccordError("the circuit measures nothing")
    if backend == "aer":
        return Outcome(counts=_aer_counts(text, shots, seed), qubits=qubits)
    return Outcome(counts=_counts(circuit, shots, seed), qubits=qubits)


def state_of(circuit: Circuit) -> State:
    """Return the state after all turns, shape (2^qubits,), the first qubit in the lowest place of the index."""
    state = np.zeros(1 << circuit.qubits, np.complex128)
    state[0] = 1.0
    for turn in circuit.turns:
        _apply(state, turn, circuit.qubits)
    return state


def _apply(state: State, turn: Turn, qubits: int) -> None:
    axes = state.reshape((2,) * qubits)
    where: list[Any] = [slice(None)] * qubits
    for control in turn.controls:
        where[qubits - 1 - control] = slice(1, 2)  # a slice keeps a view where an index would copy
    zero, one = where.copy(), where.copy()
    zero[qubits - 1 - turn.target], one[qubits - 1 - turn.target] = slice(0, 1), slice(1, 2)
    low, high = axes[tuple(zero)], axes[tuple(one)]
    a, b, c, d = turn.matrix
    if b == 0 and c == 0:  # a phase: nothing moves
        if a != 1:
            low *= a
        if d != 1:
            high *= d
        return
    before = low.copy()
    low *= a
    low += b * high
    high *= d
    high += c * before


def _counts(circuit: Circuit, shots: int, seed: int) -> dict[str, int]:
    chance = np.abs(state_of(circuit)) ** 2
    edges = np.cumsum(chance)
    drawn = np.random.default_rng(seed).random(shots) * edges[-1]
    index = np.minimum(np.searchsorted(edges, drawn, side="right"), len(edges) - 1)
    bits = np.zeros((shots, circuit.bits), np.uint8)
    for bit, qubit in circuit.measured.items():
        bits[:, circuit.bits - 1 - bit] = index >> qubit & 1
    return _counted(bits)


def _counted(bits: NDArray[np.uint8]) -> dict[str, int]:
    rows, number = np.unique(bits, axis=0, return_counts=True)
    return {"".join(map(str, row)): int(n) for row, n in zip(rows.tolist(), number, strict=True)}


def _stim() -> Any:
    try:
        import stim
    except ImportError:
        raise MissingExtraError("stim is not installed: pip install 'accord[lab]'") from None
    return stim


def _stim_circuit(text: str) -> Any:
    try:
        return _stim().Circuit(text)
    except (ValueError, IndexError) as error:
        raise AccordError(
            f"stim does not understand the circuit: {str(error).splitlines()[0][:200]}"
        ) from None


def _stim_counts(text: str, shots: int, seed: int) -> dict[str, int]:
    sampler = _stim_circuit(text).compile_sampler(seed=seed)
    return _counted(np.ascontiguousarray(sampler.sample(shots)[:, ::-1]).astype(np.uint8))


def _aer_counts(text: str, shots: int, seed: int) -> dict[str, int]:
    try:
        from qiskit import QuantumCircuit, transpile  # type: ignore[import-not-found,unused-ignore]
        from qiskit_aer import AerSimulator  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise MissingExtraError("qiskit-aer is not installed: pip install qiskit-aer") from None
    simulator = AerSimulator()
    circuit = transpile(QuantumCircuit.from_qasm_str(text), simulator)
    found = simulator.run(circuit, shots=shots, seed_simulator=seed).result().get_counts()
    return {name.replace(" ", ""): int(n) for name, n in found.items()}
