"""Reference classes: the shipped table is consistent, and contradictory triples are refused."""

from __future__ import annotations

import numpy as np
import pytest

from accord.contract.alone import Alone
from accord.errors import FileError
from accord.systems.delivery import reference
from accord.systems.delivery.model import SYSTEM
from accord.systems.delivery.views import pooled

HEADER = "class,kind,mean_percent,tail_share_percent,tail_mean_percent,body_log_sd,cap,basis,source,note"
U = (np.arange(200_000) + 0.5) / 200_000


def parse(*rows):
    return reference.parse([HEADER, *rows], "classes.csv")


def test_the_published_triple_of_nuclear_storage_contradicts_itself():
    # mean 238 %, 48 % of projects above 50 %, their mean 427 %: the rest would have a mean of 63.5 %
    with pytest.raises(FileError, match=r"'nuclear_storage' \(cost\).*body with the mean 63.5%"):
        parse("nuclear_storage,cost,238,48,427,0.2,10,read,a book,")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,cost,120,55,40,0.2,10,read,s,", "cannot have the mean"),
        ("a,cost,120,100,204,0.2,10,read,s,", "tail share"),
        ("a,cost,-90,55,60,0.2,10,read,s,", "body with the mean"),
        ("a,cost,73,3,1700,0.2,10,read,s,", "tail index 1.09: at 1.1 or less a mean"),
        ("a,speed,10,,,0.2,10,read,s,", "kind must be"),
        ("a,cost,ten,,,0.2,10,read,s,", "expected numbers"),
        ("a,cost,10,,,0,10,read,s,", "body_log_sd"),
        ("a,cost,10,,,0.2,1.2,read,s,", "cap above"),
        ("a,cost,10,,,0.2,10,read,,", "source and basis"),
    ],
)
def test_a_bad_row_is_refused(row, words):
    with pytest.raises(FileError, match=words):
        parse(row)


def test_a_row_given_twice_is_refused():
    with pytest.raises(FileError, match="given twice"):
        parse("a,cost,10,,,0.2,10,read,s,", "a,cost,10,,,0.2,10,read,s,")


@pytest.mark.parametrize("key", sorted(reference.read()), ids="-".join)
def test_every_shipped_class_gives_back_its_statistics(key):
    record = reference.read()[key]
    r = record.ppf(U)
    assert (np.diff(r) >= 0).all()
    assert r.min() > 0.3
    assert r.max() <= record.cap
    body = r[: round(len(U) * (1 - record.tail_share))]
    assert np.mean(body) == pytest.approx(1 + record.body_mean, abs=2e-3)
    assert np.mean(r > 1.5) <= record.tail_share + 1e-5
    if record.tail_share:
        beyond = ((1 - U) / record.tail_share)[len(body) :]
        uncut = 1.5 * beyond ** (-1 / record.alpha)
        assert r[len(body) :] == pytest.approx(np.minimum(uncut, record.cap), rel=1e-9)


@pytest.mark.parametrize("key", sorted(reference.read()), ids="-".join)
def test_cdf_undoes_ppf(key):
    record = reference.read()[key]
    for u in (0.02, 0.3, 0.44, 0.9, 0.97):
        ratio = float(record.ppf(np.array([u]))[0])
        if ratio < record.cap and ratio != 1.5:
            assert record.cdf(ratio) == pytest.approx(u, abs=1e-6)
    assert record.cdf(record.cap) == 1.0


def test_a_tail_of_one_point_sits_at_one_and_a_half():
    solar = reference.read()["solar", "cost"]
    assert solar.alpha == np.inf
    assert solar.ppf(np.array([0.99]))[0] == 1.5


def test_a_class_without_a_published_tail_has_none():
    record = parse("a,cost,20.1,,,0.2,10,read,s,")["a", "cost"]
    assert record.ppf(U).max() <= 1.5
    assert np.mean(record.ppf(U)) == pytest.approx(1.201, abs=1e-3)


def test_the_country_is_a_second_layer_at_the_same_rank():
    table = reference.read()
    plant, country = table["nuclear_power", "cost"], table["public_infrastructure", "cost"]
    ratio = pooled([plant, country], U)
    assert ratio == pytest.approx(np.sqrt(plant.ppf(U) * country.ppf(U)))
    assert np.array_equal(pooled([plant], U), plant.ppf(U))
    one = {"id": "a", "name": "A", "duration": "60 month", "cost": {"fixed": "100 MUSD2025"}}
    both = {**one, "reference_class": "nuclear_power", "country_class": "public_infrastructure"}
    totals = []
    for activity in (
        one | {"reference_class": "nuclear_power"},
        both,
        one | {"country_class": "public_infrastructure"},
    ):
        alone = Alone(SYSTEM, design={"schedule": [activity]})
        totals.append(alone.evaluate(alone.draw(400))[0]["outside_total_cost_musd2025"])
    assert totals[1] == pytest.approx(np.sqrt(totals[0] * totals[2]))
