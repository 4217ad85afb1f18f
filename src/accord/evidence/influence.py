"""How much each input decides a claim, from the members of the run alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from accord.contract.streams import generator
from accord.evidence.columns import Columns, ranks, standard
from accord.evidence.drivers import title_of
from accord.evidence.ledger import Influence, Influences
from accord.evidence.probability import replicate_half
from accord.evidence.sensitivity.pawn import pawn
from accord.evidence.sensitivity.shapley import given_data
from accord.evidence.sensitivity.target import slice_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.engine.records import Run
    from accord.evidence.quantity import Tested

    FloatArray = NDArray[np.float64]

__all__ = ["influences"]

_SLICES = 32
_ENOUGH = 50  # members on the rarer side of a claim, below which its indicator says too little
_LEAST = 4 * _SLICES
_MOST_MEMBERS = 8192  # more would only make it slower: the noise of an index is then below what is printed
_POINTS = 1200
_RESAMPLES = 100
_NOISE = 3.5  # standard deviations of the index of an input without influence
_BENT = 0.3  # share of an index that no straight line explains, from which the influence counts as bent
_INDEPENDENT_SETS = 4  # replicates, below which neighbours would come from one quasi-random set too often


def influences(
    run: Run, columns: Sequence[str], tested: Tested, known: Sequence[str], ranked: Columns
) -> Influences | None:
    """Share out what is uncertain about a claim among its inputs.

    The output is the indicator of the claim; where the claim holds in nearly all members or in nearly none, the rank of
    the tested quantity. Looked at are the inputs that regression on ranks found, which leaves out what merely comes
    along with another one, and the input whose influence is most bent, which a regression cannot see. When none of the
    inputs behind the claim is correlated with a chosen one, first-order indices are shares of variance as they stand;
    otherwise they overlap, and Shapley effects share out what inputs bring in common.

    Parameters
    ----------
    run : Run
    columns : sequence of str
        All uncertain columns that the tested quantity rests on.
    tested : Tested
    known : sequence of str
        Columns found by regression on ranks.
    ranked : Columns

    Returns
    -------
    Influences or None
        None where nothing is uncertain, or the members are too few.
    """
    usable = tested.usable
    holds = tested.holds[usable]
    rare = min(int(holds.sum()), int((~holds).sum()))
    target = holds.astype(float) if rare >= _ENOUGH else ranks(tested.values[usable])
    if len(target) < _LEAST or np.ptp(target) == 0.0 or not columns:
        return None
    share, slices = _screened(columns, target, usable, ranked)
    chosen = _chosen(run, columns, known, share, target, tested, ranked)
    if not chosen:
        return None
    names, first = [columns[i] for i in chosen], share[chosen]
    tied = sorted({n for pair in _ties(run, names, columns) for n in pair})
    rows = _thinned(len(target))
    x = np.stack([run.draws.columns[name][usable][rows] for name in names], axis=1)
    distance = pawn(x, tested.values[usable][rows])
    if tied and run.draws.replicates >= _INDEPENDENT_SETS and np.ptp(target[rows]) > 0.0:
        effects = given_data(
            x, target[rows], points=_POINTS, importance=np.sqrt(np.maximum(first, 0.01)), seed=run.draws.seed
        )
        method, left, value, half = "Shapley effect", round(effects.left, 4), effects.share, effects.half
    else:
        replicate = run.draws.replicate[usable]
        half = np.array([_half(slices[i], target, replicate, run.draws.seed) for i in chosen])
        method, left, value = "first-order index", None, first
    found = [
        Influence(
            column=name,
            title=title_of(run, name),
            share=round(float(value[i]), 4),
            low=round(float(value[i] - half[i]), 4),
            high=round(float(value[i] + half[i]), 4),
            alone=round(float(first[i]), 4),
            pawn=round(float(distance.median[i]), 4),
        )
        for i, name in enumerate(names)
    ]
    return Influences(
        rows=tuple(sorted(found, key=lambda f: (-f.share, f.column))),
        method=method,
        of="claim" if rare >= _ENOUGH else "quantity",
        tied=tuple(tied),
        left=left,
        pawn_noise=round(distance.noise, 4),
    )


def _chosen(
    run: Run,
    columns: Sequence[str],
    known: Sequence[str],
    share: FloatArray,
    target: FloatArray,
    tested: Tested,
    ranked: Columns,
) -> list[int]:
    """Return the inputs to look at: those of the regression, and the one with the most bent influence."""
    usable = tested.usable
    chosen = [i for i, name in enumerate(columns) if name in known]
    own = standard(target)
    bent = share - np.array([_straight(ranked.scores(name, usable), own) for name in columns])
    bent[chosen] = 0.0
    most = int(np.argmax(bent))
    if bent[most] > max(_NOISE * np.sqrt(2.0 * _SLICES) / len(target), _BENT * share[most]):
        apart = pawn(run.draws.columns[columns[most]][usable][:, None], tested.values[usable])
        if apart.median[0] > apart.noise:  # two opinions: a quasi-random set has its chance patterns
            chosen.append(most)
    return chosen


def _screened(
    columns: Sequence[str], target: FloatArray, usable: NDArray[np.bool_], ranked: Columns
) -> tuple[FloatArray, list[tuple[NDArray[np.int64], int]]]:
    """Return the first-order index of every column, and its slices."""
    centred = (target - target.mean())[None]
    slices = [ranked.slices(name, usable, _SLICES) for name in columns]
    return np.array([float(slice_shares(part[None], centred, count)[0]) for part, count in slices]), slices


def _straight(scores: FloatArray | None, own: FloatArray | None) -> float:
    """Return the share of variance that a straight line over the ranks explains, of standardised values."""
    return 0.0 if scores is None or own is None else float(np.einsum("n,n->", scores, own) / len(own)) ** 2


def _half(
    slices: tuple[NDArray[np.int64], int], target: FloatArray, replicate: NDArray[np.int64], seed: int
) -> float:
    """Return the half-width of the 95 % interval of a first-order index: from the replicates, else the bootstrap."""
    part, count = slices
    groups = [replicate == r for r in np.unique(replicate)]
    if len(groups) > 1 and min(int(g.sum()) for g in groups) > 2 * count:
        shares = [slice_shares(part[None, g], (target[g] - target[g].mean())[None], count)[0] for g in groups]
        return replicate_half(np.array(shares))
    picks = generator(seed, "influence bootstrap").integers(0, len(target), size=(_RESAMPLES, len(target)))
    return 1.96 * float(slice_shares(part[picks], target[picks] - target.mean(), count).std(ddof=1))


def _ties(run: Run, chosen: Sequence[str], columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the correlated pairs of columns behind the claim of which at least one is chosen."""
    behind, picked = set(columns), set(chosen)
    return [
        (first, second)
        for first, second, rho in run.plan.correlations
        if rho != 0.0 and {first, second} <= behind and {first, second} & picked
    ]


def _thinned(n: int) -> NDArray[np.int64]:
    """Return evenly spaced members: replicates lie one after the other, so that all of them are in."""
    if n <= _MOST_MEMBERS:
        return np.arange(n)
    return np.asarray(np.floor(np.arange(_MOST_MEMBERS) * (n / _MOST_MEMBERS)), dtype=np.int64)
