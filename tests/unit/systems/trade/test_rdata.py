"""Tables saved by R: written here byte by byte, read back, and refused when damaged."""

from __future__ import annotations

import bz2
import gzip
import struct

import numpy as np
import pytest

from accord.errors import FileError
from accord.systems.trade.rdata import read_rda


def i4(*values):
    return struct.pack(f">{len(values)}i", *values)


def word(text):
    return i4(9) + (i4(-1) if text is None else i4(len(text.encode())) + text.encode())


def symbol(text):
    return i4(1) + word(text)


def words(*texts):
    return i4(16, len(texts)) + b"".join(word(t) for t in texts)


def numbers(*values):
    return i4(14, len(values)) + struct.pack(f">{len(values)}d", *values)


def table():
    factor = (
        i4(13 | 512, 3, 1, 2, -(2**31)) + i4(2 | 1024) + symbol("levels") + words("low", "high") + i4(254)
    )
    columns = (
        words("north", "south", None) + numbers(1.5, float("nan"), 3) + i4(13, 3, 4, -(2**31), 6) + factor
    )
    names = i4(2 | 1024) + symbol("names") + words("place", "flow", "count", "grade") + i4(254)
    return i4(19 | 512, 4) + columns + names


def saved(body, head=b"RDX2\nX\n"):
    versions = i4(2, 0x040002, 0x020300) if head[3:4] == b"2" else i4(3, 0x040002, 0x030500, 5) + b"UTF-8"
    return head + versions + i4(2 | 1024) + symbol("trade") + body + i4(254)


@pytest.mark.parametrize("pack", [bytes, bz2.compress, gzip.compress])
@pytest.mark.parametrize("head", [b"RDX2\nX\n", b"RDX3\nX\n"])
def test_numbers_text_and_factors_come_back(tmp_path, pack, head):
    path = tmp_path / "t.rda"
    path.write_bytes(pack(saved(table(), head)))
    found = read_rda(path)["trade"]
    assert found["place"].tolist() == ["north", "south", ""]
    assert found["grade"].tolist() == ["low", "high", ""]
    np.testing.assert_array_equal(found["flow"], [1.5, np.nan, 3])
    np.testing.assert_array_equal(found["count"], [4, np.nan, 6])


def test_a_damaged_file_is_one_clear_line(tmp_path):
    path = tmp_path / "t.rda"
    whole = saved(table())
    for content, expected in (
        (b"hello", "expected tables saved by R"),
        (whole[:-60], "damaged or cut short"),
        (bz2.compress(whole)[:40], "damaged or cut short"),
        (saved(i4(3)), "type 3 is not part of a table"),
    ):
        path.write_bytes(content)
        with pytest.raises(FileError, match=expected) as caught:
            read_rda(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(FileError, match="cannot be read"):
        read_rda(tmp_path / "absent.rda")
