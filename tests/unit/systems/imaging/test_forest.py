import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import FileError, ModelError
from accord.systems.imaging.learned.forest import Forest, Tree, read_forest, write_forest
from accord.systems.imaging.learned.grown import from_lightgbm


def random_tree(random, leaves, features, missing):
    """Split a random leaf until there are enough, as a leaf-wise learner does."""
    nodes = {"feature": [], "threshold": [], "left": [], "right": [], "missing_left": []}
    where = {0: None}
    for k in range(leaves - 1):
        leaf = int(random.choice(sorted(where)))
        if where[leaf] is not None:
            parent, side = where[leaf]
            nodes[side][parent] = k
        nodes["feature"].append(int(random.integers(features)))
        t = float(random.normal())
        nodes["threshold"].append(t)
        nodes["missing_left"].append(bool(random.integers(2)) if missing else t >= 0.0)
        nodes["left"].append(-1 - leaf)
        nodes["right"].append(-2 - k)
        where[leaf], where[k + 1] = (k, "left"), (k, "right")
    return Tree(*(tuple(nodes[n]) for n in nodes), tuple(random.normal(size=leaves).tolist()))


def walked(forest, row):
    total = 0.0
    for tree in forest.trees:
        node = 0 if tree.feature else -1
        while node >= 0:
            value = float(row[tree.feature[node]])
            left = tree.missing_left[node] if np.isnan(value) else value <= tree.threshold[node]
            node = tree.left[node] if left else tree.right[node]
        total += tree.value[-1 - node]
    return total


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 32), st.integers(1, 7), st.booleans())
def test_the_kernel_walks_every_tree_as_a_reader_would(seed, leaves, features, missing):
    random = np.random.default_rng(seed)
    trees = tuple(random_tree(random, leaves, features, missing) for _ in range(4))
    forest = Forest(tuple(f"f{k}" for k in range(features)), trees)
    rows = random.normal(size=(70, features)).astype(np.float32)
    rows[random.random(rows.shape) < 0.1] = np.nan
    # on a threshold is left of it
    for k, tree in enumerate(trees):
        if tree.feature:
            rows[k, tree.feature[0]] = tree.threshold[0]
    expected = [walked(forest, row) for row in rows]
    assert forest.scores(rows).tolist() == expected
    assert forest.scores(rows.T, by_feature=True).tolist() == expected


def test_any_number_of_rows_and_threads_gives_the_same(tmp_path):
    random = np.random.default_rng(1)
    forest = Forest(("a", "b", "c"), tuple(random_tree(random, 31, 3, True) for _ in range(9)), 0.8, -0.3)
    rows = random.normal(size=(140_000, 3)).astype(np.float32)
    one = forest.predict(rows, threads=1)
    assert np.array_equal(one, forest.predict(rows, threads=2))
    assert np.array_equal(one[:257], forest.predict(rows[:257]))
    assert np.array_equal(one[77:78], forest.predict(rows[77:78]))
    assert forest.predict(rows[:0]).shape == (0,)
    assert one.dtype == np.float32
    assert 0.0 < one.min() < one.max() < 1.0


def test_files_come_back_as_they_went_and_are_the_same_bytes(tmp_path):
    random = np.random.default_rng(2)
    forest = Forest(
        ("a", "b"), (random_tree(random, 17, 2, True), Tree((), (), (), (), (), (0.25,))), 1.2, 0.1
    )
    write_forest(forest, tmp_path / "m.json", {"why": "test"})
    write_forest(forest, tmp_path / "n.json", {"why": "test"})
    assert read_forest(tmp_path / "m.json") == forest
    assert (tmp_path / "m.json").read_bytes() == (tmp_path / "n.json").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.json", "n.json"]
    with pytest.raises(FileError, match="cannot be written"):
        write_forest(forest, tmp_path / "none" / "m.json")


def broken(forest, **changes):
    body = {"format": "accord/forest/1", "features": ["a"], "calibration": {"slope": 1, "intercept": 0}, "trees": [
        {"feature": [0], "threshold": [0.0], "left": [-1], "right": [-2], "missing_left": [1], "value": [0.1, 0.2]}
    ]}  # fmt: skip
    body["trees"][0].update(changes.pop("tree", {}))
    body.update(changes)
    return json.dumps(body)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "x/1"}, "format 'x/1', expected"),
        ({"tree": {"feature": [3]}}, "names a feature that is not there"),
        ({"tree": {"value": [0.1]}}, "not one leaf more than nodes"),
        ({"tree": {"left": [0]}}, "do not form one tree"),
        ({"tree": {"left": [-2]}}, "do not form one tree"),
        ({"tree": {"value": [float("nan"), 0.0]}}, "not finite"),
        ({"calibration": {"slope": -1, "intercept": 0}}, "expected slope > 0"),
        ({"calibration": {}}, "not a model"),
        ({"trees": "x"}, "not a model"),
    ],
)
def test_damaged_models_are_refused(tmp_path, changes, said):
    path = tmp_path / "m.json"
    path.write_text(broken(None, **changes))
    with pytest.raises(FileError, match=said):
        read_forest(path)


def test_too_many_leaves_and_wrong_columns():
    random = np.random.default_rng(3)
    with pytest.raises(ModelError, match="33 leaves; 32 at most"):
        Forest(("a",), (random_tree(random, 33, 1, False),))
    forest = Forest(("a", "b"), (random_tree(random, 5, 2, False),))
    with pytest.raises(ModelError, match="expected 2 for each pixel"):
        forest.scores(np.zeros((4, 3), np.float32))
    with pytest.raises(FileError, match="not a model"):
        read_forest(__import__("pathlib").Path("/nowhere/m.json"))


@pytest.mark.parametrize("missing", [False, True])
def test_scores_are_lightgbms_to_the_last_bit(missing):
    lightgbm = pytest.importorskip("lightgbm")
    random = np.random.default_rng(5)
    x = random.normal(size=(6000, 6)).astype(np.float32)
    x[:, 3] = np.rint(x[:, 3] * 3)
    if missing:
        x[random.random(x.shape) < 0.05] = np.nan
    y = np.nan_to_num(x[:, 0] * x[:, 1] + x[:, 3]) > 0.2
    settings_ = {
        "objective": "binary",
        "num_leaves": 31,
        "verbosity": -1,
        "num_threads": 1,
        "min_data_in_leaf": 5,
    }
    booster = lightgbm.train(settings_, lightgbm.Dataset(x, y.astype(float), params={"verbosity": -1}), 25)
    forest = from_lightgbm(booster.model_to_string())
    probe = np.vstack([x, random.normal(size=(3000, 6)).astype(np.float32) * 4])
    probe[-200:][random.random((200, 6)) < 0.3] = np.nan
    raw = booster.predict(probe, raw_score=True, num_threads=1)
    assert np.array_equal(forest.scores(probe), raw)


def test_other_models_are_refused():
    with pytest.raises(ModelError, match="expected binary"):
        from_lightgbm("tree\nobjective=regression\nfeature_names=a\n\n")
    head = "tree\nobjective=binary sigmoid:1\nfeature_names=a b\n\nTree=0\nnum_leaves=2\nnum_cat=1\nleaf_value=1 2\n\n"
    with pytest.raises(ModelError, match="categories and linear leaves"):
        from_lightgbm(head)
