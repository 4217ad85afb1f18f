import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.systems.imaging.learned.cards import shipped_model_card
from accord.systems.imaging.learned.chips import SPECTRAL
from accord.systems.imaging.learned.drift import LIMIT, DriftError, drifts, refuse_drift, stability_index
from accord.systems.imaging.learned.features import QUANTITIES, feature_table, halo_px, to_integers
from accord.systems.imaging.learned.predict import (
    DRY,
    UNSEEN,
    WATER,
    model_halo_px,
    predict,
    predict_bands,
    shipped_forest,
)  # fmt: skip


def scene(rows, cols, seed=1):
    """Return bands of a made scene in 1e-4: a lake on the left, fields on the right."""
    random = np.random.default_rng(seed)
    lake = (np.arange(cols) < cols // 2)[None, :].repeat(rows, axis=0)
    land, wet = (450, 750, 900, 2300, 2400, 1700), (400, 650, 500, 250, 90, 60)
    bands = {}
    for name, dry, water in zip(SPECTRAL, land, wet, strict=True):
        noise = random.normal(1.0, 0.05, (rows, cols))
        bands[name] = (np.where(lake, water, dry) * noise).astype(np.int16)
    return bands, lake


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 20), st.sampled_from([3, 9, 31]))
def test_windows_count_what_is_seen_and_end_at_the_rim(seed, rows, cols, width):
    random = np.random.default_rng(seed)
    stack = random.integers(1, 9000, (6, rows, cols)).astype(np.int32)
    seen = random.random((rows, cols)) < 0.8
    seen[0, 0] = True
    mean, sd = feature_table(stack, seen, [f"nir_mean{width}", f"nir_sd{width}"])
    for r, c in [(0, 0), (rows - 1, cols - 1), (rows // 2, cols // 2)]:
        part = (
            slice(max(0, r - width // 2), r + width // 2 + 1),
            slice(max(0, c - width // 2), c + width // 2 + 1),
        )
        values = stack[3][part][seen[part]]
        if len(values):
            assert mean[r, c] == pytest.approx(values.mean(), rel=1e-6)
            assert sd[r, c] == pytest.approx(values.std(), rel=1e-6, abs=1e-3)


def test_every_quantity_is_its_formula():
    stack = np.array([500, 800, 600, 300, 100, 50], np.int32).reshape(6, 1, 1)
    table = feature_table(stack, np.ones((1, 1), bool), QUANTITIES)[:, 0, 0]
    said = dict(zip(QUANTITIES, table.tolist(), strict=True))
    assert said["mndwi"] == round(1e4 * 700 / 900)
    assert said["ndvi"] == round(-1e4 * 300 / 900)
    assert said["awei_sh"] == pytest.approx(500 + 2.5 * 800 - 1.5 * (300 + 100) - 0.25 * 50, abs=1)
    assert said["awei_nsh"] == pytest.approx(4 * (800 - 100) - (0.25 * 300 + 2.75 * 50), abs=1)
    assert said["bright"] == 2350 // 6
    assert said["wet"] == 10_000
    assert halo_px(["nir", "nir_sd9", "wet_mean31"]) == 15
    for name in ("thermal", "nir_mean4", "nir_max3", "nir_mean9999"):
        with pytest.raises(ModelError, match=r"no feature|must be odd"):
            halo_px([name])


def test_floats_are_reflectance_and_integers_are_of_1e_4():
    bands, _ = scene(40, 40)
    whole, _ = to_integers(bands)
    single, _ = to_integers({k: (v * 1e-4).astype(np.float32) for k, v in bands.items()})
    assert np.array_equal(whole, single)


def test_wrong_input_names_the_likely_cause():
    bands, _ = scene(30, 30)
    with pytest.raises(ModelError, match="bands missing: swir2"):
        predict_bands({k: v for k, v in bands.items() if k != "swir2"})
    with pytest.raises(ModelError, match="digital numbers passed as reflectance"):
        predict_bands({k: v.astype(float) for k, v in bands.items()})
    with pytest.raises(ModelError, match="an offset applied twice"):
        predict_bands({k: v - 2500 for k, v in bands.items()})
    with pytest.raises(ModelError, match="expected two dimensions"):
        predict_bands({**bands, "nir": bands["nir"][:-1]})
    with pytest.raises(ModelError, match="nothing is left to answer"):
        predict_bands(bands, halo=(15, 15, 0, 0))


def test_the_answer_has_three_values_and_clouds_are_never_dry():
    bands, lake = scene(80, 90)
    valid = np.ones(lake.shape, bool)
    valid[20:40, 30:60] = False
    odd = {k: v.astype(np.float32) * np.float32(1e-4) for k, v in bands.items()}
    odd["red"][5, 5] = np.nan
    found = predict_bands(odd, valid)
    classes = found.classes()
    assert set(np.unique(classes)) == {DRY, WATER, UNSEEN}
    assert np.all(classes[20:40, 30:60] == UNSEEN)
    assert classes[5, 5] == UNSEEN
    assert np.all(found.probability[~found.seen] == -1.0)
    assert np.isfinite(found.probability).all()
    seen = found.seen
    assert np.mean((classes == WATER)[seen] == lake[seen]) > 0.97
    nothing = predict_bands(bands, np.zeros(lake.shape, bool))
    assert np.all(nothing.classes() == UNSEEN)


def test_what_is_not_seen_changes_nothing_else():
    bands, lake = scene(60, 60)
    valid = np.ones(lake.shape, bool)
    valid[25:35, 25:35] = False
    bright = {k: np.where(valid, v, 9000).astype(np.int16) for k, v in bands.items()}
    assert np.array_equal(predict_bands(bands, valid).probability, predict_bands(bright, valid).probability)


@pytest.mark.parametrize("block", [1, 17, 40, 128, 333])
def test_blocks_with_halo_are_the_whole_scene_to_the_bit(block):
    bands, lake = scene(150, 110)
    valid = np.random.default_rng(3).random(lake.shape) < 0.95
    whole = predict_bands(bands, valid).probability
    halo, out = model_halo_px(), np.empty_like(whole)
    rows, cols = lake.shape
    for r in range(0, rows, block):
        top, end = min(halo, r), min(r + block, rows)
        bottom = min(halo, rows - end)
        for c in range(0, cols, 64):
            left, stop = min(halo, c), min(c + 64, cols)
            right = min(halo, cols - stop)
            part = (slice(r - top, end + bottom), slice(c - left, stop + right))
            said = predict_bands(
                {k: v[part] for k, v in bands.items()}, valid[part], halo=(top, bottom, left, right)
            )
            out[r:end, c:stop] = said.probability
        if block == 1 and r > 20:
            whole = whole[: r + 1]
            out = out[: r + 1]
            break
    assert np.array_equal(out, whole)


def test_features_and_bands_give_the_same_probability():
    bands, lake = scene(50, 70)
    stack, seen = to_integers(bands)
    table = feature_table(stack, seen, shipped_forest().features)
    rows = table.reshape(len(table), -1).T
    assert np.array_equal(predict(rows).reshape(lake.shape), predict_bands(bands).probability)


def test_stability_index_of_a_worked_example():
    assert stability_index([0.2, 0.3, 0.5], [0.2, 0.3, 0.5]) == 0.0
    expected = 0.1 * np.log(0.3 / 0.2) - 0.1 * np.log(0.4 / 0.5)
    assert stability_index([20, 30, 50], [30, 30, 40]) == pytest.approx(expected)
    assert np.isfinite(stability_index([1, 0], [0, 1]))


def test_drift_catches_offsets_and_swapped_bands_in_large_scenes():
    support = shipped_model_card()["inputs"]["support"]
    bands, _ = scene(600, 600)
    assert refuse_drift(drifts(bands)) == refuse_drift(drifts(bands, None, support)) == []
    offset = {k: v + np.int16(1000) for k, v in bands.items()}
    swapped = {**bands, "blue": bands["red"], "red": bands["blue"]}
    for wrong in (offset, swapped):
        found = drifts(wrong, None, support)
        with pytest.raises(DriftError, match="check band order, scale and offset"):
            refuse_drift(found)
        assert all(d.index > LIMIT for d in refuse_drift(found, forced=True))
    assert drifts(bands, np.zeros((600, 600), bool), support) == []
