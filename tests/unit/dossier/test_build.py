"""The page: complete, self-contained, inert, the same bytes each time."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from accord.contract import Figure
from accord.dossier import theory as theory_module
from accord.dossier.build import build
from accord.dossier.charts import svg_of
from accord.dossier.sketches import COLOURS
from accord.dossier.tables import safe
from accord.engine.records import Run
from accord.errors import FileError
from accord.evidence.ledger import VERDICTS, Ledger

VOID = {"meta", "link", "br", "hr", "img", "input", "path", "rect", "circle", "line"}


class Reader(HTMLParser):
    """Collects tags, addresses, ids and text, and notices tags that are never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for key, value in attrs:
            assert not key.startswith("on"), f"{tag} has {key}"
            if key in {"src", "href", "xlink:href"}:
                self.addresses.append(value or "")
            if key == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader


def test_the_page_is_whole_inert_and_asks_for_nothing(
    made_run: Run, made_ledger: Ledger, tmp_path: Path
) -> None:
    page = read(build(made_run, made_ledger, tmp_path))
    assert "script" not in page.tags
    assert all(a.startswith(("#", "data:")) for a in page.addresses), page.addresses
    assert len(page.ids) == len(set(page.ids))
    links = {a[1:] for a in page.addresses if a.startswith("#")}
    assert links <= set(page.ids), links - set(page.ids)
    text = " ".join(page.text)
    assert "<script>alert(1)</script>" in text  # shown, not obeyed
    for row in made_ledger.rows:
        assert f"claim-{row.id}" in page.ids
    for words in ("Verdict sheet", "What was announced", "Facts checked", "Coherence", "What would have to be true",
                  "Sources", "Limits", "Reproducibility", "no model yet", "modality drift"):  # fmt: skip
        assert words in text, words


def test_style_prints_on_a4_and_loads_nothing(made_run: Run, made_ledger: Ledger, tmp_path: Path) -> None:
    source = build(made_run, made_ledger, tmp_path).read_text(encoding="utf-8")
    style = source[source.index("<style>") : source.index("</style>")]
    assert "@page{size:A4" in style
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in source


def test_two_builds_have_the_same_bytes(made_run: Run, made_ledger: Ledger, tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(made_run, made_ledger, tmp_path / name)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert Path("dossier.html") in files
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    assert not list(tmp_path.rglob("*.part"))


def test_tables_say_what_the_ledger_says(made_run: Run, made_ledger: Ledger, tmp_path: Path) -> None:
    build(made_run, made_ledger, tmp_path)
    with (tmp_path / "tables" / "ledger.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    body = json.loads((tmp_path / "tables" / "ledger.json").read_text(encoding="utf-8"))
    assert [r["id"] for r in rows] == [r["id"] for r in body["rows"]] == [r.id for r in made_ledger.rows]
    assert [r["verdict"] for r in rows] == list(VERDICTS)
    assert rows[1]["p50"] == "5.0"
    assert body["rows"][0]["text"] == made_ledger.rows[0].text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "\uff1d1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe(text) == "'" + text
    assert safe("plain") == "plain"
    assert safe(-1.5) == -1.5
    assert safe(None) == ""


def test_a_broken_figure_costs_one_figure(
    made_run: Run, made_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = made_run.plan.nodes["town"]
    good = Figure(id="good", title="Good", alt="A bar.", spec={
        "data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}},
    })  # fmt: skip
    bad = Figure(
        id="bad", title="Bad", alt="", spec={"data": {"url": "https://example.org/x.csv"}, "mark": "bar"}
    )
    system = replace(node.system, figures=lambda result: [good, bad])  # type: ignore[type-var]
    monkeypatch.setitem(made_run.plan.nodes, "town", replace(node, system=system))  # type: ignore[arg-type]
    page = read(build(made_run, made_ledger, tmp_path))
    assert "could not be drawn" in " ".join(page.text)
    assert (tmp_path / "figures" / "town-good.svg").is_file()

    def broken(result: object) -> list[Figure]:
        raise ZeroDivisionError("no members")

    system = replace(node.system, figures=broken)  # type: ignore[type-var]
    monkeypatch.setitem(made_run.plan.nodes, "town", replace(node, system=system))  # type: ignore[arg-type]
    page = read(build(made_run, made_ledger, tmp_path / "again"))
    assert "ZeroDivisionError: no members" in " ".join(page.text)


def test_an_empty_ledger_is_a_page_too(made_run: Run, tmp_path: Path) -> None:
    page = read(build(made_run, Ledger(programme="made", title="Made", rows=()), tmp_path))
    assert "states no claims" in " ".join(page.text)


def test_a_folder_that_cannot_be_written(made_run: Run, made_ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        build(made_run, made_ledger, tmp_path / "file")
    (tmp_path / "taken" / "dossier.html").mkdir(parents=True)
    with pytest.raises(FileError, match="cannot be written"):
        build(made_run, made_ledger, tmp_path / "taken")


def test_figures_carry_ids_of_their_own() -> None:
    spec = {
        "data": {"values": [{"a": 1, "b": 2}]},
        "mark": {"type": "line", "clip": True},
        "encoding": {
            "x": {"field": "a", "type": "quantitative"},
            "y": {"field": "b", "type": "quantitative"},
        },
    }
    first, second = (svg_of(Figure(id="f", title="", alt="", spec=spec), name) for name in ("one", "two"))
    ids = [set(re.findall(r'\bid="([^"]+)', s)) for s in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert svg_of(Figure(id="f", title="", alt="", spec=spec), "one") == first


def test_badges_can_be_read() -> None:
    """WCAG 2.2, success criterion 1.4.3: at least 4.5 to 1 against white text."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert (1.05) / (luminance("#767676") + 0.05) == pytest.approx(4.542, abs=1e-3)
    assert set(COLOURS) == set(VERDICTS)
    for verdict, colour in COLOURS.items():
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5, verdict


def written_theory(text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    (tmp_path / "theories" / kind).mkdir(parents=True)
    (tmp_path / "theories" / kind / "theory.md").write_bytes(text)
    monkeypatch.setattr(theory_module, "files", lambda _: tmp_path / "theories")


def test_theory_is_shown_not_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# Title\n\n<script>x</script> [a](javascript:x) ![p](https://example.org/p.png)\n\n| a |\n|---|\n| 1 |\n"
    written_theory(text.encode(), tmp_path, monkeypatch, "evil")
    html = str(theory_module.theory("evil").text)
    assert "<script>" not in html
    assert 'href="javascript' not in html
    assert "<img" not in html
    assert "<h4>" in html
    assert "<table>" in html
    assert "has none" in theory_module.theory("absent").problem


def test_what_is_not_modelled_stands_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# A\n\none\n\n## Not modelled\n\ntwo\n\n### More\n\nthree\n\n## Sources\n\nfour\n"
    written_theory(text.encode(), tmp_path, monkeypatch, "made")
    found = theory_module.theory("made")
    assert all(word in found.not_modelled for word in ("two", "three"))
    assert not any(word in found.not_modelled for word in ("one", "four", "Not modelled"))
    assert all(word in found.text for word in ("one", "Sources", "four"))
    assert not any(word in found.text for word in ("two", "three", "Not modelled"))


def test_a_damaged_theory_costs_one_theory(
    made_run: Run, made_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_theory(b"\xff\xfe", tmp_path, monkeypatch, "_template")
    text = " ".join(read(build(made_run, made_ledger, tmp_path)).text)
    assert "The theory of this system could not be shown: UnicodeDecodeError" in text
    assert "Reproducibility" in text


def test_reviews_follow_the_vocabulary_of_fact_checkers(
    made_run: Run, made_ledger: Ledger, tmp_path: Path
) -> None:
    build(made_run, made_ledger, tmp_path)
    body = json.loads((tmp_path / "tables" / "claimreview.jsonld").read_text(encoding="utf-8"))
    assert body["@context"] == "https://schema.org"
    reviews = body["@graph"]
    assert [r["reviewRating"]["alternateName"] for r in reviews] == list(VERDICTS)
    for review in reviews:
        assert review["@type"] == "ClaimReview"
        assert {"claimReviewed", "itemReviewed", "reviewRating", "datePublished"} <= set(review)
    ratings = [r["reviewRating"].get("ratingValue") for r in reviews]
    assert ratings[0] == 5
    assert ratings[-1] is None
