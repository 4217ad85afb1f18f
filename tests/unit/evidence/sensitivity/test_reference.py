"""The same numbers as SALib from the same sample: ``reference.json`` holds the peer's, ``recipe.py`` made them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.evidence.sensitivity import recipe

from accord.evidence.sensitivity.delta import delta
from accord.evidence.sensitivity.morris import elementary_effects
from accord.evidence.sensitivity.pawn import pawn
from accord.evidence.sensitivity.sobol import saltelli_rows, sobol_indices

PEER: dict[str, Any] = json.loads(Path(__file__).with_name("reference.json").read_text(encoding="utf-8"))
EQUAL = {"rtol": 0.0, "atol": 1e-12}


@pytest.mark.parametrize(
    ("name", "d", "n", "second"), [("sobol_20", 20, 2**13, False), ("sobol_4_second", 4, 2**10, True)]
)
def test_sobol_indices_and_intervals(name: str, d: int, n: int, second: bool) -> None:
    y = recipe.g_function(saltelli_rows(recipe.sobol_case(d, n), second_order=second))
    picks = np.random.default_rng(5).integers(n, size=(n, 100))
    found = sobol_indices(y, d, second_order=second, picks=picks)
    np.testing.assert_allclose(found.first, PEER[name]["S1"], **EQUAL)
    np.testing.assert_allclose(found.first_half, PEER[name]["S1_conf"], **EQUAL)
    np.testing.assert_allclose(found.total, PEER[name]["ST"], **EQUAL)
    np.testing.assert_allclose(found.total_half, PEER[name]["ST_conf"], **EQUAL)
    if second:
        assert found.second is not None
        assert found.second_half is not None
        upper = np.isfinite(found.second)
        np.testing.assert_allclose(found.second[upper], PEER[name]["S2"], **EQUAL)
        np.testing.assert_allclose(found.second_half[upper], PEER[name]["S2_conf"], **EQUAL)


def test_pawn_medians_and_maxima() -> None:
    found = pawn(*recipe.pawn_case())
    np.testing.assert_allclose(found.median, PEER["pawn"]["median"], **EQUAL)
    np.testing.assert_allclose(found.largest, PEER["pawn"]["maximum"], **EQUAL)


def test_delta_of_the_same_bootstrap_samples() -> None:
    x, y, picks = recipe.delta_case()
    found = delta(x, y, picks=picks)
    np.testing.assert_allclose(found.delta, PEER["delta"]["delta"], **EQUAL)
    np.testing.assert_allclose(found.half, 1.959963984540054 * np.array(PEER["delta"]["sd"]), **EQUAL)


def test_elementary_effects() -> None:
    found = elementary_effects(*recipe.morris_case())
    np.testing.assert_allclose(found.mean, PEER["morris"]["mu"], rtol=0.0, atol=1e-11)
    np.testing.assert_allclose(found.absolute, PEER["morris"]["mu_star"], rtol=0.0, atol=1e-11)
    np.testing.assert_allclose(found.spread, PEER["morris"]["sigma"], rtol=0.0, atol=1e-11)
