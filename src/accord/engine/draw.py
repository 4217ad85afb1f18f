"""Draw the ensemble: replicated scrambled Sobol' points, rank correlations through a Gaussian or a t copula.

Every owner (the named inputs, each system) has its own Sobol' set in its own random order - Latin supercube sampling
(Owen 1998, ACM Trans. Model. Comput. Simul. 8:71) - so that adding a system leaves all other draws untouched, while
within an owner the points keep their joint uniformity. Each column is scrambled by a random linear matrix and a
digital shift (Matousek 1998, J. Complexity 14:527) keyed by (seed, name, replicate).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtri, ndtr, ndtri, stdtr

from accord.contract.spread import Spread
from accord.contract.streams import generator
from accord.engine.correlation import cholesky, components
from accord.engine.records import ColumnSpec, Draws, Plan
from accord.programme.copula import score_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["draw", "sobol_uniforms"]

_BLOCK = 16_384
_BITS = 30  # as many as scipy's direction numbers give; the smallest uniform is 2**-31


def draw(plan: Plan, n: int, seed: int, replicates: int = 8) -> Draws:
    """Draw every column of a plan once.

    Parameters
    ----------
    plan : Plan
    n : int
        Members, split as evenly as possible over the replicates.
    seed : int
    replicates : int
        Independent scrambles; their spread gives the interval of every probability.

    Returns
    -------
    Draws
        Columns of shape (n,), in each column's own unit.
    """
    sizes = [n // replicates + (r < n % replicates) for r in range(replicates)]
    uniforms = _uniforms(plan.columns, sizes, seed)
    uniforms |= _correlate(plan, uniforms, sizes, seed)
    columns = {
        name: np.full(n, spec.spread.quantile(0.5))
        if spec.spread.is_constant
        else _quantiles(spec.spread, uniforms[name])
        for name, spec in plan.columns.items()
    }
    replicate = np.repeat(np.arange(replicates), sizes)
    return Draws(n=n, seed=seed, replicates=replicates, columns=columns, replicate=replicate)


def _quantiles(spread: Spread, u: FloatArray) -> FloatArray:
    """Return quantiles block by block: what fits into the cache need not be fetched again at every step."""
    if (
        spread.kind == "beta" or len(u) <= _BLOCK
    ):  # a beta table is made once and goes through blocks by itself
        return spread.ppf(u)
    return np.concatenate([spread.ppf(u[begin : begin + _BLOCK]) for begin in range(0, len(u), _BLOCK)])


def _uniforms(columns: Mapping[str, ColumnSpec], sizes: Sequence[int], seed: int) -> dict[str, FloatArray]:
    owners: dict[str, list[str]] = {}
    for name, spec in columns.items():
        if not spec.spread.is_constant:
            owners.setdefault(spec.owner, []).append(name)
    result: dict[str, FloatArray] = {}
    for owner, names in owners.items():
        points = _sobol_integers(len(names), max(sizes))
        orders = [generator(seed, "order", owner, r).permutation(size) for r, size in enumerate(sizes)]
        for dimension, name in enumerate(names):
            keys = [(seed, "column", name, replicate) for replicate in range(len(sizes))]
            result[name] = _scramble([points[dimension][order] for order in orders], keys)
    return result


def _sobol_integers(dimensions: int, size: int) -> NDArray[np.uint32]:
    from scipy.stats import qmc  # takes a second to import, so only where points are drawn

    power = max(0, math.ceil(math.log2(max(size, 1))))
    points = qmc.Sobol(dimensions, scramble=False, bits=_BITS).random_base2(power)[:size]
    return np.ascontiguousarray((points * 2.0**_BITS).astype(np.uint32).T)


def _scramble(points: Sequence[NDArray[np.uint32]], keys: Sequence[tuple[object, ...]]) -> FloatArray:
    """Return scrambled points, each set with a scramble of its own, one set after the other.

    A scramble is linear over the bits, so that it is the sum (exclusive or) of the images of parts of a point: two of
    15 bits, or three of 10 where the larger tables would take longer to make than the points.
    """
    generators = [generator(*key) for key in keys]
    rows = np.stack([rng.integers(0, 2**_BITS, size=_BITS, dtype=np.uint64) for rng in generators])
    shifts = np.array([rng.integers(0, 2**_BITS, dtype=np.uint64) for rng in generators])
    places = np.arange(_BITS, dtype=np.uint64)
    own = (
        np.uint64(1) << places
    )  # row i decides output bit i (from the least significant): it and those above it
    masks = (rows[:, ::-1] & ~(own - np.uint64(1))) | own
    images = np.zeros((len(keys), _BITS), dtype=np.uint32)  # of each input bit
    for place in range(_BITS):
        bit = (masks >> np.uint64(place)) & np.uint64(1)
        images[:, place] = (bit << places).sum(axis=1, dtype=np.uint64)
    total = sum(len(own_points) for own_points in points)
    part = 15 if total > len(keys) << 15 else 10
    tables = np.zeros((len(keys), _BITS // part, 1 << part), dtype=np.uint32)
    for place in range(_BITS):
        which, inner = divmod(place, part)
        tables[:, which, 1 << inner : 2 << inner] = tables[:, which, : 1 << inner] ^ images[:, place, None]
    scrambled, end, low = np.empty(total), 0, np.uint32((1 << part) - 1)
    for table, shift, own_points in zip(tables, shifts.astype(np.uint32), points, strict=True):
        bits = table[0].take(own_points & low, mode="clip")  # clipped without need: that is the fastest mode
        for which in range(1, len(table)):
            bits ^= table[which].take((own_points >> np.uint32(part * which)) & low, mode="clip")
        begin, end = end, end + len(own_points)
        np.add(bits ^ shift, 0.5, out=scrambled[begin:end])
    scrambled /= 2.0**_BITS
    return scrambled


def sobol_uniforms(dimensions: int, size: int, *parts: object) -> FloatArray:
    """Return scrambled Sobol' points of shape (size, dimensions), keyed by the parts, for studies outside a run."""
    points = _sobol_integers(dimensions, size)
    columns = [_scramble([points[d]], [(*parts, d)]) for d in range(dimensions)]
    return np.stack(columns, axis=1)


def _correlate(
    plan: Plan, uniforms: Mapping[str, FloatArray], sizes: Sequence[int], seed: int
) -> dict[str, FloatArray]:
    result: dict[str, FloatArray] = {}
    pairs = {(first, second): rho for first, second, rho in plan.correlations}
    for names in components(plan.correlations, list(plan.columns)):
        lower = cholesky(names, score_matrix(names, pairs, plan.copula))
        stretch = _stretch(plan, names[0], sizes, seed)
        result |= {name: np.empty(sum(sizes)) for name in names}
        for begin in range(0, sum(sizes), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            scores = [ndtri(uniforms[name][block]) for name in names]
            for row, name in enumerate(names):
                if row == 0 and stretch is None:
                    result[name][block] = uniforms[name][block]  # the first stays as it is
                    continue
                mixed = (
                    scores[0] * lower[row, 0]
                )  # plain sums, not BLAS: the bytes must not depend on its threads
                for column in range(1, row + 1):
                    if lower[row, column] != 0.0:
                        mixed = mixed + scores[column] * lower[row, column]
                below = ndtr(mixed) if stretch is None else stdtr(plan.copula.degrees, mixed * stretch[block])
                result[name][block] = np.clip(below, 2.0**-53, 1.0 - 2.0**-53)
    return result


def _stretch(plan: Plan, first: str, sizes: Sequence[int], seed: int) -> FloatArray | None:
    """Return what turns normal scores of a set of columns into t scores: one factor a member, drawn for the set."""
    if plan.copula.family == "gaussian":
        return None
    name = f"scale of {first}"
    spec = ColumnSpec(name=name, unit="1", spread=Spread.of("uniform", low=0.0, high=1.0), owner=name)
    degrees = plan.copula.degrees
    # chdtri inverts the upper tail of chi squared
    return np.asarray(np.sqrt(degrees / chdtri(degrees, _uniforms({name: spec}, sizes, seed)[name])))
