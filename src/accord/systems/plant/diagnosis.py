"""Why a plant's programme has no answer, in words; and what an answer holds that no plant would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.plant.certificate import certified
from accord.systems.plant.chain import Chain, Joint
from accord.systems.plant.interior import optimise

FloatArray = NDArray[np.float64]

__all__ = ["elastic", "explain", "ray", "refuse_loops", "simultaneous"]

_BALANCES = {
    "heat": "the heat balance",
    "power": "the electricity balance",
    "turbine": "the turbine's limit",
    "ramp": "the reactor's ramp",
    "heat_store": "the heat store's balance",
    "battery": "the battery's balance",
    "hydrogen": "the hydrogen demand",
}
_WORDS = {
    "q": "reactor heat", "st": "steam to the turbine", "pv": "solar output", "bc": "charging", "bd": "discharging",
    "eb": "stored electricity", "tc": "storing heat", "td": "taking heat back", "es": "stored heat",
    "pem": "electrolysis of water", "hts": "electrolysis of steam", "eh": "stored hydrogen",
    "sold": "hydrogen sold", "imp": "electricity bought", "exp": "electricity sold",
}  # fmt: skip
_PAIRS = (("bc", "bd"), ("tc", "td"), ("imp", "exp"))
_REAL = 1e-6  # of the largest power: what is below it is rounding
_PROOF = 1e-6  # gap and violation up to which a reason is proven; one that is not is not told


def _proven(joint: Joint) -> tuple[tuple[FloatArray, ...], float] | None:
    """Return flows and cost of a programme's optimum, or None where the method stopped short of one."""
    found = optimise(joint, tolerance=1e-2 * _PROOF)
    if not np.isfinite(found.gap):
        return None
    answer = certified(joint, found.flows, found.duals, found.capacities, "interior", found.iterations)
    return (answer.flows, answer.certificate.primal) if answer.certificate.holds(_PROOF) else None


def _power(joint: Joint) -> float:
    finite = [c.high[np.isfinite(c.high)].max(initial=0.0) for c in joint.chains]
    return max(1.0, float(max(finite)), max(float(np.abs(c.rhs).max(initial=0.0)) for c in joint.chains))


def refuse_loops(joint: Joint, what: str) -> None:
    """Refuse prices at which buying and selling at once, without limit, earns money.

    Raises
    ------
    ModelError
        With the number of hours and the first of them.
    """
    for chain in joint.chains:
        at = {n: j for j, n in enumerate(chain.columns)}
        if "imp" not in at or "exp" not in at:
            continue
        imp, exp = at["imp"], at["exp"]
        gain = -(chain.cost[imp] + chain.cost[exp])
        endless = ~np.isfinite(chain.high[imp]) & ~np.isfinite(chain.high[exp])
        found = np.flatnonzero(endless & (gain > 1e-12 * (1.0 + np.abs(chain.cost[exp]))))
        if len(found):
            raise ModelError(
                f"{what}: an arbitrage loop without limit: in {len(found)} hours (first: hour {found[0]}) electricity "
                f"sells for more than it costs to buy, and the connection has no limit"
            )


def elastic(joint: Joint) -> tuple[dict[str, FloatArray], ...]:
    """Return how much each balance is short (below zero: over) where as little as possible is, hour by hour.

    Parameters
    ----------
    joint : Joint

    Returns
    -------
    tuple of dict of str to float array, shape (hours,)
        One for each chain; all zero where the programme can be met. Empty where neither is proven.
    """
    loose = []
    for chain in joint.chains:
        m, hours = len(chain.rows), chain.hours
        eye = np.eye(m)
        free = np.zeros((m, hours))
        loose.append(
            replace(
                chain,
                columns=(
                    *chain.columns,
                    *(f"short:{r}" for r in chain.rows),
                    *(f"over:{r}" for r in chain.rows),
                ),
                now=np.hstack([chain.now, eye, -eye]),
                before=np.hstack([chain.before, 0.0 * eye, 0.0 * eye]),
                cost=np.vstack([0.0 * chain.cost, free + 1.0, free + 1.0]),
                low=np.vstack([chain.low, free, free]),
                high=np.vstack([chain.high, free + np.inf, free + np.inf]),
                capacity=np.concatenate([chain.capacity, np.full(2 * m, -1)]),
                share=np.vstack([chain.share, free + 1.0, free + 1.0]),
            )
        )
    found = _proven(replace(joint, chains=tuple(loose), cost=np.zeros(len(joint.names))))
    if found is None:
        return ()
    result = []
    for chain, flow in zip(joint.chains, found[0], strict=True):
        n, m = len(chain.columns), len(chain.rows)
        result.append(dict(zip(chain.rows, flow[n : n + m] - flow[n + m :], strict=True)))
    return tuple(result)


def ray(joint: Joint) -> tuple[float, list[str]]:
    """Return the cost along the best direction that stays feasible for ever, 0 if none is proven; and what grows."""
    cones: list[Chain] = []
    for chain in joint.chains:
        held = chain.capacity >= 0
        endless = held.copy()
        endless[held] = ~np.isfinite(joint.high[chain.capacity[held]])
        high = np.where(endless[:, None] | (~held[:, None] & ~np.isfinite(chain.high)), 1.0, 0.0)
        own = np.where(endless, chain.capacity, -1)  # what a limited capacity holds cannot grow
        cones.append(replace(chain, rhs=0.0 * chain.rhs, low=0.0 * chain.low, high=high, capacity=own))
    high = np.where(np.isfinite(joint.high), 0.0, 1.0)
    found = _proven(replace(joint, chains=tuple(cones), low=0.0 * joint.low, high=high))
    size = max(float(np.abs(c.cost).max(initial=0.0)) for c in joint.chains)
    if found is None or found[1] >= -1e-5 * size:
        return 0.0, []
    grown: set[str] = set()
    for chain, flow in zip(joint.chains, found[0], strict=True):
        grown |= {_WORDS[n] for j, n in enumerate(chain.columns) if n in _WORDS and flow[j].max() > 1e-3}
    return found[1], sorted(grown)


def explain(joint: Joint, what: str) -> None:
    """Raise an error that says why there is no answer; return where there should be one.

    Raises
    ------
    ModelError
        Infeasible: which balance is short by how much in how many hours. Unbounded: what grows without end.
    """
    if any(chain.hours < 2 for chain in joint.chains):
        return
    if np.any(joint.low > joint.high):
        names = ", ".join(n for n, lo, hi in zip(joint.names, joint.low, joint.high, strict=True) if lo > hi)
        raise ModelError(
            f"{what}: the least that is asked for is more than the most that is allowed: {names}"
        )
    for chain in joint.chains:
        crossed = np.argwhere(chain.low > chain.high)
        if len(crossed):
            j, t = crossed[0]
            name = _WORDS.get(chain.columns[j], chain.columns[j])
            raise ModelError(f"{what}: infeasible: in hour {t} the least of {name} is more than its most")
    limit = _REAL * _power(joint)
    said = []
    for short in elastic(joint):
        for row, amount in short.items():
            missing = np.abs(amount) > limit
            if missing.any():
                first = int(np.flatnonzero(missing)[0])
                way = "short" if amount[missing].sum() > 0.0 else "over"
                said.append(
                    f"{_BALANCES.get(row, row)} is {way} by up to {np.abs(amount).max():.4g} MW in "
                    f"{int(missing.sum())} hours (first: hour {first})"
                )
    if said:
        raise ModelError(
            f"{what}: no way to run satisfies every limit at once (infeasible); closest: " + "; ".join(said)
        )
    cost, grown = ray(joint)
    if cost < 0.0:
        raise ModelError(
            f"{what}: its cost falls without end (unbounded): {', '.join(grown)} can grow for ever and earn more than "
            "they cost; a price or a limit is missing"
        )


def simultaneous(flows: Mapping[str, FloatArray], power_mw: float) -> dict[str, int]:
    """Return the hours in which a store is filled and emptied at once, or electricity bought and sold.

    An optimum does so only to burn electricity: negative prices, or storage without any cost of wear.

    Parameters
    ----------
    flows : mapping of str to float array, shape (hours,)
    power_mw : float
        Size of the plant; what is below a millionth of it counts as zero.
    """
    found = {}
    for one, other in _PAIRS:
        if one in flows and other in flows:
            both = np.minimum(flows[one], flows[other]) > _REAL * power_mw
            found[f"{_WORDS[one]} and {_WORDS[other]}"] = int(both.sum())
    return found
