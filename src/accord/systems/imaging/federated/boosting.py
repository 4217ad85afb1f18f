"""Boosted trees from histograms that sites add up: the trees of central training, whoever holds the rows.

Bin edges are agreed from public ranges before any data is looked at. A site sends, for each node of a level, sums
of gradient and hessian per bin as integers under masks; the coordinator sees the total, chooses the splits (Chen &
Guestrin 2016, KDD, XGBoost, equation 7) and tells them. Integer sums do not depend on who adds them: the trees
equal those of one site with all rows, bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.federated.egress import Egress
from accord.systems.imaging.federated.masking import Masks, fixed_point, unfixed
from accord.systems.imaging.learned.forest import Forest, Tree
from accord.systems.imaging.learned.kernels import level_histogram

FloatArray = NDArray[np.float64]

__all__ = ["BoostPlan", "BoostSite", "boost"]

_HIGHEST_DEPTH = 5  # 32 leaves, what the predictor walks


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostPlan:
    """What sites agree on before the first tree.

    Attributes
    ----------
    ranges : mapping of str to (low, high)
        Of each feature, from its definition, never from data; values beyond fall into the outer bins.
    bins, trees, depth : int
    rate : float [1]
    ridge : float
        lambda of the leaf weight -G / (H + lambda).
    least_hessian : float
        A child with less is not made.
    """

    ranges: Mapping[str, tuple[float, float]]
    bins: int = 64
    trees: int = 30
    depth: int = 4
    rate: float = 0.2
    ridge: float = 1.0
    least_hessian: float = 5.0

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= _HIGHEST_DEPTH or not 2 <= self.bins <= 255 or self.trees < 1:
            raise ModelError(
                f"depth {self.depth}, {self.bins} bins, {self.trees} trees: expected 1-5, 2-255, 1 or more"
            )
        if not self.ranges or any(not low < high for low, high in self.ranges.values()):
            raise ModelError("every feature needs a range with low below high")

    def edges(self) -> NDArray[np.float32]:
        """Return the edges between bins, equally wide, shape (features, bins - 1)."""
        low, high = np.array(list(self.ranges.values()), dtype=np.float64).T
        steps = np.arange(1, self.bins) / self.bins
        return np.asarray(low[:, None] + (high - low)[:, None] * steps, dtype=np.float32)

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Return what may leave a site, for its `Egress`."""
        cells = (len(self.ranges), self.bins, 2)
        return {"public_key": (32,), **{f"histogram_{level}": (2**level, *cells) for level in range(self.depth)},
                "leaves": (2**self.depth, 2)}  # fmt: skip


class BoostSite:
    """One party: rows that stay, their scores, and where each stands in the tree that is growing."""

    def __init__(
        self, features: NDArray[np.float32], water: NDArray[np.bool_], plan: BoostPlan, egress: Egress
    ) -> None:
        if features.shape != (len(water), len(plan.ranges)) or not np.all(np.isfinite(features)):
            raise ModelError(
                f"site {egress.site}: features of shape {features.shape} with {len(water)} labels"
            )
        edges = plan.edges()
        self._bins = np.stack(
            [np.searchsorted(edges[f], features[:, f].astype(np.float32)) for f in range(len(edges))], axis=1
        ).astype(np.uint8)
        self._y = water.astype(np.float64)
        self._score = np.zeros(len(water))
        self._node = np.zeros(len(water), dtype=np.int64)
        self._sums = np.zeros((len(water), 2), dtype=np.int64)
        self._plan, self.egress, self.masks = plan, egress, Masks()

    @property
    def rows(self) -> int:
        """Return how many rows are here; for the site's own books, not for others."""
        return len(self._y)

    def counts(self) -> tuple[int, int]:
        """Return rows and rows of water, if both may be told."""
        return self.egress.count("rows", len(self._y)), self.egress.count("water", int(self._y.sum()))

    def introduce(self) -> NDArray[np.uint8]:
        """Make new masks, as no mask may be used twice, and return their public key, through the gate."""
        self.masks = Masks()
        return self.egress.tensor("public_key", self.masks.public_key())

    def begin(self, score: float) -> None:
        """Set the score that every row starts from."""
        self._score[:] = score

    def begin_tree(self) -> None:
        """Compute gradients of the cross entropy and put every row at the root."""
        p = 1.0 / (1.0 + np.exp(-self._score))
        self._sums = np.stack([fixed_point(p - self._y), fixed_point(p * (1.0 - p))], axis=1)
        self._node[:] = 0

    def histogram(self, tree: int, level: int) -> NDArray[np.uint64]:
        """Return the masked sums of gradient and hessian of every node of a level, through the gate."""
        out = np.zeros((2**level, self._bins.shape[1], self._plan.bins, 2), dtype=np.int64)
        level_histogram(self._bins, self._node, self._sums, out)
        return self.egress.tensor(f"histogram_{level}", self.masks.hide(out, f"{tree}/{level}"))

    def move(self, feature: NDArray[np.int64], limit: NDArray[np.int64]) -> None:
        """Send every row to the left or right child of its node; a node that is not split sends all left."""
        rows = np.arange(len(self._node))
        right = self._bins[rows, feature[self._node]] > limit[self._node]
        self._node = 2 * self._node + right

    def leaf_sums(self, tree: int) -> NDArray[np.uint64]:
        """Return the masked sums of gradient and hessian of every leaf, through the gate."""
        out = np.zeros((2**self._plan.depth, 2), dtype=np.int64)
        np.add.at(out, self._node, self._sums)
        return self.egress.tensor("leaves", self.masks.hide(out, f"{tree}/leaves"))

    def finish_tree(self, value: FloatArray) -> None:
        """Add the leaf of each row to its score."""
        self._score += value[self._node]


def _total(parts: Sequence[NDArray[np.uint64]]) -> FloatArray:
    out = np.zeros_like(parts[0])
    for part in parts:
        out = out + part
    return unfixed(out)


def _splits(total: FloatArray, plan: BoostPlan) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return feature and bin of the best split of each node; bin 255 where none gains anything."""
    left = np.cumsum(total, axis=2)[:, :, :-1]
    whole = total[:, :1].sum(axis=2, keepdims=True)
    right = whole - left

    def worth(side: FloatArray) -> FloatArray:
        found: FloatArray = side[..., 0] ** 2 / (side[..., 1] + plan.ridge)
        return found

    gain = worth(left) + worth(right) - worth(whole)
    gain[(left[..., 1] < plan.least_hessian) | (right[..., 1] < plan.least_hessian)] = 0.0
    flat = gain.reshape(len(gain), -1)
    best = flat.argmax(axis=1)
    none = flat[np.arange(len(flat)), best] <= 0.0
    feature, limit = np.divmod(best, plan.bins - 1)
    return np.where(none, 0, feature), np.where(none, 255, limit)


def boost(sites: Sequence[BoostSite], plan: BoostPlan) -> Forest:
    """Grow trees over all sites and return them; one site with all rows is central training.

    Raises
    ------
    ModelError
        When there is no site or two have one name.
    EgressError
        When a site holds too few rows, or too few of water, to be told.
    """
    names = [site.egress.site for site in sites]
    if not sites or len(set(names)) != len(names):
        raise ModelError(f"boosting needs sites of different names, got {names}")
    keys = {site.egress.site: site.introduce() for site in sites}
    for site in sites:
        site.masks.agree(site.egress.site, keys)
    rows, water = np.sum([site.counts() for site in sites], axis=0)
    start = float(np.log(water / (rows - water)))
    for site in sites:
        site.begin(start)
    trees = [Tree((), (), (), (), (), (start,))]
    for number in range(plan.trees):
        for site in sites:
            site.begin_tree()
        levels = []
        for level in range(plan.depth):
            feature, limit = _splits(_total([site.histogram(number, level) for site in sites]), plan)
            levels.append((feature, limit))
            for site in sites:
                site.move(feature, limit)
        sums = _total([site.leaf_sums(number) for site in sites])
        value = -plan.rate * sums[:, 0] / (sums[:, 1] + plan.ridge)
        for site in sites:
            site.finish_tree(value)
        trees.append(_grown(levels, value, plan))
    return Forest(tuple(plan.ranges), tuple(trees))


def _grown(
    levels: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]], value: FloatArray, plan: BoostPlan
) -> Tree:
    """Return a complete tree in our form: nodes level by level, a node without a split sends everything left."""
    edges = plan.edges()
    feature: list[int] = []
    threshold: list[float] = []
    for chosen, limit in levels:
        for f, k in zip(chosen.tolist(), limit.tolist(), strict=True):
            feature.append(f)
            threshold.append(float(edges[f, k]) if k < plan.bins - 1 else float(np.finfo(np.float32).max))
    inner = len(feature)
    left, right = [], []
    for node in range(inner):
        children = [2 * node + 1, 2 * node + 2]
        a, b = (child if child < inner else -1 - (child - inner) for child in children)
        left.append(a)
        right.append(b)
    return Tree(
        tuple(feature), tuple(threshold), tuple(left), tuple(right), (True,) * inner, tuple(value.tolist())
    )  # fmt: skip
