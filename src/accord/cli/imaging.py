"""``accord imaging train|train-network|score|leaks|federate|card|accuracy``: the learned map, trainers and papers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

__all__ = ["command"]

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
_CHIPS = click.argument("chips", type=click.Path(path_type=Path))
_LAYOUT = click.option("--layout", default="hls12", show_default=True, help="Layers of the chips.")


@click.group("imaging")
def command() -> None:
    """Train and score the learned flood map; find leaks between chips; check cards; read announced accuracies."""


@command.command("leaks")
@_CHIPS
@_LAYOUT
@_JSON
def leaks_(chips: Path, layout: str, as_json: bool) -> None:
    """Find the CHIPS (folder or zip) that share pixels or show the same place, and the groups these make."""
    from accord.cli.output import emit
    from accord.systems.imaging.learned.chips import read_chips
    from accord.systems.imaging.learned.leaks import Pair, find_leaks

    read = read_chips(chips, layout)
    found = find_leaks(read)

    def rows(pairs: tuple[Pair, ...]) -> list[dict[str, Any]]:
        return [{**asdict(p), "first": read.names[p.first], "second": read.names[p.second]} for p in pairs]

    if as_json:
        groups: dict[int, list[str]] = {}
        for name, number in zip(read.names, found.group.tolist(), strict=True):
            groups.setdefault(number, []).append(name)
        body = {"pixels": rows(found.pixels), "places": rows(found.places), "groups": list(groups.values())}
        emit("accord/leaks/1", body)
        return
    click.echo(
        f"{len(read)} chips: {len(found.pixels)} pairs share pixels, {len(found.places)} show the same place"
    )
    click.echo(f"{found.groups} independent groups; a split of single chips or pixels leaks")


@command.command("score")
@_CHIPS
@click.option("--model", type=click.Path(path_type=Path), help="Trees of your own; the shipped ones without.")
@_LAYOUT
@_JSON
def score(chips: Path, model: Path | None, layout: str, as_json: bool) -> None:
    """Score a model on labelled CHIPS that it was not trained on."""
    from accord.cli.output import emit
    from accord.systems.imaging.learned.account import score_chips
    from accord.systems.imaging.learned.chips import read_chips
    from accord.systems.imaging.learned.forest import read_forest
    from accord.systems.imaging.learned.leaks import find_leaks

    read = read_chips(chips, layout)
    body = score_chips(read, find_leaks(read), read_forest(model) if model else None)
    if as_json:
        emit("accord/imaging-score/1", body)
        return
    _print_scores(body)


def _print_scores(body: dict[str, Any]) -> None:
    def shown(x: dict[str, float]) -> str:
        return f"{x['value']:.4f} ({x['low']:.4f} to {x['high']:.4f})"

    click.echo(
        f"{body['chips']} chips in {body['groups']} independent groups; 95 % intervals resample groups"
    )
    click.echo(f"IoU, pooled          {shown(body['iou'])}")
    click.echo(
        f"IoU, mean of chips   {body['mean_iou']['value']:.4f} over {body['mean_iou']['over_chips']} chips"
    )
    click.echo(f"F1                   {body['f1']:.4f}")
    click.echo(f"Brier score          {body['brier']:.4f}")
    click.echo(f"calibration error    {body['calibration_error']:.4f}")
    for key, title in (("fmask_water_bit", "Fmask water bit"), ("green_above_swir1", "green > SWIR1")):
        if key in body:
            click.echo(f"{title:20} {body[key]['iou']:.4f}, ours better by {shown(body[key]['difference'])}")


@command.command("train")
@_CHIPS
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder for trees and card."
)
@click.option("--recipe", "recipe_path", type=click.Path(path_type=Path), help="The shipped one without.")
@click.option("--date", default="", help="Date of the card, YYYY-MM-DD; today without.")
def train_(chips: Path, out: Path, recipe_path: Path | None, date: str) -> None:
    """Train on labelled CHIPS: trees, and a card with grouped, held-out and leaky scores."""
    import time
    from importlib.resources import as_file, files

    from accord.systems.imaging.learned.chips import read_chips
    from accord.systems.imaging.learned.leaks import find_leaks
    from accord.systems.imaging.learned.release import release
    from accord.systems.imaging.learned.train import read_recipe, train

    def told(line: str) -> None:
        click.echo(line, err=True)

    recipe = read_recipe(recipe_path)
    read = read_chips(chips, recipe.layout)
    found = find_leaks(read)
    trained = train(read, found, recipe, told=told)
    with as_file(files("accord.systems.imaging.learned") / "data" / "recipe.yaml") as shipped:
        day = date or time.strftime("%Y-%m-%d")
        card = release(read, found, trained, recipe, recipe_path or shipped, out, date=day)
    _print_scores(card["evaluation"]["grouped_folds"])
    click.echo(f"random split, leaky  {card['evaluation']['random_split_leaky']['iou']:.4f}")
    click.echo(f"held-out groups      {card['evaluation']['held_out_groups']['iou']['value']:.4f}")
    click.echo(f"wrote {out}")


@command.command("train-network")
@_CHIPS
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder for network and card."
)
@click.option("--recipe", "recipe_path", type=click.Path(path_type=Path), help="The package's own without.")
@click.option("--date", default="", help="Date of the card, YYYY-MM-DD; today without.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64))
def train_network_(chips: Path, out: Path, recipe_path: Path | None, date: str, threads: int) -> None:
    """Train a small network on labelled CHIPS and score it beside the trees on the same grouped folds."""
    import time
    from importlib.resources import files

    from accord.systems.imaging.learned.chips import read_chips
    from accord.systems.imaging.learned.leaks import find_leaks
    from accord.systems.imaging.learned.network.release import release_network
    from accord.systems.imaging.learned.network.train import read_network_recipe, train_network
    from accord.systems.imaging.learned.train import chip_features, cross_scores, read_recipe

    def told(line: str) -> None:
        click.echo(line, err=True)

    recipe, trees = read_network_recipe(recipe_path), read_recipe()
    read = read_chips(chips, recipe.layout)
    found = find_leaks(read)
    trained = train_network(read, found, recipe, threads=threads, told=told)
    told("the trees, on the same folds")
    table = chip_features(read, trees.features)
    beside = cross_scores(table, read, found.group, trained.fold, trees, told=told)
    source = recipe_path or files("accord.systems.imaging.learned") / "data" / "network_recipe.yaml"
    text, day = source.read_text(encoding="utf-8"), date or time.strftime("%Y-%m-%d")
    card = release_network(read, found, trained, recipe, text, beside, out, date=day)
    scores = card["evaluation"]["grouped_folds"]
    _print_scores(scores)
    gap = scores["trees"]["difference"]
    click.echo(
        f"trees                {scores['trees']['iou']:.4f}, network better by {gap['value']:.4f} "
        f"({gap['low']:.4f} to {gap['high']:.4f})"
    )
    click.echo(f"wrote {out}")


@command.command("federate")
@_CHIPS
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder for trees and egress logs."
)
@click.option("--sites", default=2, show_default=True, type=click.IntRange(2, 20))
@click.option("--trees", default=30, show_default=True, type=click.IntRange(1, 500))
@_LAYOUT
@_JSON
def federate(chips: Path, out: Path, sites: int, trees: int, layout: str, as_json: bool) -> None:
    """Share CHIPS out to sites, learn one map while no pixel leaves its site, and say what did leave."""
    from accord.cli.output import emit
    from accord.systems.imaging.federated.demonstration import learn_together
    from accord.systems.imaging.learned.chips import read_chips
    from accord.systems.imaging.learned.forest import write_forest
    from accord.systems.imaging.learned.leaks import find_leaks
    from accord.systems.imaging.learned.train import read_recipe

    read = read_chips(chips, layout)

    def told(line: str) -> None:
        click.echo(line, err=True)

    found = learn_together(
        read, find_leaks(read), read_recipe().features, sites=sites, trees=trees, logs=out, told=told
    )
    write_forest(found.forest, out / "joint_trees.json")
    if as_json:
        body = {k: v for k, v in asdict(found).items() if k != "forest"}
        emit("accord/federate/1", body)
        return
    same = "the very trees" if found.same_as_central else "NOT the trees"
    click.echo(f"{same} of central training on all rows")
    click.echo(
        f"IoU on groups no site held  {found.iou.value:.4f} ({found.iou.low:.4f} to {found.iou.high:.4f})"
    )
    for k in range(sites):
        click.echo(
            f"site {k + 1}: {found.rows[k]} rows ({found.kept_bytes[k] / 1e6:.1f} MB) stayed, "
            f"{found.left_bytes[k] / 1e6:.1f} MB of masked sums left; alone it reaches {found.alone[k].value:.4f}"
        )
    click.echo(f"wrote {out}")


@command.command("card")
@click.argument("cards", nargs=-1, type=click.Path(path_type=Path))
@_JSON
def card_(cards: tuple[Path, ...], as_json: bool) -> None:
    """Check model and dataset CARDS, those that come with Accord where none is named; exit 1 when one fails."""
    from accord.cli.output import emit
    from accord.systems.imaging.learned.cards import check_card, shipped_cards

    paths = list(cards) or shipped_cards()
    found = {str(path): check_card(path) for path in paths}
    if as_json:
        emit("accord/cards/1", {"cards": found})
    else:
        for path, lines in found.items():
            click.echo(f"{'fails' if lines else 'passes'}  {path}")
            for line in lines:
                click.echo(f"  {line}")
    if any(found.values()):
        raise SystemExit(1)


@command.command("accuracy")
@click.argument("claimed")
@click.option(
    "--counts", default="", help="Hits, false alarms, misses and dry pixels: 42251,9338,27784,182672."
)
@click.option("--water-share", type=float, help="Share of the ground under water, where no counts are known.")
@_JSON
def accuracy(claimed: str, counts: str, water_share: float | None, as_json: bool) -> None:
    """Recompute what a CLAIMED accuracy (95% or 0.95) says of a water map, or refuse it; exit 1 when refused."""
    from accord.cli.output import emit
    from accord.errors import ModelError
    from accord.systems.imaging.claims import read_accuracy

    try:
        share = float(claimed.strip().removesuffix("%")) / (100.0 if claimed.strip().endswith("%") else 1.0)
        numbers = tuple(int(part) for part in counts.split(",")) if counts else None
    except ValueError:
        raise ModelError(f"{claimed} {counts}: expected an accuracy such as 95% and whole counts") from None
    found = read_accuracy(share, counts=numbers, water_share=water_share)
    if as_json:
        emit("accord/accuracy/1", asdict(found))
    else:
        click.echo(found.text)
    if found.refused:
        raise SystemExit(1)
