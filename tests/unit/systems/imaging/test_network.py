"""The network: its file, its windows without seams, its card, its place in the map."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from accord.errors import FileError, MissingExtraError, ModelError
from accord.systems.imaging.learned.cards import check_card, shipped_model_card
from accord.systems.imaging.learned.chips import SPECTRAL, Chips
from accord.systems.imaging.learned.leaks import Leaks
from accord.systems.imaging.learned.network.layers import CHANNELS, Network, made_network, shapes
from accord.systems.imaging.learned.network.model import NetworkModel, channels, read_network, session_of
from accord.systems.imaging.learned.network.train import read_network_recipe, train_network
from accord.systems.imaging.methods.optical import Known
from accord.tools.flood import Request, run

pytest.importorskip("onnxruntime", reason="the imaging extra is not installed")


def _run(network: Network, given: np.ndarray) -> np.ndarray:
    return session_of(network.onnx()).run(None, {"channels": given[None]})[0][0, 0]


def _conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | float, groups: int = 1) -> np.ndarray:
    """Convolve (channels, rows, columns) in plain words, zeros beyond the rim."""
    k = w.shape[2] // 2
    wide = np.pad(x, ((0, 0), (k, k), (k, k)))
    out = np.zeros((len(w), *x.shape[1:]))
    for o in range(len(w)):
        first = o if groups > 1 else 0
        for c in range(w.shape[1]):
            for i in range(w.shape[2]):
                for j in range(w.shape[3]):
                    out[o] += w[o, c, i, j] * wide[first + c, i : i + x.shape[1], j : j + x.shape[2]]
    return out + np.reshape(b, (-1, 1, 1))


def _by_hand(network: Network, x: np.ndarray) -> np.ndarray:
    w = network.weights

    def separable(name: str, x: np.ndarray) -> np.ndarray:
        narrow = _conv(x, w[f"{name}.d"], 0.0, groups=len(x))
        return np.maximum(_conv(narrow, w[f"{name}.p"], w[f"{name}.b"]), 0.0)

    kept = [np.maximum(_conv(x, w["stem.w"], w["stem.b"]), 0.0)]
    for k in range(1, len(network.widths)):
        c, rows, columns = kept[-1].shape
        pooled = kept[-1].reshape(c, rows // 2, 2, columns // 2, 2).mean(axis=(2, 4))
        kept.append(separable(f"down{k}b", separable(f"down{k}a", pooled)))
    x = kept.pop()
    for k in range(len(network.widths) - 2, -1, -1):
        x = separable(f"up{k}", np.concatenate([np.repeat(np.repeat(x, 2, 1), 2, 2), kept.pop()]))
    return 1.0 / (1.0 + np.exp(-_conv(x, w["head.p"], w["head.b"])[0]))


def test_the_file_computes_what_the_network_is() -> None:
    network = made_network((5, 6, 7), 3).scaled(0.7, -0.2)
    given = np.random.default_rng(1).standard_normal((CHANNELS, 16, 24)).astype(np.float32)
    found, plain = _run(network, given), _by_hand(network, given.astype(float))
    assert found == pytest.approx(plain, abs=2e-6)
    assert plain.std() > 0.05
    assert network.parameters == sum(int(np.prod(s)) for s in shapes((5, 6, 7)).values())


@pytest.mark.parametrize("widths", [(6, 8), (6, 8, 10), (8, 10, 12, 14)])
def test_a_window_with_its_halo_is_the_whole_scene(widths: tuple[int, ...]) -> None:
    network = made_network(widths, 5)
    step, halo = network.step, network.halo_px
    assert halo % step == 0
    given = np.random.default_rng(2).standard_normal((CHANNELS, 256, 256)).astype(np.float32)
    session = session_of(network.onnx())

    def window(top: int, left: int, rim: int) -> np.ndarray:
        size = 4 * step
        rows, columns = slice(top - rim, top + size + rim), slice(left - rim, left + size + rim)
        part = np.ascontiguousarray(given[:, rows, columns])
        out = session.run(None, {"channels": part[None]})[0][0, 0]
        return out[rim : rim + size, rim : rim + size]

    whole = session.run(None, {"channels": given[None]})[0][0, 0]
    for top in (96, 96 + step, 96 + 3 * step):
        part = (slice(top, top + 4 * step), slice(104, 104 + 4 * step))
        assert np.abs(window(top, 104, halo) - whole[part]).max() <= 1e-6
    part = (slice(96, 96 + 4 * step), slice(104, 104 + 4 * step))
    assert np.abs(window(96, 104, 0) - whole[part]).max() > 1e-3  # without one the seam shows


def test_channels_are_logarithms_ratios_and_what_was_seen() -> None:
    rng = np.random.default_rng(4)
    stack = rng.integers(1, 16_000, (6, 5, 7)).astype(np.int32)
    seen = rng.random((5, 7)) > 0.3
    found = channels(stack, seen, 8)
    assert found.shape == (CHANNELS, 8, 8)
    assert np.all(found[:, 5:] == 0.0)
    assert np.all(found[:, :5, :7][:, ~seen] == 0.0)
    b, g, r, n, s, t = stack[:, seen].astype(float)
    plain = [np.log(v) - 6.5 for v in (b, g, r, n, s, t)]
    plain += [1.5 * (x - y) / (x + y) for x, y in ((g, s), (n, r), (n, s), (g, n))]
    assert found[:10, :5, :7][:, seen] == pytest.approx(np.array(plain), abs=1e-5)
    assert np.all(found[10, :5, :7][seen] == 1.0)


def _card(folder: Path, network: Network, **changes: Any) -> Path:
    """Write a made network with a card whose scores are made as well."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "net.onnx").write_bytes(network.onnx())
    (folder / "recipe.yaml").write_text("made: true\n")

    def hashed(name: str) -> dict[str, str]:
        return {"file": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}

    known = shipped_model_card()
    scores = dict(known["evaluation"]["grouped_folds"])
    scores["trees"] = {"iou": 0.69, "difference": {"value": -0.01, "low": -0.02, "high": 0.01}}
    body = {
        **{key: known[key] for key in ("version", "date", "licence", "summary", "intended_use", "not_for")},
        **{key: known[key] for key in ("human_oversight", "limits", "outputs", "sources", "training")},
        "schema": "accord/network-card/1",
        "name": "made",
        "model": {**hashed("net.onnx"), "format": "onnx", "parameters": network.parameters, "threshold": 0.5},
        "recipe": hashed("recipe.yaml"),
        "inputs": {**known["inputs"], "halo_px": network.halo_px, "step_px": network.step},
        "evaluation": {"split": "grouped", "grouped_folds": scores},
        **changes,
    }
    (folder / "card.yaml").write_text(yaml.safe_dump(body), encoding="utf-8")
    return folder / "card.yaml"


def test_a_card_is_checked_before_its_network_runs(tmp_path: Path) -> None:
    network = made_network((4, 5, 6), 1)
    card = _card(tmp_path / "good", network)
    assert check_card(card) == []
    model = read_network(card)
    assert isinstance(model, Known)
    assert (model.halo_px, model.step) == (network.halo_px, 4)
    (tmp_path / "good" / "net.onnx").write_bytes(made_network((4, 5, 6), 2).onnx())
    with pytest.raises(ModelError, match="its sha256 differs"):
        read_network(card)
    with pytest.raises(ModelError, match="summary is missing"):
        read_network(_card(tmp_path / "bare", network, summary=""))
    random = {"split": "random", "grouped_folds": shipped_model_card()["evaluation"]["grouped_folds"]}
    with pytest.raises(ModelError, match=r"trees.difference is missing.*1 more"):
        read_network(_card(tmp_path / "random", network, evaluation=random))
    trees = tmp_path / "trees.yaml"
    trees.write_text(yaml.safe_dump(shipped_model_card()))
    with pytest.raises(ModelError, match="expected a card of a network"):
        read_network(trees)
    with pytest.raises(FileError, match="cannot be read"):
        read_network(tmp_path / "none.yaml")
    with pytest.raises(ModelError, match="network: cannot be read"):
        session_of(b"not a network")
    with pytest.raises(ModelError, match="two levels"):
        shapes((4,))


def test_a_network_maps_a_scene_without_seams(optical_scene, tmp_path: Path) -> None:
    import rasterio

    network = made_network((6, 8, 10, 12), 7)
    card = _card(tmp_path / "net", network)
    path, _ = optical_scene(rows=1300, columns=331)  # no multiple of a cell in either direction
    layers = []
    for rows in (512, 1536):
        out = tmp_path / str(rows)
        request = Request(scenes=(path,), out=out, network=card, force_model=True, rows=rows, pictures=False)
        (done,) = run(request, lambda *_: None)
        assert done.ran["model"] == "network made"
        with rasterio.open(done.files["likelihood"]) as source:
            layers.append(source.read(1))
    assert np.array_equal(*layers)
    record = json.loads(done.files["provenance"].read_text(encoding="utf-8"))
    assert "card.yaml" in {entry["prov:label"] for entry in record["entity"].values()}


def test_tiles_of_the_map_are_windows_of_the_whole(optical_scene, tmp_path: Path) -> None:
    from accord.systems.imaging.methods import optical
    from accord.systems.imaging.scene.grid import Strip
    from accord.systems.imaging.scene.open import opened_scenes
    from accord.systems.imaging.scene.reading import Reader
    from accord.systems.imaging.scene.stack import Hints

    network = made_network((6, 8, 10, 12), 7)
    model = NetworkModel(session_of(network.onnx()), network.step, network.halo_px)
    (scene,) = opened_scenes([optical_scene(rows=700, columns=1201)[0]], Hints(), tmp_path / "work")
    plan = optical.planned(scene, model)
    reader = Reader(scene)
    numbers, reason = reader.optical(plan.bands, Strip(0, 0, 700))
    stack = np.stack([optical.reflectance(scene, name, numbers[name]) for name in model.bands])
    whole = model.likelihood(stack, reason == 0)
    assert whole.std() > 0.01
    tiled = optical._learned(scene, plan, numbers, reason, slice(0, 700))
    assert np.abs(tiled - whole).max() <= 1e-6
    reader.close()


def _chips(count: int = 10) -> Chips:
    """Return chips of dark water and bright land, six bands."""
    rng = np.random.default_rng(6)
    y, x = np.mgrid[:32, :32]
    water = np.stack([np.hypot(y - r, x - c) < 9 for r, c in rng.uniform(4, 28, (count, 2))])
    land, wet = (
        np.array(v)[None, :, None, None]
        for v in ((500, 800, 900, 2500, 2200, 1400), (600, 700, 500, 300, 90, 60))
    )
    images = np.where(water[:, None], wet, land) * rng.uniform(0.8, 1.2, (count, 6, 32, 32))
    valid = rng.random(water.shape) > 0.02
    names = tuple(str(k) for k in range(count))
    return Chips(names=names, bands=SPECTRAL, images=images.astype(np.int16), water=water, valid=valid)


@pytest.mark.skipif(find_spec("torch") is None, reason="training a network needs PyTorch")
def test_what_was_trained_is_what_is_written() -> None:
    from dataclasses import replace

    from accord.systems.imaging.learned.network import train

    chips, leaks = _chips(), Leaks(pixels=(), places=(), group=np.arange(10))
    recipe = replace(read_network_recipe(), epochs=20, batch=2, folds=2, widths=(6, 8, 10))
    one, two = (train_network(chips, leaks, recipe, told=lambda _: None) for _ in range(2))
    assert all(np.array_equal(one.network.weights[k], two.network.weights[k]) for k in one.network.weights)
    assert np.mean(((one.grouped > 0) == chips.water)[chips.valid]) > 0.95
    torch = train._torch(2)
    module = train._built(torch, recipe.widths, 0.1).eval()
    given = train.chip_channels(chips, 4)[:1]
    score = train._scored(torch, module, given, (32, 32))[0]
    said = _run(train._folded(module, recipe.widths), given[0])
    assert said == pytest.approx(1.0 / (1.0 + np.exp(-score)), abs=1e-5)


def test_the_recipe_is_read_and_training_without_torch_is_told(tmp_path: Path) -> None:
    recipe = read_network_recipe()
    assert len(made_network(recipe.widths, 1).onnx()) < 100_000
    (tmp_path / "odd.yaml").write_text("layout: hls12\n")
    with pytest.raises(FileError, match="wrong or missing"):
        read_network_recipe(tmp_path / "odd.yaml")
    if find_spec("torch") is None:
        chips, leaks = _chips(), Leaks(pixels=(), places=(), group=np.arange(10))
        with pytest.raises(MissingExtraError, match="pip install torch"):
            train_network(chips, leaks, recipe)
