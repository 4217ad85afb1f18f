"""The Bass curve solves its own differential equation and peaks where it says."""

from __future__ import annotations

import numpy as np
import pytest

from accord.physics.diffusion import bass_peak, bass_share


@pytest.mark.parametrize(("p", "q"), [(0.03, 0.38), (0.01, 0.6), (0.2, 0.05)])
def test_the_hazard_of_adoption_is_linear_in_the_share(p, q):
    t = np.linspace(0.0, 20.0, 41)
    share = bass_share(t, p, q)
    slope = (bass_share(t + 1e-5, p, q) - bass_share(t - 1e-5 * (t > 0), p, q)) / (1e-5 + 1e-5 * (t > 0))
    assert slope == pytest.approx((p + q * share) * (1.0 - share), rel=1e-4)


def test_adoption_starts_at_zero_and_ends_complete():
    assert bass_share(np.array([-3.0, 0.0, 500.0]), 0.03, 0.38) == pytest.approx([0.0, 0.0, 1.0])


def test_adoption_is_fastest_at_the_peak():
    t = np.linspace(0.0, 20.0, 20001)
    steepest = t[np.argmax(np.diff(bass_share(t, 0.03, 0.38)))]
    assert bass_peak(0.03, 0.38) == pytest.approx(steepest, abs=2e-3)


def test_without_imitation_adoption_is_fastest_at_once():
    assert bass_peak(0.1, 0.05) == 0.0
    assert bass_share(np.array([2.0]), 0.1, 0.0) == pytest.approx(1 - np.exp(-0.2))
