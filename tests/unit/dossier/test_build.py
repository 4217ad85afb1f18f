"""The page: complete, self-contained, inert, the same bytes each time."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from accord.contract import Figure
from accord.dossier import chapters
from accord.dossier import theory as theory_module
from accord.dossier.build import build
from accord.dossier.charts import svg_of
from accord.dossier.sketches import COLOURS
from accord.dossier.tables import safe
from accord.engine.records import Run
from accord.errors import FileError
from accord.evidence.ledger import VERDICTS, Ledger
from accord.programme.copula import Copula

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


def test_a_run_read_back_gives_the_same_page(made_run: Run, made_ledger: Ledger, tmp_path: Path) -> None:
    manifest = {
        "accord": "0", "members": 64, "replicates": 8, "seed": 1, "python": "3", "programme": {"blake2b": "ab" * 16},
        "libraries": {"numpy": "2", "PyYAML": "6", "numba": "0"},
        "systems": {"town": {"kind": "_template", "version": 1, "code": "cd"},
                    "eyes": {"kind": "imaging", "version": None, "code": None}},
    }  # fmt: skip
    stored = json.loads(json.dumps(manifest, sort_keys=True))
    pages = [
        build(replace(made_run, manifest=m), made_ledger, tmp_path / name).read_bytes()
        for name, m in (("fresh", manifest), ("stored", stored))
    ]
    assert pages[0] == pages[1]
    text = " ".join(read(tmp_path / "fresh" / "dossier.html").text)
    for words in ("ab" * 16, "64, 8, 1", "numba"):
        assert words in text


def test_every_number_of_a_long_output_is_in_its_table(
    made_run: Run, made_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chapters, "_MOST_ROWS", 3)
    page = " ".join(read(build(made_run, made_ledger, tmp_path)).text)
    with (tmp_path / "tables" / "town-outputs.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["key"] == "level_share"]
    result = made_run.results["town"]
    assert [row["label"] for row in rows] == list(result.labels["day"])
    assert [float(row["p50"]) for row in rows] == pytest.approx(
        np.median(result.outputs["level_share"], axis=0)
    )
    assert "in tables/town-outputs.csv only: level_share" in page
    assert "level_share [" not in page


def test_every_table_of_the_page_lies_beside_it(made_run: Run, made_ledger: Ledger, tmp_path: Path) -> None:
    hostile = made_ledger.rows[0].text
    case = {"id": "O1", "title": hostile, "citation": hostile, "state": "failed", "quantity": "q", "expected": "1",
            "obtained": "2", "tolerance": "absolute 0", "note": hostile}  # fmt: skip
    page = build(
        made_run, made_ledger, tmp_path, validations={"_template": [case, {**case, "quantity": "r"}]}
    )
    names = {p.stem for p in (tmp_path / "tables").glob("*.csv")}
    assert names == {
        "ledger",
        "evidence",
        "routes",
        "drivers",
        "coherence",
        "flags",
        "inputs",
        "risks",
        "results",
        "systems",
        "influences",
        "scenarios",
        "convergence",
        "sources",
        "town-outputs",
        "town-validation",
    }
    for path in (tmp_path / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        assert len({len(row) for row in rows}) == 1, path  # RFC 4180: as many fields in every line
        assert len(rows) - 1 == len(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["rows"])
    assert read(page).tags.count("script") == 0
    assert page.read_text(encoding="utf-8").count("state-failed") == 3  # the style, and the two rows


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
    nan = replace(good, id="nan", spec={**good.spec, "data": {"values": [{"a": float("nan")}]}})
    system = replace(node.system, figures=lambda result: [good, bad, nan])  # type: ignore[type-var]
    monkeypatch.setitem(made_run.plan.nodes, "town", replace(node, system=system))  # type: ignore[arg-type]
    page = read(build(made_run, made_ledger, tmp_path))
    text = " ".join(page.text)
    assert "Figure 5.1" in text
    assert "Figure 5.2 could not be drawn: ValueError" in text
    assert "Figure 5.3 could not be drawn: ValueError: Out of range float" in text
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


def chart(label: str = "x", **more: object) -> Figure:
    return Figure(id="f", title="", alt="", spec={
        "data": {"values": [{"a": label, "b": 1, "link": more.pop("link", "")}]}, "mark": more.pop("mark", "bar"),
        "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}, **more},
    })  # fmt: skip


def test_texts_in_a_figure_are_inert(
    made_run: Run, made_ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = made_run.plan.nodes["town"]
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    figure = replace(chart(evil), title=evil, alt=evil, caption=evil)
    system = replace(node.system, figures=lambda result: [figure])  # type: ignore[type-var]
    monkeypatch.setitem(made_run.plan.nodes, "town", replace(node, system=system))  # type: ignore[arg-type]
    page = read(build(made_run, made_ledger, tmp_path))
    assert "could not be drawn" not in " ".join(page.text)
    assert not {"script", "img"} & set(page.tags)


@pytest.mark.parametrize("character", ["\0", "\x02", "\x1b", "\ufffe", "\ud800", "\x7f", "\u202e", "\n"])
def test_no_character_of_a_label_ends_the_process(character: str) -> None:
    """The drawing library aborts on characters that XML cannot hold; a programme file may name a place so."""
    drawn = svg_of(chart(f"one {character} two"), "one")
    assert "one" in drawn
    assert drawn.encode()


@pytest.mark.parametrize(
    "figure",
    [
        chart(link="javascript:alert(1)", href={"field": "link"}),
        chart(link="https://example.org/", href={"field": "link"}),
        chart(link="https://example.org/p.png", mark="image", url={"field": "link"}),
    ],
)
def test_a_figure_that_points_outside_is_refused_alone(figure: Figure) -> None:
    good = svg_of(chart(), "one")
    with pytest.raises(ValueError, match=r"refers to|href"):
        svg_of(figure, "one")
    assert svg_of(chart(), "one") == good  # the next one does not pay for it


def test_a_picture_held_in_the_specification_is_drawn() -> None:
    pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    assert pixel in svg_of(chart(link=pixel, mark="image", url={"field": "link"}), "one")


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


def test_what_decides_a_claim_and_what_scenarios_do_is_on_the_page(
    made_run: Run, made_ledger: Ledger, tmp_path: Path
) -> None:
    text = " ".join(" ".join(read(build(made_run, made_ledger, tmp_path)).text).split())
    assert "Shapley effects share out the variance" in text
    assert "60 % is left to other inputs" in text
    assert "Scenarios of the file" in text
    assert "+0.050 to +0.150" in text
    assert "leaves 0 tested claims where they are, within the sampling noise, and 1 not assessed" in text
    assert "How each probability settles" in text
    assert "could not be drawn" not in text
    assert (tmp_path / "figures" / "ensemble-convergence.svg").is_file()
    assert (tmp_path / "figures" / "ensemble-scenarios.vl.json").is_file()
    rows = json.loads((tmp_path / "tables" / "influences.json").read_text(encoding="utf-8"))["rows"]
    assert rows[0]["share"] == 0.41


def test_how_inputs_move_together_is_said(made_run: Run, made_ledger: Ledger, tmp_path: Path) -> None:
    first, second = list(made_run.plan.columns)[:2]
    pairs = [(first, second, 0.5)]
    told = {Copula(): "no tail dependence", Copula("t", 4.0): "so is the other with probability 0.2"}
    for copula, said in told.items():
        run = replace(made_run, plan=replace(made_run.plan, correlations=pairs, copula=copula))
        text = " ".join(read(build(run, made_ledger, tmp_path)).text)
        assert said in text
