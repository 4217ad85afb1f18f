"""Base rates: what is shipped is usable, and bad rows are refused with the row's name."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest

from accord.contract import base_rates
from accord.errors import FileError

HEADER = "name,alpha,beta,title,source"


def test_the_shipped_rates_reproduce_the_published_frequencies():
    rates = base_rates.read()
    assert rates["process_deliverable"].mean == pytest.approx(0.714, abs=0.02)
    assert rates["hydrogen_on_time"].mean == pytest.approx(0.07, abs=1e-9)
    assert rates["infrastructure_on_schedule"].mean == pytest.approx(1 - 792 / 1838, abs=0.005)


def test_a_quantile_is_that_of_the_beta_distribution():
    from scipy.stats import beta

    rate = base_rates.read()["hydrogen_on_time"]
    assert rate.quantile(0.9) == pytest.approx(beta.ppf(0.9, 1.4, 18.6), rel=1e-9)


def test_reading_gives_a_fresh_mapping_each_time():
    base_rates.read().clear()
    assert base_rates.read()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["a,1,2,t,s", "a,1,2,t,s"], "given twice"),
        (["a,one,2,t,s"], "must be numbers"),
        (["a,1"], "must be numbers"),
        (["a,0,2,t,s"], "must be positive"),
        (["a,nan,2,t,s"], "must be positive"),
        (["a,1,inf,t,s"], "must be positive"),
        (["a,1,2,t,"], "must not be empty"),
    ],
)
def test_a_bad_row_is_refused_by_name(rows, words):
    with pytest.raises(FileError, match=words) as caught:
        base_rates.parse([HEADER, *rows], "rates.csv")
    assert "'a'" in str(caught.value)
    assert "rates.csv" in str(caught.value)


def test_the_table_is_the_one_its_source_line_describes():
    folder = files("accord.contract") / "data"
    digest = hashlib.sha256((folder / "base_rates.csv").read_bytes()).hexdigest()
    assert digest in (folder / "SOURCES.md").read_text(encoding="utf-8")
