"""Runs small schedules by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from accord.contract.alone import HORIZON, Alone
from accord.systems.delivery.model import SYSTEM


class Bench:
    """Validates designs in file syntax, draws their members and evaluates them."""

    horizon = HORIZON

    def design(self, **fields):
        return SYSTEM.Design.model_validate(fields)

    def members(self, n=64, over=None, **fields):
        members = Alone(SYSTEM, design=fields).draw(n)
        for name, value in (over or {}).items():
            assert name in members, f"{name} is not a column: {sorted(members)}"
            members[name] = np.broadcast_to(np.asarray(value, dtype=float), n).copy()
        return members

    def run(self, n=64, over=None, **fields):
        """Return the outputs of `n` members; `over` replaces drawn columns."""
        outputs, failures = Alone(SYSTEM, design=fields).evaluate(self.members(n, over, **fields))
        assert not failures
        return outputs

    def result(self, n=64, **fields):
        return Alone(SYSTEM, design=fields).result(n)


@pytest.fixture(scope="session")
def bench():
    return Bench()
