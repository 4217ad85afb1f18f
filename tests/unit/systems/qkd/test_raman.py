"""Light of data channels in the fibre: what scatters into the quantum channel, and what it costs."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.integrate import quad

from accord.cli.link import command
from accord.contract.alone import Alone
from accord.errors import AccordError
from accord.systems.qkd.inputs import Design
from accord.systems.qkd.model import SYSTEM
from accord.systems.qkd.raman import (
    Classical,
    noise_in_gate,
    photons_in_mode,
    raman_km,
    raman_photons_hz,
)
from accord.tools.link.budget import link_budget


def classical(**more: Any) -> Classical:
    return Classical.model_validate({"along": 1, "launch_power": "0 dBm", **more})


@given(st.floats(0.01, 300.0), st.floats(0.13, 1.0), st.booleans())
def test_the_length_seen_is_the_integral_over_the_fibre(length: float, db: float, against: bool) -> None:
    loss = db / 10.0 * math.log(10.0)

    def at(
        z: float,
    ) -> float:  # light launched at one end, scattered at z, carried on to the receiver at `length`
        reached = math.exp(-loss * (length - z if against else z))
        return reached * math.exp(-loss * (length - z))

    truth = quad(at, 0.0, length, limit=200)[0]
    found = float(raman_km(length, db, against=against))
    assert found == pytest.approx(truth, rel=1e-9)


@given(st.floats(1.0, 200.0), st.floats(0.15, 0.4))
def test_it_is_the_form_stated_at_the_far_end(length: float, db: float) -> None:
    """Eraerds et al. (2010): ``P_out L`` and ``P_out sinh(a L)/a`` of the power that comes out."""
    loss = db / 10.0 * math.log(10.0)
    out = math.exp(-loss * length)
    assert float(raman_km(length, db, against=False)) == pytest.approx(out * length, rel=1e-12)
    # against the signal, what comes out does so at the sender; the formula takes that power
    assert float(raman_km(length, db, against=True)) == pytest.approx(
        out * math.sinh(loss * length) / loss, rel=1e-9
    )


def test_light_against_the_signal_has_a_limit_and_along_it_a_maximum() -> None:
    lengths = np.linspace(1.0, 400.0, 400)
    along, against = (raman_km(lengths, 0.2, against=way) for way in (False, True))
    assert lengths[along.argmax()] == pytest.approx(10.0 / (0.2 * math.log(10.0)), abs=1.0)
    assert np.all(np.diff(against) >= 0.0)
    assert against[-1] == pytest.approx(10.0 / (0.4 * math.log(10.0)), rel=1e-6)
    assert float(raman_km(0.0, 0.2, against=True)) == 0.0


def test_the_filter_holds_as_many_modes_as_it_is_wide() -> None:
    one = classical(filter="0.3 nm", wavelength="1540 nm")
    along, against = raman_photons_hz(one, 30.0, 0.22, 3e-9)
    wide_hz = 299792458.0 * 0.3e-9 / 1540e-9**2
    single = photons_in_mode(1.0, 30.0, 0.22, 3e-9, 1540.0, against=False)
    assert float(along) == pytest.approx(2.0 * single * wide_hz, rel=1e-12)
    assert float(against) == 0.0


def test_channels_and_power_add_up() -> None:
    one = raman_photons_hz(classical(), 30.0, 0.22, 3e-9)[0]
    many = raman_photons_hz(classical(along=5, against=3, launch_power="-3 dBm"), 30.0, 0.22, 3e-9)
    half = 10.0**-0.3
    assert float(many[0]) == pytest.approx(5.0 * half * float(one))
    assert float(many[1]) / 3.0 == pytest.approx(
        float(many[0]) / 5.0 * float(raman_km(30.0, 0.22, against=True) / raman_km(30.0, 0.22, against=False))
    )


@given(st.floats(0.0, 0.01), st.floats(0.0, 1e12), st.floats(0.01, 1.0))
def test_noise_in_a_gate_lies_between_its_causes(dark: float, photons: float, efficiency: float) -> None:
    found = float(noise_in_gate(np.array(dark), np.array(photons), 1.0, np.array(efficiency)))
    mean = 0.5 * photons * 1e-9 * efficiency
    assert dark <= found <= min(dark + mean, 0.5) + 1e-15
    assert float(noise_in_gate(np.array(dark), np.array(0.0), 1.0, np.array(efficiency))) == dark


def design(**lit: Any) -> dict[str, Any]:
    dark = {"id": "dark", "name": "Dark", "length": "40 km"}
    return {
        "links": [dark, {**dark, "id": "lit", "classical": {"along": 2, "launch_power": "-15 dBm", **lit}}]
    }


def test_data_beside_costs_key_and_shows_in_the_noise() -> None:
    alone = Alone(SYSTEM, design=design())
    out, failures = alone.evaluate(alone.draw(200))
    assert failures == {}
    key, share, noise = (out[name] for name in ("key_rate_bit_per_s", "raman_share", "noise_per_gate"))
    assert np.all(share[:, 0] == 0.0)
    assert np.all((share[:, 1] > 0.3) & (share[:, 1] <= 1.0))
    assert np.all(noise[:, 1] > noise[:, 0])
    assert np.all(out["error_rate"][:, 1] > out["error_rate"][:, 0])
    assert 0.05 < np.median(key[:, 1]) / np.median(key[:, 0]) < 0.95
    louder = Alone(SYSTEM, design=design(launch_power="0 dBm", along=40))
    out, _ = louder.evaluate(louder.draw(50))
    assert np.median(out["key_rate_bit_per_s"][:, 1]) == 0.0


def test_a_narrow_filter_and_a_short_gate_help() -> None:
    rates = []
    for lit in ({}, {"filter": "45 pm"}, {"filter": "45 pm", "gate": "0.2 ns"}):
        alone = Alone(SYSTEM, design=design(launch_power="-5 dBm", **lit))
        out, _ = alone.evaluate(alone.draw(50))
        rates.append(float(np.median(out["key_rate_bit_per_s"][:, 1])))
    assert rates == sorted(rates)
    assert rates[2] > rates[0]


def test_each_span_has_its_own_launch() -> None:
    links = [
        {"id": f"l{n}", "name": "L", "length": f"{40 * n} km", "span": "40 km",
         "classical": {"along": 1, "launch_power": "-10 dBm"}} for n in (1, 5)
    ]  # fmt: skip
    alone = Alone(SYSTEM, design={"links": links})
    out, _ = alone.evaluate(alone.draw(20))
    np.testing.assert_allclose(out["noise_per_gate"][:, 0], out["noise_per_gate"][:, 1], rtol=1e-12)


@pytest.mark.parametrize(
    ("lit", "words"),
    [
        ({"along": 0}, "neither channels along nor against"),
        ({"launch_power": "3 km"}, "power"),
        ({"launch_power": "40 dBm"}, "range"),
        ({"gate": "5 ns"}, "longer than the time between pulses"),
        ({"along": -1}, "greater than or equal"),
        ({"colour": 1}, "classical"),
    ],
)
def test_channels_that_cannot_be_are_told(lit: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Design.model_validate(design(**lit))


def test_the_budget_of_a_fibre_names_its_noise() -> None:
    quiet = link_budget({"length": "40 km"})
    lit = link_budget({"length": "40 km", "classical": {"along": 2, "against": 1, "launch_power": "-15 dBm"}})
    assert list(quiet["noise_per_gate"]) == ["dark counts", "total"]
    parts = dict(lit["noise_per_gate"])
    total = parts.pop("total")
    assert total == pytest.approx(sum(parts.values()), rel=1e-3)
    assert quiet["key_bit_per_s"] > lit["key_bit_per_s"] > 0.0
    assert lit["ledger"]["sifted_bit"] - sum(lit["ledger"]["spent"].values()) == pytest.approx(
        lit["ledger"]["length_bit"]
    )
    own = link_budget({"length": "40 km"}, {"attenuation_db_per_km": 0.2}, block=1e6)
    assert own["loss_db"] == pytest.approx(8.0)
    for stated, devices, words in (
        ({"length": "40 kg"}, {}, "length"),
        ({"length": "40 km"}, {"colour": 1.0}, "colour is no input of a fibre"),
        ({"length": "40 km"}, {"misalignment": 3.0}, "misalignment 3: expected from 0 to 0.2"),
    ):
        with pytest.raises(AccordError, match=words):
            link_budget(stated, devices)


def test_the_command_prints_the_budget() -> None:
    done = CliRunner().invoke(command, ["budget", "40 km", "--along", "40", "--launch", "0 dBm"])
    body = json.loads(done.output)
    assert body["schema"] == "accord/link-budget/1"
    assert body["key_bit_per_s"] == 0.0
    assert "noise that outweighs the signal" in body["ledger"]["reason"]
