"""Trade by three routes: what the claim implies, what a programme can be credited with, what the world answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.contract import Context, Port, System
from accord.errors import ModelError
from accord.systems.trade import attribution, routes
from accord.systems.trade.figures import figures
from accord.systems.trade.inputs import INPUTS, Design
from accord.systems.trade.leontief import economy_of, output_needed
from accord.systems.trade.outputs import OUTPUTS, labels
from accord.systems.trade.phase_in import effect
from accord.systems.trade.tables import read_flows, read_industries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["SYSTEM", "evaluate", "prepare"]

PORTS = {
    "delivered": Port(
        of="delivery.delivered_share_by_year",
        kind=float,
        doc="Share of the programme's deliverables that exist by the start and by the end of each year.",
        optional=True,
        fallback="the input delivered_share is used, as if all of it were there from the start",
    ),
}


def prepare(design: Design, context: Context) -> dict[str, Any]:
    """Return the tables beside the programme, as far as the design names them.

    Returns
    -------
    dict
        ``flow`` (regions x regions) and ``partners`` (their rows); ``value_added`` (regions of the input-output
        table): value added in each by a unit of the uplift, ``multiplier``: gross output for it.

    Raises
    ------
    ModelError
        When a table cannot be read or does not fit the design, or the claim lies before the horizon.
    """
    found: dict[str, Any] = {}
    start = context.horizon.start
    if design.claimed_by is not None and design.claimed_by <= start:
        raise ModelError(
            f"claimed_by ({design.claimed_by}): expected a date after the start of the horizon ({start})"
        )
    try:
        if design.flows is not None:
            design.check(context.folder)
            table = read_flows(context.folder / design.flows)
            found["flow"] = table.flow
            found["partners"] = [table.regions.index(name) for name in dict.fromkeys(design.between)]
        if design.production is not None:
            design.production.check(context.folder)
            found |= _made(design, context)
    except ValueError as error:
        raise ModelError(str(error)) from None
    return found


def _made(design: Design, context: Context) -> dict[str, Any]:
    production = design.production
    assert production is not None
    table = read_industries(context.folder / production.file)
    economy = economy_of(table.sales, table.output)
    demand = np.array([production.goods.get(name, 0.0) for name in table.names])
    needed = output_needed(economy, demand)
    place = np.array([production.origins.index(region) for region in table.regions])
    added = np.bincount(place, weights=economy.value_added * needed, minlength=len(production.origins))
    return {"value_added": added, "multiplier": float(needed.sum())}


def evaluate(
    members: Mapping[str, FloatArray], prepared: Mapping[str, Any], context: Context
) -> dict[str, FloatArray]:
    """Evaluate all members at once.

    Parameters
    ----------
    members : mapping of str to float array, shape (n,)
    prepared : mapping
        From `prepare`.

    Returns
    -------
    dict of str to float array, shape (n,), (n, years), (n, regions) or (n, origins)
        As declared in ``outputs.py``. Where nothing is claimed, the attributable uplift takes the claim's
        place.
    """
    design = context.design
    assert isinstance(design, Design)
    case = case_of(members, context.ports.get("delivered"))
    time = np.maximum(members["time_in_force_yr"], 0.0)
    if design.claimed_by is not None:
        time = np.full_like(case.base, context.horizon.months_to(design.claimed_by) / 12.0)
    then = attribution.uplift(case.reached, case.growth, time, case.log_effect(time, "plain"))
    low = high = then
    if design.claimed is not None:
        low, high = (np.full_like(case.base, edge) for edge in design.claimed)
    ceiling = {
        name: attribution.uplift(case.reached, case.growth, time, effect(time, name) * case.factor)
        for name in ("plain", "globalisation")
    }
    annual = members["annual_log_sd"]
    if design.history_gusd2025_per_yr:
        u = np.clip(context.uniform("log_sd")[:, 0], 1e-9, 1.0 - 1e-9)
        annual = attribution.own_log_sd(np.array(design.history_gusd2025_per_yr), u)
    log_sd = attribution.no_programme_log_sd(annual, time)
    baseline = case.base * (1.0 + case.growth) ** time
    moved = routes.displaced(case, prepared, time)
    return {
        "attributable_uplift_gusd2025_per_yr": routes.attributed(case, "plain"),
        "attributable_uplift_globalisation_gusd2025_per_yr": routes.attributed(case, "globalisation"),
        "equilibrium_uplift_gusd2025_per_yr": routes.equilibrium(case, prepared),
        "accounting_rise_gusd2025_per_yr": routes.accounting(case),
        "uplift_then_gusd2025_per_yr": then,
        "full_depth_uplift_gusd2025_per_yr": ceiling["plain"],
        "full_depth_uplift_globalisation_gusd2025_per_yr": ceiling["globalisation"],
        "delivered_then": routes.interpolated(case.delivered, time),
        "baseline_trade_gusd2025_per_yr": baseline,
        "technology_trade_gusd2025_per_yr": case.reached,
        "implied_growth_low_per_yr": attribution.implied_growth(case.reached, low, time),
        "implied_growth_high_per_yr": attribution.implied_growth(case.reached, high, time),
        "share_needed": low / (baseline * np.expm1(effect(time, "plain") * case.factor)),
        "no_programme_sd_gusd2025_per_yr": attribution.change_sd(case.base, log_sd),
        "detectable_uplift_gusd2025_per_yr": attribution.detectable(case.base, log_sd),
        "chance_without_programme": attribution.chance_of_change(case.base, log_sd, 0.5 * (low + high)),
        "detection_power": attribution.detection_power(baseline, log_sd, then),
        "technology_detection_power": attribution.detection_power(
            case.reached * (1.0 + case.growth) ** time, log_sd, then
        ),
        "export_change_gusd2025_per_yr": moved.exports,
        "partner_sales_change_gusd2025_per_yr": moved.sales,
        "real_income_change": moved.real_income,
        "value_added_gusd2025_per_yr": then[:, None] * np.asarray(prepared.get("value_added", np.zeros(0))),
    }


def case_of(members: Mapping[str, FloatArray], delivered: FloatArray | None) -> routes.Case:
    """Return what the routes need of a batch of members and of the schedule, if one is connected."""
    return routes.Case(
        base=members["base_trade_gusd2025_per_yr"],
        share=members["technology_share"],
        growth=members["growth_per_yr"],
        depth=members["depth"],
        factor=members["phase_in_factor"],
        elasticity=members["elasticity"],
        delivered=routes.delivered_by_year(delivered, members["delivered_share"]),
    )


SYSTEM = System(
    name="trade",
    title="Trade and its attribution",
    version=2,
    Design=Design,
    inputs=INPUTS,
    outputs=OUTPUTS,
    ports=PORTS,
    prepare=prepare,
    evaluate=evaluate,
    figures=figures,
    labels=labels,
    monotone={
        ("technology_share", "attributable_uplift_gusd2025_per_yr"): 1,
        ("depth", "attributable_uplift_gusd2025_per_yr"): 1,
        ("delivered_share", "attributable_uplift_gusd2025_per_yr"): 1,
        ("depth", "equilibrium_uplift_gusd2025_per_yr"): 1,
        ("base_trade_gusd2025_per_yr", "full_depth_uplift_gusd2025_per_yr"): 1,
        ("annual_log_sd", "detectable_uplift_gusd2025_per_yr"): 1,
        ("annual_log_sd", "detection_power"): -1,
        ("technology_share", "implied_growth_low_per_yr"): -1,
    },
    example={
        "claimed_uplift_low": "5 GUSD2025/yr",
        "claimed_uplift_high": "7 GUSD2025/yr",
        "flows": "data/example_flows.csv",
        "between": ["north", "south"],
        "regions": ["north", "south", "east", "rest"],
        "production": {
            "file": "data/example_industries.csv",
            "goods": {"north.machinery": 0.7, "south.services": 0.3},
            "origins": ["north", "south", "rest"],
        },
    },
)
