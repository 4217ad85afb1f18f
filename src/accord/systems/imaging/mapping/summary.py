"""The one page that a duty officer reads: what was seen, how much, how many, how sure, and what did not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.mapping.finish import Finished
from accord.systems.imaging.mapping.request import Request
from accord.systems.imaging.methods.calibration import curves
from accord.systems.imaging.products.accuracy import Estimate, read_sample, stratified_area
from accord.systems.imaging.products.extent import Range
from accord.systems.imaging.scene.grid import Grid
from accord.systems.imaging.scene.model import Advice, Note, Scene, Unseen
from accord.systems.imaging.scene.work import Work

__all__ = ["Summary", "heads_text", "km2_text", "lines", "summed"]

_ADVICE = {
    Advice.DISAGREE: "members split",
    Advice.POLARISATION: "VV and VH differ (wind, sand, tarmac)",
    Advice.STEEP: "slope above 5 deg",
    Advice.LOOKALIKE: "dark already before",
    Advice.VEGETATION: "VV rose (flooded vegetation?)",
    Advice.NEAR_CLOUD: "beside cloud",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run says of one scene; areas in km2, None where the scene does not say where it lies; shares 0..1.

    Attributes
    ----------
    subject : str
        "flood" where reference water was taken off, else "water"; "burn", "landslide".
    mapped_px, seen_px : int
    mapped_km2, seen_km2, reference_km2, dropped_km2 : float or None
    area_km2, people : Range
        P10, P50, P90; `people` is None where not counted.
    area_method : str
    estimate : Estimate or None
        From the reference sample.
    unseen : dict of str to float
        Share of the footprint by reason, no data left out.
    no_data : float
        Share of the frame.
    model : str
        Of the learned model: "absent", "used", "refused" (the scene is unlike its training) or "forced".
    advice, classes : dict of str to float
        Share of seen ground; of seen land by class of severity.
    """

    scene: Scene
    subject: str
    mapped_px: int
    seen_px: int
    mapped_km2: float | None
    seen_km2: float | None
    reference_km2: float | None
    area_km2: Range | None
    area_method: str
    people: Range | None
    mean_likelihood: float
    unseen: dict[str, float]
    no_data: float
    advice: dict[str, float]
    patches: int
    dropped_km2: float | None
    ran: dict[str, str]
    absent: dict[str, str]
    notes: tuple[Note, ...]
    estimate: Estimate | None = None
    drift: tuple[Mapping[str, Any], ...] = ()
    model: str = "absent"
    classes: Mapping[str, float] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def unseen_share(self) -> float:
        """Share of the footprint that was not seen."""
        return sum(self.unseen.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        taken = self.scene.taken
        people = (
            None
            if self.people is None
            else {"p10": self.people.p10, "p50": self.people.p50, "p90": self.people.p90}
        )
        area = self.area_km2
        return {
            "scene": self.scene.id,
            "subject": self.subject,
            "platform": self.scene.platform,
            "taken": taken.isoformat() if taken else None,
            "relative_orbit": self.scene.orbit,
            "mapped_px": self.mapped_px,
            "seen_px": self.seen_px,
            "mapped_km2": self.mapped_km2,
            "area_km2": None
            if area is None
            else {"p10": area.p10, "p50": area.p50, "p90": area.p90, "method": self.area_method},
            "people": people,
            "mean_likelihood": self.mean_likelihood,
            "seen_km2": self.seen_km2,
            "reference_water_km2": self.reference_km2,
            "unseen_share": self.unseen_share,
            "unseen": self.unseen,
            "no_data_share_of_frame": self.no_data,
            "advice_share_of_seen": self.advice,
            "patches": self.patches,
            "dropped_small_patches_km2": self.dropped_km2,
            "members_ran": self.ran,
            "members_absent": self.absent,
            "severity_share_of_seen_land": dict(self.classes),
            "model": self.model,
            "model_drift": [dict(row) for row in self.drift],
            "notes": [{"level": n.level, "code": n.code, "text": n.text} for n in self.notes],
            "files": {key: path.name for key, path in self.files.items()},
        }


def summed(
    scene: Scene,
    grid: Grid,
    subject: str,
    done: Finished,
    members: tuple[Mapping[str, str], Mapping[str, str]],
    notes: list[Note],
    work: Work,
    request: Request,
) -> Summary:
    """Turn sums over pixels into areas on the ellipsoid, with intervals.

    Raises
    ------
    AccordError
        When the reference sample cannot be used.
    """
    extent = _extent(grid, done, work, request) if grid.placed else _UNPLACED
    frame = grid.width * grid.height
    nodata = done.reasons.get(int(Unseen.NODATA), 0) + done.reasons.get(int(Unseen.BORDER), 0)
    inside = max(frame - nodata, 1)
    unseen = {
        Unseen(k).words: n / inside
        for k, n in done.reasons.items()
        if k not in (Unseen.NODATA, Unseen.BORDER)
    }
    seen = max(inside - sum(n for k, n in done.reasons.items() if k not in (Unseen.NODATA, Unseen.BORDER)), 1)
    mapped = max(int(done.pixels.sum()), 1)
    return Summary(
        scene=scene,
        subject=subject,
        mapped_px=int(done.pixels.sum()),
        seen_px=seen,
        mapped_km2=extent.mapped_km2,
        seen_km2=extent.seen_km2,
        reference_km2=extent.reference_km2,
        area_km2=extent.area_km2,
        area_method=extent.method,
        people=extent.people,
        mean_likelihood=float((done.mean_likelihood * done.pixels).sum() / mapped),
        unseen=unseen,
        no_data=nodata / frame,
        advice={
            words: done.advice[int(bit)] / seen for bit, words in _ADVICE.items() if done.advice.get(int(bit))
        },
        patches=len(done.polygons),
        dropped_km2=extent.dropped_km2,
        ran=dict(members[0]),
        absent=dict(members[1]),
        notes=tuple(notes),
        estimate=extent.estimate,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """Areas of a scene that says where it lies."""

    mapped_km2: float | None = None
    seen_km2: float | None = None
    reference_km2: float | None = None
    dropped_km2: float | None = None
    area_km2: Range | None = None
    method: str = "not stated: the scene has no reference system"
    people: Range | None = None
    estimate: Estimate | None = None


_UNPLACED = _Extent()


def _extent(grid: Grid, done: Finished, work: Work, request: Request) -> _Extent:
    area = grid.block_area_m2(done.blocks.size)
    ground = (done.blocks.counts * area[..., None]).sum(axis=(0, 1)) / 1e6
    draws, heads = done.blocks.draws(area, float(curves()["scene_sd"]), request.seed)
    reach, method = Range.of(draws / 1e6), "correlated likelihood field, no reference sample"
    estimate = None
    if request.sample is not None:
        estimate = _from_sample(request, grid, work, ground)
        middle, error = float(estimate.area[1]), float(estimate.margin[1]) / 1.96
        reach = Range(max(middle - 1.2816 * error, 0.0), middle, middle + 1.2816 * error)
        method = "stratified estimator of the reference sample (Olofsson et al. 2014)"
    return _Extent(
        mapped_km2=float(ground[1]),
        seen_km2=float(ground[:3].sum()),
        reference_km2=float(ground[2]),
        dropped_km2=done.dropped * float(np.mean(area)) / 1e6,
        area_km2=reach,
        method=method,
        people=None if heads is None else Range.of(heads),
        estimate=estimate,
    )


def _from_sample(request: Request, grid: Grid, work: Work, ground_km2: NDArray[np.float64]) -> Estimate:
    from rasterio.warp import transform

    from accord.errors import FileError

    assert request.sample is not None
    sample = read_sample(request.sample)
    x, y = (np.array(v) for v in transform("EPSG:4326", grid.crs, sample[:, 0], sample[:, 1]))
    a, b, c, d, e, f = grid.transform
    det = a * e - b * d
    column = np.floor((e * (x - c) - b * (y - f)) / det).astype(int)
    row = np.floor((a * (y - f) - d * (x - c)) / det).astype(int)
    inside = (column >= 0) & (column < grid.width) & (row >= 0) & (row < grid.height)
    if not inside.any():
        raise FileError(
            f"{request.sample}: none of {len(sample)} units lies in the scene (are lon and lat swapped?)"
        )
    layer = np.memmap(work.path("final"), np.uint8, "r", shape=(grid.height, grid.width))
    state = layer[row[inside], column[inside]]
    counts = np.zeros((2, 2))
    usable = state <= 1
    np.add.at(counts, (state[usable], sample[inside][usable, 2].astype(int)), 1)
    return stratified_area(counts, ground_km2[:2])


def lines(summary: Summary) -> list[str]:
    """Return the summary as lines of text."""
    s, word = (
        summary,
        {"flood": "flood", "water": "water", "burn": "burnt", "landslide": "slides"}[summary.subject],
    )
    taken = s.scene.taken.strftime("%Y-%m-%d %H:%M UTC") if s.scene.taken else "date unknown"
    about = ", ".join(
        part
        for part in (s.scene.platform, taken, f"relative orbit {s.scene.orbit}" if s.scene.orbit else "")
        if part
    )
    out = [s.scene.id, f"  {about}"]
    out.append(f"  {word:9} {_reach(s)} in {s.patches} patches, mean likelihood {s.mean_likelihood:.2f}")
    if s.people is None:
        out.append("  people    not counted: no population given (--people)")
    else:
        out.append(
            "  people    {1} exposed, 80 % interval {0} to {2}".format(
                *(heads_text(v) for v in (s.people.p10, s.people.p50, s.people.p90))
            )
        )
    why = ", ".join(f"{words} {100 * share:.1f} %" for words, share in s.unseen.items() if share >= 0.0005)
    out.append(f"  unseen    {100 * s.unseen_share:.1f} % of the footprint" + (f" ({why})" if why else ""))
    if s.no_data > 0.0:
        out.append(f"            {100 * s.no_data:.1f} % of the frame holds no data")
    if s.subject == "water":
        out.append("  note      water, not flood: lakes and rivers are in it (give --water or --before)")
    elif s.reference_km2:
        what = "reference water taken off" if s.subject == "flood" else "water set apart"
        out.append(f"  reference {km2_text(s.reference_km2)} km2 of {what}")
    how = "severity" if s.subject == "burn" else "loss"
    out += [f"  {how:9} {100 * share:.1f} % {name}" for name, share in s.classes.items() if share >= 0.0005]
    out += [f"  ran       {words}" for words in s.ran.values()]
    out += [f"  did not   {name}: {why}" for name, why in s.absent.items()]
    look = ", ".join(f"{words} {100 * share:.0f} %" for words, share in s.advice.items() if share >= 0.005)
    if look:
        out.append(f"  look at   {look} of the seen ground")
    out += [f"  {'warning' if n.level == 'warning' else 'note':9} {n.text}" for n in s.notes]
    return out


def _reach(s: Summary) -> str:
    if s.area_km2 is None or s.mapped_km2 is None:
        share = 100.0 * s.mapped_px / s.seen_px
        return f"area not stated; {s.mapped_px} of {s.seen_px} seen pixels ({share:.1f} %) mapped"
    low, middle, high = (km2_text(v) for v in (s.area_km2.p10, s.area_km2.p50, s.area_km2.p90))
    return f"{middle} km2, 80 % interval {low} to {high}; {km2_text(s.mapped_km2)} mapped"


def km2_text(value: float) -> str:
    """Return an area [km2] with as many digits as it carries."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def heads_text(value: float) -> str:
    """Round to two figures: no population grid carries more."""
    if value < 10:
        return f"{value:.0f}"
    power = 10 ** (len(str(int(value))) - 2)
    return f"{round(value / power) * power:,.0f}".replace(",", " ")
