"""Water from backscatter: four members, their votes, and what to look at twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accord.systems.imaging.methods import bayes, change
from accord.systems.imaging.methods.bimodal import Split
from accord.systems.imaging.methods.calibration import curves, sigmoid
from accord.systems.imaging.methods.optical import Result
from accord.systems.imaging.methods.speckle import NODATA_CB
from accord.systems.imaging.methods.threshold import FIXED_DB
from accord.systems.imaging.scene.model import Advice, Unseen

__all__ = ["Harmonics", "Plan", "mapped", "planned"]

STEEP_DEG, ADVISE_DEG = 10.0, 5.0
_WORDS = {
    "fixed": "fixed threshold",
    "bimodal": "tiled bimodal threshold",
    "bayes": "Bayes with the seasonal record",
    "change": "drop against earlier scenes of the same orbit",
}


@dataclass(frozen=True, slots=True)
class Harmonics:
    """The seasonal record of a strip: coefficients (7, rows, columns), deviation and incidence (rows, columns)."""

    coefficients: NDArray[np.floating]
    deviation_db: NDArray[np.floating]
    incidence_deg: NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which members run on a radar scene.

    Attributes
    ----------
    lead : str
        Polarisation whose classes separate better, for the thresholds.
    split : Split or None
        Of the leading polarisation; None where tiles gave no threshold.
    earlier : int
        Earlier scenes of the same orbit.
    harmonics : bool
    ran, absent : dict of str to str
    """

    lead: str
    split: Split | None
    earlier: int
    harmonics: bool
    ran: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def dark_db(self) -> float:
        """Below it the leading polarisation reads as water: the scene's own threshold, or the fixed one."""
        if self.split is not None and self.split.mixture is not None:
            return self.split.mixture.threshold
        return FIXED_DB[self.lead]


def planned(splits: Mapping[str, Split], *, earlier: int, harmonics: bool) -> Plan:
    """Decide which members run.

    Parameters
    ----------
    splits : mapping of str to Split
        What the tiles said in each polarisation.
    earlier : int
    harmonics : bool
    """
    good = {name: s for name, s in splits.items() if s.mixture is not None}
    lead = max(good, key=lambda n: good[n].mixture.ashman_d) if good else ("vh" if "vh" in splits else "vv")  # type: ignore[union-attr]
    split = good.get(lead)
    ran = {"fixed": f"{_WORDS['fixed']}, {lead.upper()} < {FIXED_DB[lead]:g} dB"}
    absent = {}
    if split is not None and split.mixture is not None:
        ran["bimodal"] = (
            f"{_WORDS['bimodal']}, {lead.upper()} < {split.mixture.threshold:.1f} dB from {split.tiles} tiles, "
            f"separation {split.mixture.ashman_d:.1f}"
        )
    else:
        absent["bimodal"] = splits[lead].reason
    if harmonics:
        ran["bayes"] = _WORDS["bayes"]
    else:
        absent["bayes"] = (
            f"no seasonal record was given (--harmonics, from {bayes.LEAST_SCENES} or more scenes)"
        )
    if earlier:
        few = (
            ""
            if earlier >= change.USUAL_SCENES
            else f" ({earlier}: fewer than {change.USUAL_SCENES}, one odd day counts)"
        )
        ran["change"] = _WORDS["change"] + few
    else:
        absent["change"] = "no earlier scene of the same orbit was given (--before)"
    return Plan(lead, split, earlier, harmonics, ran, absent)


def _likely(name: str, score: NDArray[np.floating]) -> NDArray[np.float32]:
    curve = curves()["members"][name]
    return sigmoid(curve["intercept"] + curve["slope"] * score).astype(np.float32)


def _lookup(plan: Plan) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return likelihoods of the fixed and the tiled member for every value of an int16, from -32768 on."""
    value = np.arange(-32768, 32768) / 100.0
    fixed = _likely(plan.lead, FIXED_DB[plan.lead] - value)
    tiled = np.zeros_like(fixed)
    if plan.split is not None and plan.split.mixture is not None:
        tiled = plan.split.mixture.dark(value).astype(np.float32)
    return fixed, tiled


def mapped(
    plan: Plan,
    value_cb: Mapping[str, NDArray[np.int16]],
    reason: NDArray[np.uint8],
    grown: NDArray[np.bool_] | None,
    before_db: Mapping[str, NDArray[np.floating]] | None = None,
    harmonics: Harmonics | None = None,
    day_of_year: float = 1.0,
    slope_deg: NDArray[np.floating] | None = None,
) -> Result:
    """Map the water of a strip by consensus of at least two members, or of the one there is.

    Where two members run and differ, their mean likelihood decides.

    Parameters
    ----------
    plan : Plan
    value_cb : mapping of str to int16 array, (rows, columns)
        Filtered backscatter, hundredths of a decibel.
    reason : uint8 array, (rows, columns)
        Why pixels are unseen, so far.
    grown : bool array, (rows, columns), optional
        What the tiled member grew from its seeds.
    before_db : mapping of str to float array [dB], optional
        Median of earlier scenes, by polarisation.
    harmonics : Harmonics, optional
    day_of_year : float
    slope_deg : float array [deg], optional
    """
    lead = value_cb[plan.lead]
    index = lead.view(np.uint16) ^ np.uint16(0x8000)  # as a place in a table of every value
    advice = np.zeros(lead.shape, np.uint8)
    reason[(lead == NODATA_CB) & (reason == 0)] = Unseen.NODATA
    fixed, tiled = _lookup(plan)
    votes = (lead < round(100 * FIXED_DB[plan.lead])).astype(np.uint8)
    ran = np.ones(lead.shape, np.uint8)
    chance = fixed[index]
    if plan.split is not None and grown is not None:
        votes += grown
        ran += 1
        chance += tiled[index]
    if before_db is not None and plan.lead in before_db:
        _vote_change(plan, value_cb, before_db, votes, ran, chance, advice)
    if harmonics is not None and "vv" in value_cb:
        _vote_bayes(value_cb["vv"], harmonics, day_of_year, votes, ran, chance)
    chance /= ran
    if slope_deg is not None:
        steep = np.nan_to_num(slope_deg, nan=0.0)
        advice[steep > ADVISE_DEG] |= np.uint8(Advice.STEEP)
        reason[(steep > STEEP_DEG) & (reason == 0)] = Unseen.STEEP
    tie = (ran == 2) & (votes == 1)
    state = np.where(tie, chance >= 0.5, votes >= np.minimum(ran, 2)).astype(np.uint8)
    likelihood = np.clip(chance * 100.0 + 0.5, 0.0, 100.0).astype(np.uint8)
    agree = np.where(state == 1, votes, ran - votes).astype(np.uint16)
    agreement = ((100 * agree + ran // 2) // ran).astype(np.uint8)
    _advise_polarisation(plan, value_cb, state, advice)
    advice[(agreement < 67)] |= np.uint8(Advice.DISAGREE)
    gone = reason != 0
    for layer in (state, likelihood, agreement):
        layer[gone] = 255
    advice[gone] = 0
    return Result(state, likelihood, agreement, reason, advice)


def _advise_polarisation(
    plan: Plan, value_cb: Mapping[str, NDArray[np.int16]], state: NDArray[np.uint8], advice: NDArray[np.uint8]
) -> None:
    """Flag where the other polarisation contradicts: wind roughens water in VV, sand and tarmac are dark in both."""
    other = "vv" if plan.lead == "vh" else "vh"
    if other not in value_cb:
        return
    dark = value_cb[other] < round(100 * FIXED_DB[other])
    known = value_cb[other] != NODATA_CB
    advice[known & (dark != (state == 1))] |= np.uint8(Advice.POLARISATION)


def _vote_change(
    plan: Plan,
    value_cb: Mapping[str, NDArray[np.int16]],
    before_db: Mapping[str, NDArray[np.floating]],
    votes: NDArray[np.uint8],
    ran: NDArray[np.uint8],
    chance: NDArray[np.float32],
    advice: NDArray[np.uint8],
) -> None:
    before = before_db[plan.lead]
    drop = change.drop_db(value_cb[plan.lead].astype(np.float32) / 100.0, before)
    known = np.isfinite(drop) & (value_cb[plan.lead] != NODATA_CB)
    with np.errstate(invalid="ignore"):
        fell = known & (drop > change.DROP_DB)
        was_dark = known & (before < plan.dark_db)
    # what was dark before cannot fall further: there the member has nothing to say
    speaks = known & ~was_dark
    votes += (fell & speaks).astype(np.uint8)
    ran += speaks.astype(np.uint8)
    chance += np.where(speaks, _likely("change", np.nan_to_num(drop) - change.DROP_DB), np.float32(0.0))
    advice[was_dark] |= np.uint8(Advice.LOOKALIKE)
    if "vv" in before_db and "vv" in value_cb:
        rise = -change.drop_db(value_cb["vv"].astype(np.float32) / 100.0, before_db["vv"])
        with np.errstate(invalid="ignore"):
            advice[np.isfinite(rise) & (rise > change.RISE_DB)] |= np.uint8(Advice.VEGETATION)


def _vote_bayes(
    vv_cb: NDArray[np.int16],
    record: Harmonics,
    day_of_year: float,
    votes: NDArray[np.uint8],
    ran: NDArray[np.uint8],
    chance: NDArray[np.float32],
) -> None:
    value = vv_cb.astype(np.float64) / 100.0
    land = bayes.expected_db(record.coefficients, day_of_year)
    good = np.isfinite(land) & np.isfinite(record.deviation_db) & np.isfinite(record.incidence_deg)
    good &= (vv_cb != NODATA_CB) & (np.nan_to_num(record.deviation_db) > 0.0)
    arguments = (
        np.where(good, record.incidence_deg, 38.0),
        np.where(good, land, -10.0),
        np.where(good, record.deviation_db, 1.0),
        np.where(good, value, -10.0),
    )
    p = bayes.posterior(*arguments)
    speaks = good & bayes.usable(*arguments)
    votes += (speaks & (p > 0.5)).astype(np.uint8)
    ran += speaks.astype(np.uint8)
    chance += np.where(speaks, p, 0.0).astype(np.float32)
