import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.systems.imaging.learned.calibration import platt
from accord.systems.imaging.learned.scores import (
    brier,
    calibration_error,
    chip_counts,
    difference_interval,
    f1,
    iou,
    iou_interval,
    mean_iou,
    reliability,
)  # fmt: skip


def test_counts_leave_out_what_is_not_valid():
    said = np.array([[[True, True], [False, False]]])
    water = np.array([[[True, False], [True, False]]])
    assert chip_counts(said, water, np.ones_like(said)).tolist() == [[1, 1, 1, 1]]
    valid = np.array([[[True, True], [False, True]]])
    assert chip_counts(said, water, valid).tolist() == [[1, 1, 0, 1]]
    with pytest.raises(ModelError, match="the same three times"):
        chip_counts(said, water, valid[:, :1])


@given(st.lists(st.tuples(*[st.integers(0, 500)] * 4), min_size=1, max_size=9))
def test_f1_and_iou_agree(rows):
    counts = np.array(rows)
    tp, fp, fn, _ = counts.sum(axis=0)
    if tp + fp + fn == 0:
        with pytest.raises(ModelError, match="no water was said"):
            iou(counts)
        return
    assert iou(counts) == pytest.approx(tp / (tp + fp + fn))
    assert f1(counts) == pytest.approx(2 * tp / (2 * tp + fp + fn))


def test_pooled_and_mean_differ_and_dry_chips_have_no_overlap():
    counts = np.array([[90, 10, 0, 0], [0, 5, 5, 90], [0, 0, 0, 100]])
    assert iou(counts) == pytest.approx(90 / 110)
    assert mean_iou(counts) == (pytest.approx(0.45), 2)
    with pytest.raises(ModelError, match="no chip has water"):
        mean_iou(counts[2:])


def test_brier_and_calibration_of_known_tables():
    assert brier([0.0, 1.0, 0.5], [0, 1, 1]) == pytest.approx(0.25 / 3)
    p = np.array([0.25] * 4 + [0.75] * 4)
    y = np.array([1, 0, 0, 0, 1, 1, 0, 0])
    assert calibration_error(p, y) == pytest.approx(0.125)
    assert reliability(p, y)[:, 1].tolist() == [0.25, 0.5]
    assert reliability([1.0], [1]).tolist() == [[1.0, 1.0, 1.0]]


def test_intervals_resample_groups_not_chips():
    random = np.random.default_rng(2)
    good = random.uniform(0.3, 0.9, 12)
    counts = np.array([[int(1000 * g), 100, int(1000 * (1 - g)), 500] for g in np.repeat(good, 8)])
    apart = iou_interval(counts, np.arange(96))
    together = iou_interval(counts, np.repeat(np.arange(12), 8))
    assert together.low <= together.value <= together.high
    assert (together.high - together.low) > 2.0 * (apart.high - apart.low)


def test_a_paired_difference_is_narrower_than_its_parts():
    random = np.random.default_rng(3)
    good = random.uniform(0.3, 0.9, 30)
    ours = np.array([[int(1000 * g) + 50, 100, int(1000 * (1 - g)), 500] for g in good])
    better = random.integers(10, 50, 30)
    other = ours - np.outer(better, [1, 0, -1, 0])
    group = np.arange(30)
    gap = difference_interval(ours, other, group)
    assert 0.0 < gap.low < gap.value < gap.high
    assert gap.high - gap.low < 0.3 * (iou_interval(ours, group).high - iou_interval(ours, group).low)
    assert gap == difference_interval(ours, other, group)


@pytest.mark.parametrize(("slope", "intercept"), [(0.5, -1.0), (1.0, 0.0), (3.0, 2.0)])
def test_platt_finds_the_line_that_made_the_labels(slope, intercept):
    random = np.random.default_rng(4)
    x = random.normal(0.0, 2.0, 200_000)
    y = random.random(x.size) < 1.0 / (1.0 + np.exp(-(slope * x + intercept)))
    assert platt(x, y) == (pytest.approx(slope, rel=0.03), pytest.approx(intercept, abs=0.03))


def test_platt_refuses_one_class_and_the_wrong_way_round():
    with pytest.raises(ModelError, match="both water and dry"):
        platt([0.0, 1.0], [True, True])
    with pytest.raises(ModelError, match="do not mean more water"):
        platt([3.0, 2.0, 1.0, 0.0, 2.5], [False, False, True, True, True])
