"""What became of each claim between two versions of an announcement."""

from __future__ import annotations

from typing import Any

from accord.evidence.revision import revisions
from accord.programme.schema import Claim


def claim(name: str, text: str = "The ferry sails in 2028", **more: Any) -> Claim:
    head = {"id": name, "source": "s", "lines": [1], "class": "commitment", "modality": "will", "text": text}
    return Claim.model_validate({**head, "test": {"event": "ferry", "by": "2028-12-31"}, **more})


def test_nothing_changed_is_no_kind() -> None:
    (found,) = revisions([claim("A")], [claim("A")])
    assert (found.kinds, found.changes) == ((), ())


def test_each_kind_of_change_is_told_with_what_it_was() -> None:
    after = claim(
        "A", "The ferry sails by 2030", modality="planned", test={"event": "ferry", "by": "2030-12-31"},
        **{"class": "forecast"},
    )  # fmt: skip
    (found,) = revisions([claim("A")], [after])
    assert found.kinds == ("reworded", "softer", "reclassified", "threshold moved")
    assert "finished by 2028-12-31 is now ferry finished by 2030-12-31" in found.changes[-1]
    (back,) = revisions([after], [claim("A")])
    assert "firmer" in back.kinds


def test_added_dropped_and_renamed() -> None:
    before = [claim("A"), claim("B", "A dam is built upstream"), claim("C", "Trade grows by a tenth")]
    after = [claim("A"), claim("X", "Trade grows by a fifth"), claim("N", "Ten scholarships are given")]
    found = {r.second or r.first: r for r in revisions(before, after)}
    assert found["A"].kinds == ()
    assert found["X"].first == "C"
    assert found["X"].kinds[:2] == ("renamed", "reworded")
    assert found["N"].kinds == ("added",)
    assert found["B"].kinds == ("dropped",)


def test_a_test_comes_and_goes() -> None:
    without = claim("A", test=None, untestable="no date")
    assert revisions([without], [claim("A")])[0].kinds == ("test added",)
    assert revisions([claim("A")], [without])[0].kinds == ("test dropped",)
