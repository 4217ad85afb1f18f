"""Tables that a programme lays beside its file: flows between regions, and industries with what they buy.

Both are comma-separated text. Lines that start with ``#`` are remarks. The unit stands in the head of the column, so
that no amount comes without the year of its prices.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from accord.errors import AccordError, FileError
from accord.systems.trade.equilibrium import world_of
from accord.systems.trade.leontief import economy_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["FLOW_COLUMN", "Flows", "Industries", "read_flows", "read_industries"]

FLOW_COLUMN = "flow_gusd2025_per_yr"
_MOST_REGIONS, _MOST_INDUSTRIES = 100, 400


@dataclass(frozen=True, slots=True)
class Flows:
    """Yearly trade between regions, home sales on the diagonal.

    Attributes
    ----------
    regions : tuple of str
    flow : float array, shape (r, r) [GUSD2025/yr]
        From each region (row) to each (column).
    """

    regions: tuple[str, ...]
    flow: FloatArray


@dataclass(frozen=True, slots=True)
class Industries:
    """An input-output table.

    Attributes
    ----------
    names : tuple of str
        ``region.sector``.
    sales : float array, shape (k, k)
        What each industry (row) sells to each (column).
    output : float array, shape (k,)
    """

    names: tuple[str, ...]
    sales: FloatArray
    output: FloatArray

    @property
    def regions(self) -> tuple[str, ...]:
        """The region of each industry."""
        return tuple(name.partition(".")[0] for name in self.names)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines that hold something, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FileError(f"{path.name}: expected text in UTF-8") from None
    except OSError as error:
        raise FileError(f"{path.name}: cannot be read: {error.strerror}") from error
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and line[0] != "#"]
    if len(lines) < 2:
        raise FileError(f"{path.name}: expected a head and at least one row")
    return [(n, [cell.strip() for cell in next(csv.reader([line]))]) for n, line in lines]


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise FileError(f"{where}: expected a plain number, got {text!r}") from None
    if not (math.isfinite(value) and value >= 0.0):
        raise FileError(f"{where}: expected a finite number of at least zero, got {text}")
    return value


def read_flows(path: Path) -> Flows:
    """Read ``exporter,importer,flow_gusd2025_per_yr``, one row for every pair of regions, each with itself too.

    Raises
    ------
    FileError
        With file and line: a head without the year of the money, a pair that is missing or given twice, text in place
        of a number, a region that sells or buys nothing.
    """
    (line, head), *rows = _rows(path)
    if head != ["exporter", "importer", FLOW_COLUMN]:
        hint = ": money needs the year of its prices" if head[:2] == ["exporter", "importer"] else ""
        raise FileError(
            f"{path.name}:{line}: expected the head exporter,importer,{FLOW_COLUMN}, got {','.join(head)}{hint}"
        )
    found: dict[tuple[str, str], float] = {}
    for line, cells in rows:
        if len(cells) != 3 or not (cells[0] and cells[1]):
            raise FileError(
                f"{path.name}:{line}: expected exporter, importer and a number, got {','.join(cells)}"
            )
        pair = (cells[0], cells[1])
        if pair in found:
            raise FileError(f"{path.name}:{line}: {pair[0]} to {pair[1]} is given twice")
        found[pair] = _number(cells[2], f"{path.name}:{line}")
    regions = tuple(dict.fromkeys(name for pair in found for name in pair))
    if not 2 <= len(regions) <= _MOST_REGIONS:
        raise FileError(f"{path.name}: expected 2 to {_MOST_REGIONS} regions, got {len(regions)}")
    missing = [f"{a} to {b}" for a in regions for b in regions if (a, b) not in found]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise FileError(f"{path.name}: no flow from {missing[0]}{more}: write 0 where there is none")
    flow = np.array([[found[a, b] for b in regions] for a in regions])
    for what, sums in (("sells", flow.sum(axis=1)), ("buys", flow.sum(axis=0))):
        if (sums <= 0.0).any():
            raise FileError(f"{path.name}: {regions[int(np.argmin(sums))]} {what} nothing")
    world_of(flow)
    return Flows(regions, flow)


def read_industries(path: Path) -> Industries:
    """Read an input-output table: ``industry``, one column for each industry in the order of the rows, ``output``.

    Industries are called ``region.sector``; every number is in one and the same unit.

    Raises
    ------
    FileError
        With file and line: rows and columns that differ, names without a region, text in place of a number, an
        industry that buys more than it makes.
    """
    (line, head), *rows = _rows(path)
    names = tuple(head[1:-1])
    if head[0] != "industry" or head[-1] != "output" or not names:
        raise FileError(f"{path.name}:{line}: expected the head industry, the industries, output")
    if len(names) > _MOST_INDUSTRIES or len(set(names)) < len(names):
        raise FileError(f"{path.name}:{line}: expected up to {_MOST_INDUSTRIES} industries, each once")
    odd = next((name for name in names if not all(name.partition("."))), None)
    if odd is not None:
        raise FileError(f"{path.name}:{line}: {odd!r}: expected region.sector")
    if tuple(cells[0] for _, cells in rows) != names:
        raise FileError(f"{path.name}: expected one row for each industry, in the order of the head")
    for line, cells in rows:
        if len(cells) != len(head):
            raise FileError(f"{path.name}:{line}: expected {len(head)} cells, got {len(cells)}")
    numbers = np.array([[_number(c, f"{path.name}:{line}") for c in cells[1:]] for line, cells in rows])
    table = Industries(names, numbers[:, :-1], numbers[:, -1])
    over = table.sales.sum(axis=0) > table.output * (1.0 + 1e-9)
    if over.any():
        i = int(np.argmax(over))
        raise FileError(
            f"{path.name}: {names[i]} buys {table.sales[:, i].sum():g} to make {table.output[i]:g}: "
            "value added would be negative"
        )
    try:
        economy_of(table.sales, table.output)
    except (AccordError, RuntimeError) as error:
        raise FileError(f"{path.name}: {error}") from None
    return table
