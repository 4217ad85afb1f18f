import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.contract.validation import data_folder
from accord.systems.imaging.learned.chips import Chips, read_chips
from accord.systems.imaging.learned.folds import group_folds, held_out, random_folds
from accord.systems.imaging.learned.leaks import LeakError, find_leaks, matches, refuse_leaky, united


def chips_of(nir, elevation):
    images = np.stack([nir, elevation], axis=1).astype(np.int16)
    n, rows, cols = nir.shape
    return Chips(
        names=tuple(str(k) for k in range(n)),
        bands=("nir", "elevation"),
        images=images,
        water=np.zeros((n, rows, cols), bool),
        valid=np.ones((n, rows, cols), bool),
    )


@pytest.fixture(scope="module")
def ground():
    random = np.random.default_rng(3)
    wave = np.add.outer(np.sin(np.arange(300) / 9.0), np.cos(np.arange(300) / 7.0)) * 300
    return (wave + random.normal(0, 20, (300, 300)) + 1000).astype(np.int16), random


def test_overlaps_are_found_at_any_offset_and_places_on_other_days(ground):
    terrain, random = ground
    day, other = random.integers(0, 5000, (2, 300, 300))
    at = [(0, 0), (40, 90), (41, 91), (170, 170)]
    nir = [day[r : r + 128, c : c + 128] for r, c in at[:2]] + [
        other[r : r + 128, c : c + 128] for r, c in at[2:]
    ]
    elevation = [terrain[r : r + 128, c : c + 128] for r, c in at]
    elevation[3] = random.integers(0, 900, (128, 128))
    found = find_leaks(chips_of(np.stack(nir), np.stack(elevation)))
    assert [(p.first, p.second, p.row_offset, p.col_offset, p.equal) for p in found.pixels] == [
        (0, 1, 40, 90, 1.0)
    ]
    assert {(p.first, p.second): (p.row_offset, p.col_offset) for p in found.places} == {
        (0, 1): (40, 90), (0, 2): (41, 91), (1, 2): (1, 1)
    }  # fmt: skip
    assert found.group.tolist() == [0, 0, 0, 1]
    assert found.groups == 2


def test_flat_ground_and_fill_are_no_evidence():
    flat = np.full((3, 64, 64), 12, np.int16)
    assert matches(flat, changes=6, votes=8) == []
    step = flat.copy()
    step[:, :, 32:] = 13
    assert matches(step, changes=6, votes=8) == []
    assert matches(np.zeros((2, 30, 20), np.int16), changes=1, votes=1) == []


def test_known_pairs_are_added():
    random = np.random.default_rng(1)
    chips = chips_of(random.integers(0, 5000, (3, 64, 64)), random.integers(0, 900, (3, 64, 64)))
    assert find_leaks(chips).groups == 3
    assert find_leaks(chips, [(0, 2)]).group.tolist() == [0, 1, 0]


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20))
def test_united_is_the_transitive_closure(pairs):
    group = united(12, pairs)
    reach = np.eye(12, dtype=bool)
    for a, b in pairs:
        reach[a, b] = reach[b, a] = True
    for k in range(12):
        reach |= np.outer(reach[:, k], reach[k])
    assert np.array_equal(group[:, None] == group[None, :], reach)


@given(st.lists(st.integers(0, 8), min_size=12, max_size=60), st.integers(2, 4))
def test_group_folds_never_tear_a_group(group, folds):
    group = united(len(group), [(k, group.index(g)) for k, g in enumerate(group)])
    if group.max() + 1 < folds:
        return
    fold = group_folds(group, folds)
    assert refuse_leaky(fold, group) is False
    assert set(fold.tolist()) == set(range(folds))


def test_a_leaky_split_is_refused_or_called_so():
    group = np.array([0, 0, 1, 2])
    with pytest.raises(LeakError, match="tears 1 of 3 groups"):
        refuse_leaky(np.array([0, 1, 0, 1]), group)
    assert refuse_leaky(np.array([0, 1, 0, 1]), group, allow_leaky=True) is True
    assert set(random_folds(10, 5, 1).tolist()) == set(range(5))


def test_held_out_takes_whole_groups_but_the_largest():
    group = np.repeat(np.arange(8), [20, 3, 3, 3, 3, 3, 3, 2])
    out = held_out(group, 0.2, 4)
    assert refuse_leaky(out.astype(int), group) is False
    assert not out[:20].any()
    assert 8 <= out.sum() <= 11


@pytest.mark.slow
def test_the_labelled_chips_share_pixels_and_places():
    data = data_folder()
    if data is None:
        pytest.skip("needs imaging/w202_chips.zip; set ACCORD_DATA")
    found = find_leaks(read_chips(data / "imaging" / "w202_chips.zip"))
    assert len(found.pixels) == 104
    assert len(found.places) == 515
    assert found.groups == 44
    assert sum(p.equal > 0.99 for p in found.pixels) == 98
