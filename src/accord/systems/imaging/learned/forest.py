"""Boosted trees as plain data: the file format, what LightGBM grew turned into it, the compiled predictor.

The file is JSON (`accord/forest/1`): names of the features, for each tree its nodes in columns, and the line that
turns the sum of leaves into a probability. A child below zero is leaf ``-1 - child``. A value goes left when it is
at or below the threshold; a missing one where ``missing_left`` says.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError, ModelError

FloatArray = NDArray[np.float64]

__all__ = ["Forest", "Tree", "read_forest", "write_forest"]

_FORMAT = "accord/forest/1"
_MOST_LEAVES = 32
_EVERY = 0xFFFFFFFF
_ROWS_A_TASK = 1 << 16


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree: node k tests ``feature[k]`` against ``threshold[k]``; ``value`` are its leaves."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    missing_left: tuple[bool, ...]
    value: tuple[float, ...]


@dataclass(frozen=True)
class Forest:
    """A model: trees over named features and its calibration.

    Attributes
    ----------
    features : tuple of str
    trees : tuple of Tree
    slope, intercept : float [1]
        Probability = 1 / (1 + exp(-(slope x sum of leaves + intercept))).
    """

    features: tuple[str, ...]
    trees: tuple[Tree, ...]
    slope: float = 1.0
    intercept: float = 0.0

    def __post_init__(self) -> None:
        for number, tree in enumerate(self.trees):
            _check(tree, len(self.features), f"tree {number}")
        if not (self.slope > 0.0 and math.isfinite(self.slope) and math.isfinite(self.intercept)):
            raise ModelError(
                f"calibration slope {self.slope:g}, intercept {self.intercept:g}: expected slope > 0"
            )

    def scores(
        self, features: NDArray[np.float32], threads: int = 2, *, by_feature: bool = False
    ) -> FloatArray:
        """Return the sum of the leaves that each row reaches, shape (n,), as LightGBM's raw score.

        Parameters
        ----------
        features : float32 array, shape (n, features)
            Finite; NaN is a missing value.
        threads : int
        by_feature : bool
            Whether the table is given the other way round, shape (features, n).

        Raises
        ------
        ModelError
            When the number of columns is not the model's.
        """
        from accord.systems.imaging.learned.kernels import forest_scores

        table = np.ascontiguousarray(features, dtype=np.float32)
        shape = table.shape[::-1] if by_feature else table.shape
        if table.ndim != 2 or shape[1] != len(self.features):
            raise ModelError(f"features of shape {table.shape}: expected {len(self.features)} for each pixel")
        kernel: Any = forest_scores
        out = np.empty(shape[0], dtype=np.float64)
        parts = [slice(k, k + _ROWS_A_TASK) for k in range(0, len(out), _ROWS_A_TASK)]

        def walk(part: slice) -> None:
            some = np.ascontiguousarray(table[:, part]) if by_feature else table[part]
            kernel(some, by_feature, *self._compiled, out[part])

        if threads == 1 or len(parts) <= 1:
            for part in parts:
                walk(part)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(walk, parts))
        return out

    def predict(
        self, features: NDArray[np.float32], threads: int = 2, *, by_feature: bool = False
    ) -> NDArray[np.float32]:
        """Return the calibrated probability of water [1] for each row, shape (n,); see `scores`."""
        scaled = self.slope * self.scores(features, threads, by_feature=by_feature) + self.intercept
        probability: NDArray[np.float32] = (1.0 / (1.0 + np.exp(-scaled))).astype(np.float32)
        return probability

    @cached_property
    def _compiled(self) -> tuple[NDArray[Any], ...]:
        """Return what the kernel walks: rows of values, nodes in columns, the leaves a failed test keeps, leaves."""
        from accord.systems.imaging.learned.kernels import NODES_A_STEP

        rows: dict[tuple[int, float], int] = {}
        fill = self._fills()
        nodes: list[tuple[int, np.float32, int]] = []
        tree_start, leaf_start, leaves = [0], [0], []
        for tree in self.trees:
            order = _leaf_order(tree)
            rank = {leaf: k for k, leaf in enumerate(order)}
            for k, under in enumerate(_left_leaves(tree)):
                f = tree.feature[k]
                row = rows.setdefault((f, fill[f] if f in fill else _side(tree.missing_left[k])), len(rows))
                cleared = sum(1 << rank[leaf] for leaf in under)
                nodes.append((row, _single(tree.threshold[k]), _EVERY & ~cleared))
            while len(nodes) % NODES_A_STEP:
                nodes.append((0, np.float32(np.inf), _EVERY))  # nothing is above infinity
            leaves += [tree.value[leaf] for leaf in order]
            tree_start.append(len(nodes))
            leaf_start.append(len(leaves))
        if nodes and not rows:
            rows[0, 0.0] = 0
        columns = list(zip(*nodes, strict=True)) if nodes else [(), (), ()]
        kinds = (np.int64, np.float32, np.uint32)
        return (
            np.array([f for f, _ in rows], np.int64),
            np.array([value for _, value in rows], np.float32),
            np.array(tree_start, np.int64),
            *(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)),
            np.array(leaf_start[:-1], np.int64),
            np.array(leaves, np.float64),
        )

    def _fills(self) -> dict[int, float]:
        """Return what one value stands in for a missing one, for features where one does at every node."""
        said: dict[int, set[tuple[bool, bool]]] = {}
        for tree in self.trees:
            for f, t, left in zip(tree.feature, tree.threshold, tree.missing_left, strict=True):
                said.setdefault(f, set()).add((left, t >= 0.0))
        return {f: 0.0 for f, pairs in said.items() if all(left == low for left, low in pairs)}


def _side(left: bool) -> float:
    return -math.inf if left else math.inf


def _single(threshold: float) -> np.float32:
    """Return the largest single-precision number at or below a threshold: the same comparisons come out of it."""
    near = np.float32(threshold)
    return near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf))


def _check(tree: Tree, features: int, where: str) -> None:
    nodes, leaves = len(tree.feature), len(tree.value)
    columns = (tree.threshold, tree.left, tree.right, tree.missing_left)
    if any(len(c) != nodes for c in columns) or leaves != nodes + 1:
        raise ModelError(f"{where}: columns of unequal length, or not one leaf more than nodes")
    if leaves > _MOST_LEAVES:
        raise ModelError(f"{where}: {leaves} leaves; {_MOST_LEAVES} at most")
    if any(not 0 <= f < features for f in tree.feature):
        raise ModelError(f"{where}: a node names a feature that is not there")
    if not all(map(math.isfinite, (*tree.threshold, *tree.value))):
        raise ModelError(f"{where}: a threshold or leaf is not finite")
    children = sorted((*tree.left, *tree.right))
    if nodes and children != [*range(-leaves, 0), *range(1, nodes)]:
        raise ModelError(f"{where}: nodes and leaves do not form one tree")
    if any(0 <= child <= k for side in (tree.left, tree.right) for k, child in enumerate(side)):
        raise ModelError(f"{where}: a child stands before its parent")


def _leaf_order(tree: Tree) -> list[int]:
    """Return the leaves from left to right."""
    if not tree.feature:
        return [0]
    order, stack = [], [0]
    while stack:
        node = stack.pop()
        if node < 0:
            order.append(-1 - node)
        else:
            stack += [tree.right[node], tree.left[node]]
    return order


def _left_leaves(tree: Tree) -> list[set[int]]:
    """Return the leaves under the left child of each node."""
    under: dict[int, set[int]] = {-1 - leaf: {leaf} for leaf in range(len(tree.value))}
    for node in reversed(range(len(tree.feature))):
        under[node] = under[tree.left[node]] | under[tree.right[node]]
    return [under[tree.left[node]] for node in range(len(tree.feature))]


def write_forest(forest: Forest, path: Path, note: Mapping[str, Any] | None = None) -> None:
    """Write a model beside its place and rename it; the same model gives the same bytes.

    Parameters
    ----------
    forest : Forest
    path : Path
    note : mapping, optional
        What else the file should say, kept under ``note``.
    """
    rows = [
        {
            "feature": tree.feature, "threshold": tree.threshold, "left": tree.left, "right": tree.right,
            "missing_left": [int(x) for x in tree.missing_left], "value": tree.value,
        }
        for tree in forest.trees
    ]  # fmt: skip
    head = {
        "format": _FORMAT, "features": forest.features, "note": dict(note or {}),
        "calibration": {"slope": forest.slope, "intercept": forest.intercept},
    }  # fmt: skip
    lines = ",\n".join(json.dumps(row, separators=(",", ":"), allow_nan=False) for row in rows)
    text = json.dumps(head, indent=1)[:-2] + ',\n "trees": [\n' + lines + "\n ]\n}\n"
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise FileError(f"{path}: cannot be written: {error}") from error


def read_forest(path: Path) -> Forest:
    """Read a model.

    Raises
    ------
    FileError
        When the file cannot be read, is of another format, or its trees are not trees.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body.get("format") != _FORMAT:
            raise FileError(f"{path}: format {body.get('format')!r}, expected {_FORMAT}")
        return Forest(
            tuple(body["features"]),
            tuple(_tree(row) for row in body["trees"]),
            float(body["calibration"]["slope"]),
            float(body["calibration"]["intercept"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileError(f"{path}: not a model of format {_FORMAT}: {error!r}") from error
    except ModelError as error:
        raise FileError(f"{path}: {error}") from error


def _tree(row: Mapping[str, Sequence[Any]]) -> Tree:
    return Tree(
        tuple(int(x) for x in row["feature"]), tuple(float(x) for x in row["threshold"]),
        tuple(int(x) for x in row["left"]), tuple(int(x) for x in row["right"]),
        tuple(bool(x) for x in row["missing_left"]), tuple(float(x) for x in row["value"]),
    )  # fmt: skip
