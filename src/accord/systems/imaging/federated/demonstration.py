"""Two or more sites learn one water map from labelled chips that none of them gives away, beside central training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.federated.boosting import BoostPlan, BoostSite, boost
from accord.systems.imaging.federated.egress import Egress, write_log
from accord.systems.imaging.learned.chips import Chips
from accord.systems.imaging.learned.features import public_range
from accord.systems.imaging.learned.folds import group_folds, held_out
from accord.systems.imaging.learned.forest import Forest
from accord.systems.imaging.learned.leaks import Leaks
from accord.systems.imaging.learned.scores import Interval, chip_counts, iou_interval
from accord.systems.imaging.learned.train import chip_features

__all__ = ["Joint", "learn_together"]

_SHARE, _SEED = 0.2, 20260101


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """What came of it.

    Attributes
    ----------
    forest : Forest
    same_as_central : bool
        Whether one site with all rows grows the very same trees.
    iou : Interval
        On groups that no site held.
    alone : tuple of Interval
        The same of what each site learns by itself.
    rows : tuple of int
        Rows that each site held and kept.
    kept_bytes, left_bytes : tuple of int
        Size of those rows, and of all that left each site.
    """

    forest: Forest
    same_as_central: bool
    iou: Interval
    alone: tuple[Interval, ...]
    rows: tuple[int, ...]
    kept_bytes: tuple[int, ...]
    left_bytes: tuple[int, ...]


def learn_together(
    chips: Chips,
    leaks: Leaks,
    names: tuple[str, ...],
    *,
    sites: int = 2,
    trees: int = 30,
    every_pixel: int = 16,
    logs: Path | None = None,
    told: Callable[[str], None] = print,
) -> Joint:
    """Share the groups of chips out to sites, learn without moving a pixel, and score on groups set aside.

    Parameters
    ----------
    chips, leaks
        Whole groups go to one site, so that no two sites hold the same place.
    names : tuple of str
        Features.
    sites, trees : int
    every_pixel : int
        One pixel in so many is learnt from.
    logs : Path, optional
        Folder for the sites' egress logs.
    told : callable

    Raises
    ------
    ModelError
        When there are fewer than two sites or too few groups.
    """
    if sites < 2:
        raise ModelError(f"{sites} sites: learning together takes two at least")
    plan = BoostPlan(ranges={name: public_range(name) for name in names}, trees=trees, depth=5, bins=64)
    aside = held_out(leaks.group, _SHARE, _SEED)
    owner = np.full(len(chips), -1, dtype=np.int64)
    owner[~aside] = group_folds(leaks.group[~aside], sites)
    table = chip_features(chips, names)

    def party(name: str, chosen: NDArray[np.bool_]) -> BoostSite:
        return _party(name, table, chips, chosen, plan, every_pixel)

    def scored(forest: Forest) -> Interval:
        return _scored(forest, table, chips, aside, leaks.group)

    parties = [party(f"site {k + 1}", owner == k) for k in range(sites)]
    forest = boost(parties, plan)
    told(f"{trees} trees over {sites} sites")
    for site in parties:
        if logs is not None:
            logs.mkdir(parents=True, exist_ok=True)
            write_log(site.egress, logs / f"{site.egress.site.replace(' ', '-')}.jsonl")
    central = boost([party("all", ~aside)], plan)
    told("the same from all rows at one place")
    alone = [scored(boost([party(f"alone {k + 1}", owner == k)], plan)) for k in range(sites)]
    told("each site by itself")
    rows = tuple(site.rows for site in parties)
    return Joint(
        forest=forest,
        same_as_central=forest == central,
        iou=scored(forest),
        alone=tuple(alone),
        rows=rows,
        kept_bytes=tuple(4 * n * len(names) for n in rows),
        left_bytes=tuple(sum(line.size_bytes for line in site.egress.log) for site in parties),
    )


def _party(
    name: str,
    table: NDArray[np.float32],
    chips: Chips,
    chosen: NDArray[np.bool_],
    plan: BoostPlan,
    every_pixel: int,
) -> BoostSite:
    """Return a site that holds the chosen chips, one pixel in so many of each."""
    picked = np.arange(table.shape[1]) % every_pixel == 0
    keep = chips.valid.reshape(len(chips), -1) & picked & chosen[:, None]
    return BoostSite(
        table[keep], chips.water.reshape(len(chips), -1)[keep], plan, Egress(name, plan.tensors())
    )


def _scored(
    forest: Forest,
    table: NDArray[np.float32],
    chips: Chips,
    aside: NDArray[np.bool_],
    group: NDArray[np.int64],
) -> Interval:
    """Return the overlap on the chips set aside."""
    water = chips.water[aside]
    said = np.stack([forest.scores(table[k]) > 0.0 for k in np.flatnonzero(aside)]).reshape(water.shape)
    return iou_interval(chip_counts(said, water, chips.valid[aside]), group[aside])
