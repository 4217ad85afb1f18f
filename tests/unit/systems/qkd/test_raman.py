"""Noise of data in the fibre: the integral along it, and what it does to key."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from accord.contract.alone import Alone
from accord.systems.qkd.inputs import Design
from accord.systems.qkd.model import SYSTEM
from accord.systems.qkd.raman import gate_noise, scattered_mw


@given(st.floats(0.1, 400.0), st.floats(0.13, 1.0), st.booleans())
def test_power_is_the_integral_along_the_fibre(length_km: float, db_per_km: float, backward: bool) -> None:
    """Light reaches z, a share is scattered there, and that is lost on its way to the receiver."""
    loss = db_per_km * math.log(10.0) / 10.0

    def arriving(z: float) -> float:
        # z from the end where the data enter; the receiver is there for light scattered back
        return math.exp(-loss * z) * math.exp(-loss * (z if backward else length_km - z))

    expected = 2.0 * 3e-9 * 0.6 * quad(arriving, 0.0, length_km, epsrel=1e-10, limit=200)[0]
    found = scattered_mw(2.0, np.array([db_per_km]), length_km, np.array([3e-9]), 0.6, backward=backward)
    assert found[0] == pytest.approx(expected, rel=1e-7)


def test_forward_noise_is_worst_at_the_decay_length_and_backward_noise_levels_off() -> None:
    lengths = np.arange(1.0, 300.0, 0.1)
    loss, share = np.array([0.2]), np.array([2e-9])
    forward, backward = (
        np.concatenate([scattered_mw(1.0, loss, km, share, 1.0, backward=way) for km in lengths])
        for way in (False, True)
    )
    decay_km = 10.0 / (0.2 * math.log(10.0))
    assert lengths[forward.argmax()] == pytest.approx(decay_km, abs=0.06)
    assert (np.diff(backward) >= 0.0).all()
    assert backward[-1] == pytest.approx(0.5 * decay_km * 2e-9, rel=1e-4)


def test_clicks_are_half_of_the_photons_that_are_counted() -> None:
    """1 pW at 1550 nm is 7.8 million photons a second; a tenth of them, half in each detector, in 1 ns."""
    noise = gate_noise(np.array([1e-9]), np.array([0.1]), 1.0)
    assert noise[0] == pytest.approx(0.5 * 7.803e6 * 0.1 * 1e-9, rel=1e-3)
    assert gate_noise(np.array([1e9]), np.array([1.0]), 1.0)[0] == 0.5


def rate(traffic: dict[str, object] | None) -> np.ndarray:
    link = {"id": "a", "name": "A", "length": "25 km", **({"traffic": traffic} if traffic else {})}
    alone = Alone(SYSTEM, {"links": [link]})
    alone.prepared()
    out, failures = alone.evaluate(alone.draw(64))
    assert not failures
    return np.stack([out["key_rate_bit_per_s"][:, 0], out["raman_probability"][:, 0]])


def test_key_falls_with_the_power_of_the_data() -> None:
    dark = rate(None)
    none = rate({"launch_power": "1 mW"})
    np.testing.assert_array_equal(dark, none)
    weak = rate({"forward": 1, "backward": 1, "launch_power": "0.002 mW"})
    strong = rate({"forward": 1, "backward": 1, "launch_power": "0.05 mW"})
    assert (strong[1] > weak[1]).all()
    assert (weak[1] > 0.0).all()
    assert np.median(dark[0]) > np.median(weak[0]) > np.median(strong[0])
    assert (rate({"backward": 40, "launch_power": "1 mW"})[0] == 0.0).all()


def test_a_gate_longer_than_a_pulse_is_refused() -> None:
    link = {"id": "a", "name": "A", "length": "25 km", "traffic": {"launch_power": "1 mW", "gate": "2 ns"}}
    with pytest.raises(ValueError, match="at most the 1 ns from pulse to pulse"):
        Design.model_validate({"links": [link]})
