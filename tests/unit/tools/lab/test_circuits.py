"""Circuits: against stim, the Fourier transform and textbook states; and what is not understood says so."""

from __future__ import annotations

import math
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import AccordError, MissingExtraError
from accord.tools.lab.backends import measure_up, run_circuit, state_of
from accord.tools.lab.qasm import read_qasm

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
GHZ = HEAD + "qreg q[3];creg c[3];h q[0];cx q[0],q[1];cx q[1],q[2];measure q -> c;"


def state(body: str, qubits: int) -> np.ndarray:
    return state_of(read_qasm(f"{HEAD}qreg q[{qubits}];\n{body}", most_qubits=22))


def test_a_ghz_state_gives_all_zeros_or_all_ones() -> None:
    counts = run_circuit("statevector", GHZ, 10_000, 1).counts
    assert set(counts) == {"000", "111"}
    assert abs(counts["000"] - 5000) < 250
    assert run_circuit("statevector", GHZ, 10_000, 1).counts == counts
    assert run_circuit("statevector", GHZ, 10_000, 2).counts != counts


CLIFFORD = {
    "h": "H",
    "s": "S",
    "sdg": "S_DAG",
    "x": "X",
    "y": "Y",
    "z": "Z",
    "cx": "CX",
    "cz": "CZ",
    "cy": "CY",
    "swap": "SWAP",
}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(sorted(CLIFFORD)), st.permutations(range(4))), max_size=30))
def test_clifford_circuits_agree_with_stim(gates: list[tuple[str, list[int]]]) -> None:
    stim = pytest.importorskip("stim")
    simulator, body = stim.TableauSimulator(), ""
    simulator.set_num_qubits(4)
    for name, order in gates:
        places = order[: 2 if name[0] == "c" or name == "swap" else 1]
        simulator.do(stim.Circuit(f"{CLIFFORD[name]} {' '.join(map(str, places))}"))
        body += f"{name} {','.join(f'q[{p}]' for p in places)};\n"
    overlap = np.vdot(simulator.state_vector(endian="little"), state(body, 4))
    assert abs(abs(overlap) - 1.0) < 1e-6


@pytest.mark.parametrize("number", [0, 1, 5, 31])
def test_the_quantum_fourier_transform_is_one(number: int) -> None:
    body = "".join(f"x q[{i}];" for i in range(5) if number >> i & 1)
    for i in reversed(range(5)):
        body += f"h q[{i}];"
        for k in range(i):
            body += f"cp(pi/2^{i - k}) q[{k}],q[{i}];"
    body += "swap q[0],q[4];swap q[1],q[3];"
    expected = np.exp(2j * math.pi * number * np.arange(32) / 32) / math.sqrt(32)
    assert np.allclose(state(body, 5), expected, atol=1e-12)


@given(a=st.floats(-7, 7), b=st.floats(-7, 7), c=st.floats(-7, 7))
def test_turns_keep_the_norm_and_their_identities(a: float, b: float, c: float) -> None:
    one = state(f"u3({a!r},{b!r},{c!r}) q[0];", 1)
    other = state(f"rz({c!r}) q[0]; ry({a!r}) q[0]; rz({b!r}) q[0];", 1)
    assert abs(np.linalg.norm(one) - 1.0) < 1e-12
    assert abs(abs(np.vdot(one, other)) - 1.0) < 1e-12
    assert np.allclose(state(f"rx({a!r}) q[0]; rx({-a!r}) q[0];", 1), [1, 0], atol=1e-12)


def test_controls_act_only_on_ones() -> None:
    assert np.argmax(np.abs(state("x q[0]; x q[1]; ccx q[0],q[1],q[2];", 3))) == 7
    assert np.argmax(np.abs(state("x q[0]; ccx q[0],q[1],q[2];", 3))) == 1
    assert np.argmax(np.abs(state("x q[2]; swap q[2],q[0];", 3))) == 1
    assert np.allclose(state("h q; crz(0.3) q[0],q[1]; crz(-0.3) q[0],q[1]; h q;", 2), [1, 0, 0, 0])


def test_bits_come_out_where_they_were_measured_into() -> None:
    text = HEAD + "qreg a[2];qreg b[1];creg c[4];x b[0];measure b[0] -> c[2];measure a[0] -> c[0];"
    assert run_circuit("statevector", text, 10, 0).counts == {"0100": 10}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no qubits"),
        ("qreg q[1];", "line 1: expected OPENQASM 2.0 first"),
        ("OPENQASM 3.0;", "expected OPENQASM 2.0"),
        (HEAD, "no qubits"),
        (HEAD + "qreg q[23];", "line 3: 23 qubits, at most 22"),
        (HEAD + "qreg q[2];qreg q[2];", "expected a new name"),
        (HEAD + "qreg q[0];", "at least 1"),
        (HEAD + "qreg q[1];\nfoo q[0];", "line 4: 'foo' is not understood"),
        (HEAD + "qreg q[1];gate g a { x a; }", "not understood"),
        (HEAD + "qreg q[1];if (c==1) x q[0];", "not understood"),
        (HEAD + "qreg q[1];x q[1];", "[1] is not one"),
        (HEAD + "qreg q[1];x r[0];", "is no qreg"),
        (HEAD + "qreg q[2];cx q[0],q[0];", "a qubit twice"),
        (HEAD + "qreg q[2];cx q[0];", "1 operands, expected 2"),
        (HEAD + "qreg q[2];qreg r[3];cx q,r;", "different length"),
        (HEAD + "qreg q[1];rx q[0];", "0 parameters, expected 1"),
        (HEAD + "qreg q[1];rx(1/0) q[0];", "line 3"),
        (HEAD + "qreg q[1];rx(1e999) q[0];", "not finite"),
        (HEAD + "qreg q[1];rx(9^9^9^9) q[0];", "line 3"),
        (HEAD + "qreg q[1];rx(__import__('os')) q[0];", "no expression"),
        (HEAD + "qreg q[1];rx('a') q[0];", "no expression"),
        (HEAD + "qreg q[1];rx(" + "(" * 190 + ") q[0];", "no expression"),
        (HEAD + "qreg q[1];creg c[1];measure q[0] -> c[0];x q[0];", "after its measurement"),
        (HEAD + "qreg q[2];creg c[1];measure q -> c;", "2 qubits into 1 bits"),
        (HEAD + "qreg q[1];x q[0]", "does not end with a semicolon"),
    ],
)
def test_what_is_not_understood_is_told_at_its_line(text: str, said: str) -> None:
    with pytest.raises(AccordError) as caught:
        measure_up("statevector", text)
    assert said in str(caught.value)


def test_a_circuit_that_measures_nothing_and_unknown_back_ends_are_refused() -> None:
    with pytest.raises(AccordError, match="measures nothing"):
        run_circuit("statevector", HEAD + "qreg q[1];", 1, 0)
    with pytest.raises(AccordError, match="expected one of statevector, stim, aer"):
        measure_up("abacus", "")


def test_stim_circuits() -> None:
    pytest.importorskip("stim")
    text = "H 0\nCX 0 1\nM 0 1"
    assert set(run_circuit("stim", text, 1000, 3).counts) == {"00", "11"}
    assert run_circuit("stim", "X 1\nM 0 1", 5, 3).counts == {"10": 5}
    for bad in ("FOO 1", "H 0", "M 0\nREPEAT 3 {"):
        with pytest.raises(AccordError, match="stim"):
            measure_up("stim", bad)


def test_aer_says_how_to_install_it_or_agrees() -> None:
    if find_spec("qiskit_aer") is None:
        with pytest.raises(MissingExtraError, match="pip install"):
            run_circuit("aer", GHZ, 1000, 1)
    else:
        assert set(run_circuit("aer", GHZ, 1000, 1).counts) == {"000", "111"}
