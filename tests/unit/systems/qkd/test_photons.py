"""Photons one by one: their means are the model's, their chain is a detector's, their spread is that of counting."""

from __future__ import annotations

import numpy as np
import pytest

from accord.errors import ModelError
from accord.systems.qkd.finite_key import Protocol
from accord.systems.qkd.ledger import Terms, secret_key
from accord.systems.qkd.link import Receiver, detection, error
from accord.systems.qkd.photons import Stretch, detect_photons, record_photons
from accord.systems.qkd.satellite.passing import circular_pass, pass_of

PROTOCOL = Protocol(
    key_basis_probability=0.7,
    intensities=np.array([0.6, 0.2, 1e-3]),
    probabilities=np.array([0.6, 0.3, 0.1]),
)


def stretch(through: float = 1e-3, pulses: int = 10**9, steps: int = 5, **more: float) -> Stretch:
    values = {"noise": 1e-6, "misalignment": 0.01, **more}
    return Stretch(
        through=np.full(steps, through),
        noise=np.full(steps, values.pop("noise")),
        pulses=np.full(steps, pulses // steps, dtype=np.int64),
        **values,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("through", [0.5, 1e-2, 1e-4])
def test_counts_are_the_models_within_their_spread(through: float) -> None:
    pulses = int(2e6 / through)
    counts, found = detect_photons(stretch(through, pulses), PROTOCOL, 3)
    receiver = Receiver(
        efficiency=np.array(1.0),
        dark_probability=np.array(1e-6),
        afterpulse_probability=np.array(0.0),
        misalignment=np.array(0.01),
    )
    sent = pulses * PROTOCOL.probabilities
    clicks = sent * detection(np.array(through), PROTOCOL.intensities, receiver)
    wrong = sent * error(np.array(through), PROTOCOL.intensities, receiver)
    # a wrong click of the formula may be right: noise behind a photon is seen once
    pairs = ((counts.key, 0.49 * clicks), (counts.test, 0.09 * clicks), (counts.key_errors, 0.49 * wrong))
    for seen, expected in pairs:
        assert np.all(np.abs(seen - expected) < 4.5 * np.sqrt(expected) + 1e-5 * expected)
    assert found == pytest.approx(clicks.sum(), abs=4.5 * np.sqrt(clicks.sum()))


def test_the_spread_is_that_of_counting() -> None:
    sums = [float(detect_photons(stretch(1e-3, 10**7), PROTOCOL, seed)[0].key.sum()) for seed in range(300)]
    assert np.var(sums) / np.mean(sums) == pytest.approx(1.0, abs=0.3)


def test_the_same_seed_gives_the_same_photons_and_another_others() -> None:
    one, two, other = (detect_photons(stretch(), PROTOCOL, seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.key, two.key)
    assert (one.key != other.key).any()


def test_what_both_ends_wrote_down_gives_the_same_counts() -> None:
    part = stretch(1e-2, 10**7, afterpulse=0.03, dead_pulses=20)
    counts, found = detect_photons(part, PROTOCOL, 7)
    sender, seen = record_photons(part, PROTOCOL, 7)
    basis, bit, intensity = sender.settings(seen.pulse)
    assert len(seen.pulse) == found
    assert sender.pulses == seen.pulses == 10**7
    for number, (good, bad) in enumerate(
        ((counts.key, counts.key_errors), (counts.test, counts.test_errors))
    ):
        same = (basis == number) & (seen.basis == number)
        np.testing.assert_array_equal(np.bincount(intensity[same], minlength=3), good)
        np.testing.assert_array_equal(np.bincount(intensity[same & (bit != seen.bit)], minlength=3), bad)


def test_a_blind_detector_sees_nothing_until_its_time_is_over() -> None:
    _, seen = record_photons(stretch(0.3, 10**6, dead_pulses=50), PROTOCOL, 1)
    for value in (0, 1):
        assert np.diff(seen.pulse[seen.bit == value].astype(np.int64)).min() > 50
    live = len(seen.pulse) / detect_photons(stretch(0.3, 10**6), PROTOCOL, 1)[1]
    rate = detect_photons(stretch(0.3, 10**6), PROTOCOL, 1)[1] / 1e6
    assert live == pytest.approx(1.0 / (1.0 + 0.5 * rate * 50), rel=0.03)


def test_afterpulses_come_in_their_share_and_half_are_wrong() -> None:
    plain, more = (stretch(1e-3, 10**9, afterpulse=a, dead_pulses=5, noise=0.0) for a in (0.0, 0.05))
    (none, first), (some, second) = (detect_photons(s, PROTOCOL, 5) for s in (plain, more))
    assert second / first == pytest.approx(1.0 / 0.95, rel=0.005)  # each may have another
    added = some.key_errors.sum() - none.key_errors.sum()
    assert added / (some.key.sum() - none.key.sum()) == pytest.approx(0.5, abs=0.05)
    # they fall on whatever pulse is due, the emptiest included
    assert some.key[2] - none.key[2] == pytest.approx(0.49 * (second - first) * 0.1, rel=0.1)


def test_without_light_or_noise_nothing_is_seen() -> None:
    counts, found = detect_photons(stretch(0.0, 10**9, noise=0.0), PROTOCOL, 1)
    assert found == 0
    assert counts.key.sum() == 0.0
    _, seen = record_photons(stretch(0.0, 10**9, noise=0.0), PROTOCOL, 1)
    assert len(seen.pulse) == 0


def test_photons_of_a_pass_go_into_the_same_key_length() -> None:
    part, protocol = pass_of(
        seconds=120.0, altitude_km=500.0, top_elevation_deg=70.0, pulse_rate_mhz=20.0, aperture_m=1.0, seed=4
    )
    terms = Terms(proof="hoeffding", protocol=protocol)
    keys = [secret_key(detect_photons(part, protocol, seed)[0], terms)[0] for seed in range(10)]
    assert min(keys) > 0
    assert np.std(keys) / np.mean(keys) < 0.05  # the spread of counting, with one and the same fading
    assert (
        np.abs(np.diff(part.through)).mean() / part.through.mean() > 0.05
    )  # each step trembles and twinkles


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"through": 20.0}, "dB"),
        ({"noise": 0.7}, "below one half"),
        ({"misalignment": 1.0}, "misalignment"),
        ({"dead_pulses": -1}, "dead time"),
    ],
)
def test_stretches_that_cannot_be_are_told(change: dict[str, float], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        stretch(**change)


def test_a_pass_below_the_horizon_is_told() -> None:
    with pytest.raises(ModelError, match="shorten it"):
        pass_of(seconds=900, altitude_km=500, top_elevation_deg=80, pulse_rate_mhz=1, aperture_m=1, seed=1)
    with pytest.raises(ModelError, match="0 to 90"):
        circular_pass(500.0, 120.0, np.zeros(1))
    distance, elevation = circular_pass(500.0, 90.0, np.array([0.0, 100.0]))
    assert distance[0] == pytest.approx(500.0)
    assert elevation[0] == pytest.approx(90.0, abs=1e-4)
