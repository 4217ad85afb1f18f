"""Tables beside a programme: what is wrong is told with file and line, and already when the file is checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from accord.errors import FileError
from accord.systems.trade.inputs import Design
from accord.systems.trade.tables import read_flows, read_industries

HEAD = "exporter,importer,flow_gusd2025_per_yr"
GOOD = f"# a remark\n{HEAD}\na,a,9\na,b,1\nb,a,2\nb,b,8\n"
INDUSTRIES = "industry,a.x,b.y,output\na.x,1,2,10\nb.y,3,0,8\n"


def write(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_flows_are_read_by_name(tmp_path):
    table = read_flows(write(tmp_path, GOOD))
    assert table.regions == ("a", "b")
    assert table.flow.tolist() == [[9, 1], [2, 8]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("gusd2025", "gusd"), r"t.csv:2: expected the head .*year of its prices"),
        (GOOD.replace(HEAD, "from,to,value"), r"t.csv:2: expected the head"),
        (GOOD.replace("a,b,1", "a,b,one"), r"t.csv:4: expected a plain number, got 'one'"),
        (GOOD.replace("a,b,1", "a,b,-1"), r"t.csv:4: expected a finite number"),
        (GOOD.replace("a,b,1", "a,b,inf"), r"t.csv:4: expected a finite number"),
        (GOOD.replace("a,b,1", "a,b"), r"t.csv:4: expected exporter, importer and a number"),
        (GOOD.replace("a,b,1", "a,a,1"), r"t.csv:4: a to a is given twice"),
        (GOOD.replace("a,b,1\n", ""), r"no flow from a to b: write 0"),
        (GOOD.replace("b,a,2", "b,a,0").replace("b,b,8", "b,b,0"), r"b sells nothing"),
        (HEAD, r"expected a head and at least one row"),
        (f"{HEAD}\na,a,1\n", r"expected 2 to 100 regions"),
    ],
)
def test_a_bad_table_of_flows_is_told_at_its_line(tmp_path, text, words):
    with pytest.raises(FileError, match=words) as caught:
        read_flows(write(tmp_path, text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (INDUSTRIES.replace("output", "total", 1), r"t.csv:1: expected the head industry"),
        (INDUSTRIES.replace("a.x", "ax"), r"'ax': expected region.sector"),
        (INDUSTRIES.replace("b.y,3", "b.z,3"), r"one row for each industry"),
        (INDUSTRIES.replace("3,0,8", "3,0"), r"t.csv:3: expected 4 cells, got 3"),
        (INDUSTRIES.replace("1,2,10", "1,two,10"), r"t.csv:2: expected a plain number"),
        (INDUSTRIES.replace("1,2,10", "9,2,10"), r"a.x buys 12 to make 10: value added would be negative"),
        (INDUSTRIES.replace("b.y", "a.x"), r"each once"),
    ],
)
def test_a_bad_table_of_industries_is_told(tmp_path, text, words):
    with pytest.raises(FileError, match=words) as caught:
        read_industries(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_an_absent_file_and_one_that_is_no_text(tmp_path):
    with pytest.raises(FileError, match="cannot be read"):
        read_flows(tmp_path / "absent.csv")
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="UTF-8"):
        read_flows(path)


def design(folder: Path, **keys) -> Design:
    return Design.model_validate(keys, context={"folder": folder})


def test_a_design_reads_its_tables_when_the_programme_is_checked(tmp_path):
    write(tmp_path, GOOD, "f.csv")
    write(tmp_path, INDUSTRIES, "p.csv")
    found = design(
        tmp_path, flows="f.csv", between=["a", "b"], production={"file": "p.csv", "goods": {"a.x": 1}}
    )
    assert found.regions == ("a", "b")
    assert found.production is not None
    assert found.production.origins == ("a", "b")
    cases = [
        ({"flows": "f.csv", "between": ["a", "bb"]}, "no region 'bb': did you mean 'b'"),
        ({"flows": "g.csv", "between": ["a", "b"]}, "g.csv: cannot be read"),
        (
            {"flows": "f.csv", "between": ["a", "b"], "regions": ["b", "a"]},
            "regions are b, a and f.csv holds a, b",
        ),
        ({"production": {"file": "p.csv", "goods": {"a.z": 1}}}, "no industry 'a.z': did you mean 'a.x'"),
    ]
    for keys, words in cases:
        with pytest.raises(ValidationError, match=words):
            design(tmp_path, **keys)
