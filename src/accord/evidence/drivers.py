"""What moves a tested quantity, and what value of it would flip the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from accord import units
from accord.evidence.columns import Columns, ranks, standard
from accord.evidence.ledger import Driver, Flip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from accord.engine.records import Plan, Run

    FloatArray = NDArray[np.float64]

__all__ = ["Planned", "columns_behind", "drivers", "flip", "isotonic", "title_of"]

_BINS = 25
_NOISE = 3.5  # standard errors: with dozens of inputs two would let chance through
_LONG_TITLE = 60


class Planned(Protocol):
    """Anything that was made from a plan."""

    @property
    def plan(self) -> Plan:
        """The plan."""


def columns_behind(run: Run, systems: Iterable[str]) -> list[str]:
    """Return the uncertain columns that the given systems rest on, through all their ports, in plan order."""
    pending, seen = list(systems), set()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += [upstream for upstream, _ in run.plan.nodes[name].ports.values()]
    used = {binding.column for name in seen for binding in run.plan.nodes[name].bindings.values()}
    return [c for c, spec in run.plan.columns.items() if c in used and not spec.spread.is_constant]


def drivers(
    run: Run,
    columns: Iterable[str],
    target: FloatArray,
    usable: NDArray[np.bool_],
    most: int = 5,
    ranked: Columns | None = None,
) -> list[Driver]:
    """Rank inputs by their standardised rank regression coefficient (Iman & Conover 1979, Technometrics 21:499).

    Parameters
    ----------
    run : Run
    columns : iterable of str
    target : float array, shape (n,)
    usable : bool array, shape (n,)
    most : int
        How many to return; those within the sampling noise of zero are left out.
    ranked : Columns, optional
        Ranks of the run's columns, kept from claim to claim.

    Notes
    -----
    Regression on ranks takes out what an input only seems to do because it moves together with another one; a plain
    rank correlation would name every correlated input. It sees monotone influence only, and is a first ranking, not a
    decomposition of variance.
    """
    own = standard(ranks(target[usable]))
    if own is None:
        return []
    ranked = ranked or Columns(run)
    names = [name for name in columns if ranked.scores(name, usable) is not None]
    if not names:
        return []
    matrix, inverse = ranked.ranked(names, usable)
    correlation = matrix.T @ own / len(own)
    coefficient, noise = _rank_regression(len(own), inverse, correlation)
    explained = coefficient * correlation
    total = float(np.abs(explained).sum())
    found = [
        (float(coefficient[i]), float(correlation[i]), abs(float(explained[i])) / total, name)
        for i, name in enumerate(names)
        if abs(coefficient[i]) > noise[i]
    ]
    found.sort(key=lambda f: (-abs(round(f[0], 6)), f[3]))
    return [
        Driver(
            column=name,
            title=title_of(run, name),
            unit=run.plan.columns[name].unit,
            coefficient=round(beta, 4),
            rank_correlation=round(rho, 4),
            share=round(share, 4),
        )
        for beta, rho, share, name in found[:most]
    ]


def _rank_regression(n: int, inverse: FloatArray, correlation: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients and the size that chance alone seldom exceeds, both of shape (k,)."""
    k = len(correlation)
    if n <= 3 * k:  # too few members to tell inputs apart: each for itself
        return correlation, np.full(k, _NOISE / np.sqrt(n))
    coefficient = inverse @ correlation
    unexplained = max(0.0, 1.0 - float(coefficient @ correlation))
    return coefficient, _NOISE * np.sqrt(unexplained * np.maximum(np.diag(inverse), 0.0) / (n - k - 1)) + 0.01


def title_of(run: Planned, column: str) -> str:
    """Return a short title for a column: its documentation's first sentence, else its name."""
    doc = run.plan.columns[column].doc.strip().split(". ")[0].rstrip(".")
    if len(doc) > _LONG_TITLE:  # what follows a colon explains, the part before it names
        head = doc.split(": ")[0]
        alike = sum(spec.doc.startswith(f"{head}: ") for spec in run.plan.columns.values())
        doc = head if alike < 2 else doc
    return doc or column


def flip(run: Run, driver: Driver, holds: NDArray[np.bool_], usable: NDArray[np.bool_]) -> Flip:
    """Find the value of a driver at which P(claim given the driver) crosses one half.

    The conditional probability comes from the ensemble itself: members in bins of equal count along the driver,
    made monotone by pool-adjacent-violators (Ayer et al. 1955, Ann. Math. Stat. 26:641), then interpolated.
    """
    values, passed = run.draws.columns[driver.column][usable], holds[usable].astype(float)
    order = np.argsort(values, kind="stable")
    groups = [g for g in np.array_split(order, min(_BINS, max(1, len(order) // 40))) if len(g)]
    x = np.array([values[g].mean() for g in groups])
    p = np.array([passed[g].mean() for g in groups])
    rising = p[-1] >= p[0]
    smooth = isotonic(p if rising else -p) * (1 if rising else -1)
    above = smooth >= 0.5
    if above.all() or not above.any():
        best = int(np.argmax(smooth)) if not above.any() else int(np.argmin(smooth))
        end = "highest" if best > len(x) / 2 else "lowest"
        text = (
            f"no value of {driver.title} within its range flips the claim: at its {end} "
            f"({units.show(float(x[best]), driver.unit)}) P is {smooth[best]:.2g}"
        )
        return Flip(
            column=driver.column, title=driver.title, unit=driver.unit, value=None, side="", text=text
        )
    cross = int(np.argmax(above)) if rising else int(len(above) - 1 - np.argmax(above[::-1]))
    low, high = (cross - 1, cross) if rising else (cross, cross + 1)
    step = smooth[high] - smooth[low]
    share = (0.5 - smooth[low]) / step if step else 0.5
    value = float(x[low] + share * (x[high] - x[low]))
    side = "above" if rising else "below"
    text = f"{driver.title} {side} {units.show(value, driver.unit)}, all else as uncertain as it is"
    return Flip(column=driver.column, title=driver.title, unit=driver.unit, value=value, side=side, text=text)


def isotonic(values: FloatArray) -> FloatArray:
    """Return the closest non-decreasing sequence (equal weights), shape (k,)."""
    blocks: list[list[float]] = []
    for value in values:
        blocks.append([float(value), 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, weight = blocks.pop()
            blocks[-1] = [
                (blocks[-1][0] * blocks[-1][1] + mean * weight) / (blocks[-1][1] + weight),
                blocks[-1][1] + weight,
            ]
    return np.repeat([b[0] for b in blocks], [int(b[1]) for b in blocks])
