"""Photons of a link: detections drawn with the empty gates jumped over, beside SeQUeNCe 0.8.5 gate by gate.

Both simulate BB84 at 80 MHz with 0.1 photons a pulse (the peer's own default) over the same loss: 1 km of fibre, then a
satellite's 35 dB. The peer is run by the interpreter that ``ACCORD_SEQUENCE`` names, or by this one where it is
installed; it drags in 130 packages, so that an environment of its own is better. It sifts as well, which at 35 dB is no
part of its time. CPU time of one thread, best of three.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np

from accord.systems.qkd.finite_key import Protocol
from accord.systems.qkd.photons import Stretch, detect_photons

__all__ = ["run"]

BAR = 1e4
_PEER = """
import json, sys, time
from sequence.components.light_source import LightSource
from sequence.components.optical_channel import ClassicalChannel, QuantumChannel
from sequence.kernel.timeline import Timeline
from sequence.qkd.BB84 import pair_bb84_protocols
from sequence.topology.node import QKDNode

class Keys:
    def pop(self, info):
        pass

sent = [0]
plain = LightSource.emit
def emit(self, states):
    sent[0] += len(states)
    return plain(self, states)
LightSource.emit = emit
best, until_s, loss_db = 0.0, float(sys.argv[1]), float(sys.argv[2])
for turn in range(3):
    sent[0] = 0
    line = Timeline(until_s * 1e12)
    line.show_progress = False
    alice, bob = QKDNode("alice", line, stack_size=1), QKDNode("bob", line, stack_size=1)
    alice.set_seed(0)
    bob.set_seed(1)
    pair_bb84_protocols(alice.protocol_stack[0], bob.protocol_stack[0])
    for one, other in ((alice, bob), (bob, alice)):
        name = one.name
        fibre = QuantumChannel("q" + name, line, attenuation=loss_db / 1e3, distance=1e3, polarization_fidelity=0.97)
        fibre.set_ends(one, other.name)
        ClassicalChannel("c" + name, line, distance=1e3).set_ends(one, other.name)
    for node in (alice, bob):
        node.protocol_stack[0].upper_protocols.append(Keys())
    line.init()
    alice.protocol_stack[0].push(256, 10**6)
    begin = time.process_time()
    line.run()
    taken = time.process_time() - begin
    pulses = min(sent[0], until_s * 8e7)
    best = max(best, pulses / taken)
print(json.dumps({"rate": best, "pulses": pulses}))
"""


def ours(through: float, pulses: int) -> tuple[float, int]:
    """Return pulses a second and detections; best of three."""
    protocol = Protocol(
        key_basis_probability=0.5,
        intensities=np.array([0.1, 0.05, 0.0]),
        probabilities=np.array([0.998, 1e-3, 1e-3]),
    )
    stretch = Stretch(
        through=np.full(10, through), noise=np.full(10, 1e-8), pulses=np.full(10, pulses // 10, dtype=np.int64),
        misalignment=0.015,
    )  # fmt: skip
    best, found = 0.0, 0
    for turn in range(4):  # the first loads the compiled loop
        begin = time.process_time()
        _, found = detect_photons(stretch, protocol, turn)
        best = max(best, pulses / max(time.process_time() - begin, 1e-9)) if turn else best
    return best, found


def peer(until_s: float, loss_db: float) -> dict[str, float] | None:
    """Return the peer's pulses a second, none where it is not installed."""
    python = os.environ.get("ACCORD_SEQUENCE") or (
        sys.executable if importlib.util.find_spec("sequence") else ""
    )
    if not python:
        return None
    done = subprocess.run(
        [python, "-c", _PEER, str(until_s), str(loss_db)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"SeQUeNCe failed: {done.stderr.strip().splitlines()[-1]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run() -> list[dict[str, Any]]:
    """Time both in one run."""
    rows = []
    for name, loss_db, pulses, until_s in (
        ("1 km of fibre", 0.2, 10**8, 0.01),
        ("35 dB", 35.0, 3 * 10**11, 0.05),
    ):
        other = peer(until_s, loss_db)
        rate, found = ours(0.8 * 10 ** (-loss_db / 10.0), pulses)
        ratio = rate / other["rate"] if other else None
        far = loss_db > 10.0
        theirs = "SeQUeNCe is not installed: set ACCORD_SEQUENCE to a Python that has it"
        if other:
            theirs = f"SeQUeNCe 0.8.5 {other['rate']:.3g} pulses/s over {other['pulses']:.3g}"
        rows.append(
            {
                "name": f"photons of BB84 over {name}, detectors of 80 %, a thousand million pulses on one core",
                "ours_s": 1e9 / rate,
                "peer_s": 1e9 / other["rate"] if other else None,
                "ratio": ratio,
                "bar": f"at least {BAR:.0f} x"
                if far
                else f"{BAR:.0f} x is for losses; here one gate in 14 clicks",
                "clears": ratio >= BAR if far and ratio is not None else None,
                "note": f"ours {rate:.3g} pulses/s, {found} detections of {pulses:.3g} pulses; {theirs}",
            }
        )
    return rows
