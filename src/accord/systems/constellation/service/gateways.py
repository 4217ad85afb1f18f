"""Where gateways stand: the sites from which the most satellite time over the region is fed, by integer programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.constellation.service.design import Gateway, Gateways

FloatArray = NDArray[np.float64]

__all__ = ["Placement", "place"]

_TIME_LIMIT_S = 20.0
_SECOND = 0.05  # worth of a second gateway in view over that of the first


@dataclass(frozen=True, slots=True)
class Placement:
    """Sites that were chosen, the share of wanted satellite time that sees one of them, and notes."""

    chosen: tuple[int, ...]
    fed_share: float
    notes: tuple[str, ...]


def place(
    plan: Gateways, sites: tuple[Gateway, ...], sees: NDArray[np.bool_], wanted: FloatArray
) -> Placement:
    """Choose sites so that as much wanted satellite time as possible sees a gateway, and then a second one.

    The maximal covering location problem (Church & ReVelle 1974, Papers of the Regional Science Association 32:101)
    over pairs of satellite and moment, solved by HiGHS; where the traffic must land at home each country gets at least
    one of its allowed sites.

    Parameters
    ----------
    sites : tuple of Gateway
    sees : bool array, shape (pairs, sites)
        Which site each satellite sees at each moment.
    wanted : float array, shape (pairs,)
        How much of it is wanted over the region.

    Raises
    ------
    ModelError
        When no site is allowed, or more gateways are wanted than sites are allowed.
    """
    allowed = [number for number, site in enumerate(sites) if site.allowed]
    if not allowed:
        raise ModelError("gateways: no site is allowed, expected at least one")
    count = plan.count if plan.count is not None else len(allowed)
    if count > len(allowed):
        raise ModelError(
            f"gateways: {count} are to be built on {len(allowed)} allowed sites, expected at most that"
        )
    kept = wanted > 0.0
    sees, wanted = sees[kept][:, allowed], wanted[kept]
    chosen = np.arange(len(allowed))
    if count < len(allowed) and len(wanted):
        chosen = _best(sees, wanted, count, _at_home(plan, [sites[n] for n in allowed], count))
    total = float(wanted.sum())
    fed = float(wanted[sees[:, chosen].any(axis=1)].sum()) / total if total > 0.0 else 0.0
    notes = (
        () if fed > 0.0 else ("no gateway is in view of a satellite over the region: the capacity is zero",)
    )
    return Placement(tuple(allowed[int(n)] for n in chosen), fed, notes)


def _at_home(plan: Gateways, sites: list[Gateway], count: int) -> list[list[int]]:
    """Return the groups of sites of which each must keep one."""
    if not plan.national:
        return []
    groups: dict[str, list[int]] = {}
    for number, site in enumerate(sites):
        groups.setdefault(site.country, []).append(number)
    if count < len(groups):
        raise ModelError(
            f"gateways: {count} cannot give each of {len(groups)} countries its own, expected at least {len(groups)}"
        )
    return list(groups.values())


def _best(
    sees: NDArray[np.bool_], wanted: FloatArray, count: int, groups: list[list[int]]
) -> NDArray[np.int64]:
    from scipy import optimize, sparse

    tools: Any = optimize  # carries no types
    tables: Any = sparse

    # satellites that see the same sites count together: far fewer rows
    patterns, row = np.unique(sees, axis=0, return_inverse=True)
    gain = np.bincount(row.ravel(), wanted, minlength=len(patterns))
    sites, rows = sees.shape[1], len(patterns)
    # z1 + z2 <= gateways in view: z1 is fed, z2 has a second gateway, for rain and for antennas that are taken
    fed = tables.hstack(
        [tables.csr_matrix(-patterns.astype(float)), tables.identity(rows), tables.identity(rows)]
    ).tocsr()
    built = np.concatenate([np.ones(sites), np.zeros(2 * rows)])
    limits = [tools.LinearConstraint(fed, -np.inf, 0.0), tools.LinearConstraint(built, count, count)]
    for group in groups:
        own = np.zeros(sites + 2 * rows)
        own[group] = 1.0
        limits.append(tools.LinearConstraint(own, 1.0, np.inf))
    found = tools.milp(
        np.concatenate([np.zeros(sites), -gain, -_SECOND * gain]),
        constraints=limits,
        integrality=np.concatenate([np.ones(sites), np.zeros(2 * rows)]),
        bounds=tools.Bounds(0.0, 1.0),
        options={"time_limit": _TIME_LIMIT_S, "mip_rel_gap": 1e-4},
    )
    if found.x is None:
        raise ModelError(f"gateways: no placement was found: {found.message}")
    return np.asarray(np.flatnonzero(found.x[:sites] > 0.5))
