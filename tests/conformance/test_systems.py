"""One conformance suite over every system, the template included."""

from functools import cache
from importlib import import_module

import pytest

from accord import systems
from accord.contract.checks import CHECKS, Subject

KINDS = ("_template", *systems.names())


@cache
def subject(kind: str) -> Subject:
    return Subject.of(import_module(f"accord.systems.{kind}").SYSTEM)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_system_conforms(kind: str, check) -> None:
    assert list(check(subject(kind))) == []


def test_the_suite_is_complete() -> None:
    assert len(CHECKS) >= 25
