"""Published cases of the learned map and of learning across sites."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from accord.systems.imaging.federated.averaging import Plan, Site, average, gradient, initial_weights, shapes
from accord.systems.imaging.federated.egress import Egress
from accord.systems.imaging.learned.chips import brighter_green, read_chips
from accord.systems.imaging.learned.scores import chip_counts, iou

__all__ = ["central_step", "integer_rule"]


def integer_rule(*, data: Path) -> dict[str, float]:
    """Return the counts and overlap of "green above SWIR1" on labelled chips."""
    chips = read_chips(data)
    counts = chip_counts(brighter_green(chips), chips.water, chips.valid)
    tp, fp, fn, tn = counts.sum(axis=0).tolist()
    return {"tp": tp, "fp": fp, "fn": fn, "tn": tn, "iou": iou(counts)}


def central_step(rows: list[int], features: int, hidden: int) -> dict[str, float]:
    """Return the largest difference between a round of FedAvg with one full-batch step and a central step."""
    random = np.random.default_rng(5)
    x = random.normal(size=(sum(rows), features))
    water = x[:, 0] + 0.3 * random.normal(size=len(x)) > 0.2
    plan = Plan(rounds=1)
    start = initial_weights(features, hidden, 1)
    cuts = np.cumsum([0, *rows])
    allowed = shapes(features, hidden)
    sites = [
        Site(x[a:b], water[a:b], Egress(f"site {k}", allowed))
        for k, (a, b) in enumerate(pairwise(cuts.tolist()))
    ]
    joint = average(sites, start, plan)
    slope = gradient(start, x, water.astype(np.float64))
    apart = [float(np.max(np.abs(joint[n] - (start[n] - plan.rate * slope[n])))) for n in start]
    return {"largest_difference": max(apart)}
