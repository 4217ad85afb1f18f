"""Every published case comes out within its tolerance."""

from accord import systems


def test_published_cases() -> None:
    outcomes = systems.validate("constellation")
    assert [o for o in outcomes if o.state == "failed"] == []
    wanted = {"O1", "O2", "O3", "O4", "O6", "C1", "C3", "C4", "C6"}
    assert wanted <= {o.id for o in outcomes if o.state == "passed"}
