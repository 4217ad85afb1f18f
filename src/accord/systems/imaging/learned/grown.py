"""Trees grown by LightGBM, read from its text model into our own form, decision for decision."""

from __future__ import annotations

import re

from accord.errors import ModelError
from accord.systems.imaging.learned.forest import Forest, Tree

__all__ = ["from_lightgbm"]

_CATEGORY, _DEFAULT_LEFT = 1, 2  # bits of decision_type; bits 2-3: 0 none, 1 zero, 2 NaN is missing
_LARGEST = 3.4028234663852886e38  # of single precision


def from_lightgbm(text: str) -> Forest:
    """Return the forest of a binary LightGBM model (``Booster.model_to_string``), uncalibrated.

    Raises
    ------
    ModelError
        When the model is of another objective, splits on categories, takes zero for missing, or has linear leaves.
    """
    head, *parts = re.split(r"^Tree=\d+\n", text, flags=re.MULTILINE)
    fields = _fields(head)
    if not fields.get("objective", "").startswith("binary"):
        raise ModelError(f"model of objective {fields.get('objective')!r}: expected binary")
    trees = [_tree(_fields(part.split("\n\n")[0]), k) for k, part in enumerate(parts)]
    return Forest(tuple(fields["feature_names"].split()), tuple(trees))


def _fields(part: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in part.splitlines() if "=" in line)


def _tree(row: dict[str, str], number: int) -> Tree:
    if row.get("num_cat", "0") != "0" or row.get("is_linear", "0") != "0":
        raise ModelError(f"tree {number}: categories and linear leaves are not supported")
    values = tuple(float(x) for x in row["leaf_value"].split())
    if len(values) == 1:
        return Tree((), (), (), (), (), values)
    # an infinite one parts missing from given values; features are finite, so that the largest number does too
    thresholds = tuple(min(max(float(x), -_LARGEST), _LARGEST) for x in row["threshold"].split())
    missing_left = []
    for text, threshold in zip(row["decision_type"].split(), thresholds, strict=True):
        decision = int(text)
        kind = (decision >> 2) & 3
        if decision & _CATEGORY or kind == 1:
            raise ModelError(f"tree {number}: category splits and zero-as-missing are not supported")
        # without missing values in training LightGBM takes NaN for zero
        missing_left.append(bool(decision & _DEFAULT_LEFT) if kind == 2 else threshold >= 0.0)
    return Tree(
        tuple(int(x) for x in row["split_feature"].split()),
        thresholds,
        tuple(int(x) for x in row["left_child"].split()),
        tuple(int(x) for x in row["right_child"].split()),
        tuple(missing_left),
        values,
    )
