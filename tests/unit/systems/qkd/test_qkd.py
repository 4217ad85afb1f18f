"""Finite keys: bounds that bound, limits nobody passes, links that give nothing and say so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from accord.contract.alone import Alone
from accord.systems.qkd.finite_key import Protocol, binary_entropy, key_length
from accord.systems.qkd.inputs import Design, Link
from accord.systems.qkd.link import Receiver, expected_counts, plob_bit
from accord.systems.qkd.model import SYSTEM
from accord.systems.qkd.optimise import best_protocol, protocol_of

SETTINGS = protocol_of(np.array([0.85, 0.38, 0.44, 0.41, 0.22]), 1.16)


def receiver(**more: float) -> Receiver:
    values = {
        "efficiency": 0.1,
        "dark_probability": 6e-7,
        "afterpulse_probability": 0.04,
        "misalignment": 5e-3,
        **more,
    }
    return Receiver(**{k: np.array([v]) for k, v in values.items()})


def length(loss_db: float, block: float = 1e7, protocol: Protocol = SETTINGS, **more: float) -> Any:
    counts, pulses = expected_counts(np.array([10 ** (-loss_db / 10)]), protocol, receiver(**more), block)
    return key_length(counts, protocol, secrecy=1e-9, correctness=1e-15), pulses


@given(
    st.floats(0.0, 40.0), st.floats(4.0, 11.0), st.floats(0.01, 0.98), st.floats(0, 1e-4), st.floats(0, 0.05),
    st.floats(0.3, 0.97), st.floats(0.1, 0.5), st.floats(0.1, 0.45), st.floats(0.2, 0.9), st.floats(0.1, 0.9),
)  # fmt: skip
def test_no_setting_passes_the_repeaterless_bound(
    loss: float, block: float, efficiency: float, dark: float, wrong: float, basis: float, p1: float, p2: float,
    mu1: float, share: float,
) -> None:  # fmt: skip
    protocol = protocol_of(np.array([basis, p1, p2, mu1, 2e-4 + share * (mu1 - 2e-4)]), 1.16)
    found, pulses = length(
        loss, 10.0**block, protocol, efficiency=efficiency, dark_probability=dark, misalignment=wrong
    )
    assert float(found.length[0] / pulses[0]) <= float(plob_bit(np.array([10 ** (-loss / 10)]))[0]) + 1e-12


def test_bounds_lie_on_the_safe_side_of_the_truth() -> None:
    """The expected single-photon detections of the channel model are known: the bound must not exceed them."""
    loss_db, block = 20.0, 1e9
    found, pulses = length(loss_db, block, afterpulse_probability=0.0)
    through = 10 ** (-loss_db / 10) * 0.1
    tau1 = float((SETTINGS.probabilities * np.exp(-SETTINGS.intensities) * SETTINGS.intensities).sum())
    yield1 = through + 2 * 6e-7 * (1 - through)
    truth = float(pulses[0]) * SETTINGS.key_basis_probability**2 * tau1 * yield1
    assert 0.9 * truth < float(found.single[0]) < truth
    assert float(found.phase_error[0]) > float(found.error_rate[0])


def test_larger_blocks_give_more_key_and_approach_the_limit() -> None:
    rates = [float((f.length / p)[0]) for f, p in (length(20.0, b) for b in (1e5, 1e6, 1e7, 1e9, 1e12))]
    assert rates == sorted(rates)
    counts, pulses = expected_counts(np.array([0.01]), SETTINGS, receiver(), 1e7)
    limit = key_length(counts, SETTINGS, secrecy=1e-9, correctness=1e-15, bounds="none")
    assert rates[-1] == pytest.approx(float((limit.length / pulses)[0]), rel=0.01)


def test_beyond_its_reach_a_link_is_that_far_from_a_key() -> None:
    near, far = length(45.0)[0], length(70.0)[0]
    assert float(near.length[0]) < 0
    assert float(far.length[0]) < 0
    assert float(far.phase_error[0]) == 0.5


@given(st.floats(0.0, 1.0))
def test_entropy_is_symmetric_and_bounded(p: float) -> None:
    one, other = (float(binary_entropy(np.array([v]))[0]) for v in (p, 1.0 - p))
    assert 0.0 <= one <= 1.0
    assert one == pytest.approx(other, abs=1e-9)


@settings(max_examples=5)
@given(st.floats(0.0, 30.0))
def test_the_best_settings_beat_neighbours(loss: float) -> None:
    through = 10 ** (-loss / 10)
    best = best_protocol(through, receiver(), 1e6)
    top = length(loss, 1e6, best)
    for factor in (0.93, 1.07):
        for changed in (
            replace(best, intensities=best.intensities * np.array([factor, 1, 1])),
            replace(best, intensities=best.intensities * np.array([1, factor, 1])),
            replace(best, key_basis_probability=min(best.key_basis_probability * factor, 0.999)),
        ):
            other = length(loss, 1e6, changed)
            assert float((other[0].length / other[1])[0]) <= float((top[0].length / top[1])[0]) * (1 + 1e-6)


def outcome(links: list[dict[str, Any]], **fixed: float) -> dict[str, np.ndarray]:
    alone = Alone(SYSTEM, design={"links": links})
    members = alone.draw(100)
    for name, value in fixed.items():
        members[name] = np.full(100, value)
    outputs, failures = alone.evaluate(members)
    assert failures == {}
    return outputs


def test_longer_links_give_less_and_impossible_ones_nothing() -> None:
    out = outcome([{"id": f"l{km}", "name": "L", "length": f"{km} km"} for km in (1, 40, 90, 400)])
    rate = out["key_rate_bit_per_s"]
    assert (np.diff(rate, axis=1) <= 0).all()
    assert (rate[:, 0] > 0).all()
    assert (rate[:, 3] == 0).all()
    assert (rate <= out["bound_bit_per_s"]).all()
    np.testing.assert_allclose(out["key_per_year_gbit"], rate * 0.0315576)


def test_a_chain_has_the_rate_of_its_span() -> None:
    out = outcome([
        {"id": "one", "name": "One", "length": "75 km"},
        {"id": "chain", "name": "Chain", "length": "750 km", "span": "75 km"},
    ])  # fmt: skip
    np.testing.assert_allclose(out["key_rate_bit_per_s"][:, 0], out["key_rate_bit_per_s"][:, 1])
    assert out["trusted_nodes"][0].tolist() == [0.0, 9.0]


def test_dead_time_takes_its_share() -> None:
    link = [{"id": "a", "name": "A", "length": "5 km"}]
    fast, slow = (outcome(link, dead_time_us=t)["key_rate_bit_per_s"] for t in (0.0, 10.0))
    assert (slow < 0.2 * fast).all()


@pytest.mark.parametrize(
    ("km", "span", "spans"), [(80, None, 1), (80, 80, 1), (81, 80, 2), (5474, 80, 69), (5474, 100, 55)]
)
def test_spans(km: float, span: float | None, spans: int) -> None:
    link = {"id": "a", "name": "A", "length": f"{km} km", **({"span": f"{span} km"} if span else {})}
    assert Link.model_validate(link).spans == spans


def test_links_need_their_own_ids() -> None:
    link = {"id": "a", "name": "A", "length": "5 km"}
    with pytest.raises(ValidationError, match="two links"):
        Design.model_validate({"links": [link, link]})
