"""A design of experiments for one claim: which members to run, and the sensitivity table that they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from accord import units
from accord.contract.streams import generator
from accord.engine.draw import draw, sobol_uniforms
from accord.engine.records import Draws
from accord.errors import PlanError
from accord.evidence.columns import ranks
from accord.evidence.discovery import bumped_box
from accord.evidence.drivers import drivers, title_of
from accord.evidence.quantity import NotAssessedError, measure
from accord.evidence.sensitivity import delta as delta_room
from accord.evidence.sensitivity.morris import elementary_effects, quantile_levels, trajectories
from accord.evidence.sensitivity.pawn import pawn
from accord.evidence.sensitivity.shapley import order_design, order_effects
from accord.evidence.sensitivity.sobol import saltelli_rows, sobol_indices
from accord.programme.copula import score_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.engine.records import Plan, Run
    from accord.evidence.quantity import Tested

    FloatArray = NDArray[np.float64]
    Table = list[dict[str, Any]]

__all__ = ["METHODS", "SCREENED", "Study", "analyse", "members_of", "narrowed", "study"]

# method -> (default size, what a size is, what is looked at by default)
METHODS: dict[str, tuple[int, str, str]] = {
    "sobol": (4096, "points", "claim"),
    "morris": (20, "trajectories", "quantity"),
    "pawn": (8192, "members", "claim"),
    "delta": (8192, "members", "rank"),
    "shapley": (2048, "orders", "claim"),
    "prim": (8192, "members", "claim"),
}
SCREENED = 4096  # members in which the strongest inputs are looked for
_REDRAWS, _LEVELS = 3, 4
_REPLICATES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One claim, one method.

    Attributes
    ----------
    plan : Plan
        Only the systems that the claim rests on.
    columns : tuple of str
        Uncertain columns behind the claim, in plan order.
    groups : tuple of tuples of int
        The inputs of the study: columns by themselves, and perhaps all others as one.
    method, of : str
        A key of `METHODS`; the claim's indicator, the tested quantity, or its rank.
    size, seed : int
    second_order : bool
        Sobol' indices of pairs, too.
    """

    plan: Plan
    claim: str
    columns: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    method: str
    of: str
    size: int
    seed: int
    second_order: bool = False

    @property
    def block(self) -> int:
        """Members that stand or fall together."""
        d = len(self.groups)
        return {
            "sobol": 2 * d + 2 if self.second_order else d + 2,
            "morris": d + 1,
            "shapley": d * _REDRAWS,
        }.get(self.method, 1)

    @property
    def members(self) -> int:
        """Members that the design has."""
        return self.size * self.block

    @property
    def assumption(self) -> str:
        """What the method takes for granted about the inputs, in words."""
        pairs = len(self.plan.correlations)
        if self.method in {"sobol", "morris"}:
            left = f"; {pairs} stated correlations are left out for it" if pairs else ""
            return f"inputs are drawn as if independent{left}"
        if self.method == "shapley":
            return (
                "inputs are drawn from their joint distribution, given those held"
                if pairs
                else "inputs are independent"
            )
        if not pairs:
            return "inputs are independent"
        return "inputs are drawn from their joint distribution; shares of correlated inputs overlap"


def study(
    plan: Plan,
    claim: str,
    method: str,
    *,
    of: str | None = None,
    size: int | None = None,
    seed: int = 0,
    second_order: bool = False,
) -> Study:
    """Plan a study of one claim.

    Raises
    ------
    PlanError
        When the claim has no test that a system decides, the method cannot do what is asked, or nothing behind the
        claim is uncertain.
    """
    test = plan.tests.get(claim)
    if test is None or test.of == "input" or not test.assessed:
        tested = ", ".join(k for k, t in plan.tests.items() if t.of != "input" and t.assessed) or "none"
        raise PlanError(f"no system decides claim {claim!r}: expected one of {tested}")
    default, _, look = METHODS[method]
    look = of or look
    if method == "delta" and look == "claim":
        raise PlanError(
            "delta compares densities, which a claim that holds or not has none of: take --of rank"
        )
    if method == "prim" and look != "claim":
        raise PlanError("prim looks for where the claim fails: take --of claim")
    if second_order and method != "sobol":
        raise PlanError(f"{method} knows no second order: take sobol")
    if method == "shapley" and plan.copula.family != "gaussian":
        raise PlanError(
            "shapley redraws inputs given others, which the t copula is not made for here: take pawn or delta"
        )
    systems = [test.system, *([test.delivered_by[0]] if test.delivered_by else [])]
    part = _part(plan, systems)
    columns = tuple(c for c, spec in part.columns.items() if not spec.spread.is_constant)
    if not columns:
        raise PlanError(f"nothing behind claim {claim} is uncertain: there is nothing to apportion")
    made = Study(
        plan=part, claim=claim, columns=columns, groups=tuple((i,) for i in range(len(columns))), method=method,
        of=look, size=size or default, seed=seed, second_order=second_order,
    )  # fmt: skip
    return made


def narrowed(study: Study, screened: Run, most: int) -> Study:
    """Return a study that looks at the strongest inputs by themselves and at all others as one.

    Parameters
    ----------
    study : Study
        By Sobol' indices or Shapley effects; another method is returned as it is.
    screened : Run
        A plain ensemble of ``study.plan``, in which regression on ranks finds them.
    most : int
        How many inputs to look at by themselves; 0 for all.
    """
    if study.method not in {"sobol", "shapley"} or not 0 < most < len(study.columns) - 1:
        return study
    tested = _measured(study, screened)
    target = tested.holds.astype(float) if study.of == "claim" else tested.values
    found = {d.column for d in drivers(screened, study.columns, target, tested.usable, most=most)}
    alone = [i for i, name in enumerate(study.columns) if name in found]
    rest = tuple(i for i in range(len(study.columns)) if i not in alone)
    return replace(study, groups=(*((i,) for i in alone), rest)) if alone and len(rest) > 1 else study


def _part(plan: Plan, systems: Sequence[str]) -> Plan:
    """Return the plan with only the given systems and those upstream of them."""
    pending, wanted = list(systems), set()
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending += [upstream for upstream, _ in plan.nodes[name].ports.values()]
    nodes = {name: node for name, node in plan.nodes.items() if name in wanted}
    used = {binding.column for node in nodes.values() for binding in node.bindings.values()}
    return replace(
        plan,
        nodes=nodes,
        columns={name: spec for name, spec in plan.columns.items() if name in used},
        correlations=[pair for pair in plan.correlations if pair[0] in used and pair[1] in used],
    )


def members_of(study: Study) -> Draws:
    """Return the members of the design, and whose chance inside the models each repeats.

    Chance inside a model (a weather year) is one more input that is nobody's: rows that are compared share it, rows
    that stand for another point of the design do not, so that no input is credited with it.
    """
    d, n = len(study.groups), study.members
    if study.method in {"pawn", "delta", "prim"}:
        return draw(study.plan, n, study.seed, _REPLICATES)
    if study.method == "sobol":
        points = sobol_uniforms(2 * len(study.columns), study.size, study.seed, "sobol design")
        uniforms = saltelli_rows(points, second_order=study.second_order, groups=study.groups)
        own = np.arange(study.size)[:, None] + np.zeros((1, study.block), dtype=np.int64)
        own[:, d + 1 :] += study.size
        streams = own.ravel()
    elif study.method == "morris":
        uniforms = quantile_levels(trajectories(d, study.size, levels=_LEVELS, seed=study.seed), _LEVELS)
        streams = np.repeat(np.arange(study.size), study.block)
    else:
        scores, _ = _orders(study)
        uniforms = np.clip(ndtr(scores), 2.0**-53, 1.0 - 2.0**-53)
        streams = np.repeat(np.arange(study.size * d), _REDRAWS)
    flat = uniforms.reshape(n, len(study.columns))
    columns = {
        name: np.full(n, spec.spread.quantile(0.5))
        if spec.spread.is_constant
        else spec.spread.ppf(np.ascontiguousarray(flat[:, study.columns.index(name)]))
        for name, spec in study.plan.columns.items()
    }
    return Draws(
        n=n,
        seed=study.seed,
        replicates=1,
        columns=columns,
        replicate=np.zeros(n, dtype=np.int64),
        streams=streams,
    )


def _orders(study: Study) -> tuple[FloatArray, NDArray[np.int64]]:
    pairs = {(first, second): rho for first, second, rho in study.plan.correlations}
    matrix = score_matrix(study.columns, pairs, study.plan.copula)
    return order_design(matrix, study.size, groups=study.groups, redraws=_REDRAWS, seed=study.seed)


def _measured(study: Study, run: Run) -> Tested:
    try:
        return measure(run, study.plan.tests[study.claim])
    except NotAssessedError as error:
        raise PlanError(f"{study.claim} cannot be assessed: {error}") from None


def analyse(study: Study, run: Run) -> tuple[Table, int]:
    """Return the table of a study that was run, the strongest input first, and how many blocks were left out.

    Parameters
    ----------
    study : Study
    run : Run
        Of ``study.plan`` with ``members_of(study)``.

    Returns
    -------
    rows : list of dict
        ``column``, ``title``, ``unit``, and what the method gives, each estimate with ``_low`` and ``_high``.
    dropped : int
        Blocks of the design in which a member failed.

    Raises
    ------
    PlanError
        When the quantity could not be assessed or never changes.
    """
    tested = _measured(study, run)
    y = {
        "claim": tested.holds.astype(float),
        "quantity": tested.values,
        "rank": ranks(np.where(tested.usable, tested.values, 0.0)),
    }[study.of]
    whole = tested.usable.reshape(study.size, study.block).all(axis=1)
    kept = y.reshape(study.size, study.block)[whole]
    if not kept.size or np.ptp(kept) == 0.0:
        what = (
            "the claim holds in every member or in none"
            if study.of == "claim"
            else "the quantity never changes"
        )
        hint = "; take --of quantity" if study.of == "claim" else ""
        raise PlanError(f"{study.claim}: {what} of the design: there is no variance to share out{hint}")
    if study.method == "prim":
        return _prim(study, run, kept.ravel() == 0.0, np.asarray(whole)), int((~whole).sum())
    table = _TABLES[study.method](study, run, kept, np.asarray(whole))
    rows: Table = []
    for number, group in enumerate(study.groups):
        values = {key: _cell(study, key, column[number]) for key, column in table.items()}
        rows.append({**_named(study, group), **values})
    rank = next(iter(table))
    rows.sort(key=lambda row: (-abs(row[rank]), row["column"]))
    return rows, int((~whole).sum())


def _named(study: Study, group: Sequence[int]) -> dict[str, Any]:
    if len(group) > 1:
        return {"column": "", "title": f"all other inputs ({len(group)})", "unit": ""}
    name = study.columns[group[0]]
    return {"column": name, "title": title_of(study, name), "unit": study.plan.columns[name].unit}


def _cell(study: Study, key: str, value: float) -> float | str:
    return str(_named(study, study.groups[int(value)])["title"]) if key == "with" else round(float(value), 6)


def _with_interval(name: str, value: FloatArray, half: FloatArray) -> dict[str, FloatArray]:
    return {name: value, f"{name}_low": value - half, f"{name}_high": value + half}


def _sobol(study: Study, _: Run, y: FloatArray, __: NDArray[np.bool_]) -> dict[str, FloatArray]:
    found = sobol_indices(y.ravel(), len(study.groups), second_order=study.second_order, seed=study.seed)
    table = _with_interval("total", found.total, found.total_half)
    table |= _with_interval("first", found.first, found.first_half)
    if found.second is not None:
        both = np.where(np.isfinite(found.second), found.second, 0.0)
        both = both + both.T
        partner = np.abs(both).argmax(axis=1)
        table["strongest_pair"] = both[np.arange(len(both)), partner]
        table["with"] = partner.astype(float)
    return table


def _morris(study: Study, _: Run, y: FloatArray, whole: NDArray[np.bool_]) -> dict[str, FloatArray]:
    paths = trajectories(len(study.columns), study.size, levels=_LEVELS, seed=study.seed)[whole]
    found = elementary_effects(paths, y, seed=study.seed)
    return _with_interval("absolute", found.absolute, found.absolute_half) | {
        "mean": found.mean,
        "spread": found.spread,
    }


def _given(study: Study, run: Run, whole: NDArray[np.bool_]) -> FloatArray:
    return np.stack([run.draws.columns[name][whole] for name in study.columns], axis=1)


def _pawn(study: Study, run: Run, y: FloatArray, whole: NDArray[np.bool_]) -> dict[str, FloatArray]:
    found = pawn(_given(study, run, whole), y.ravel())
    return {
        "median": found.median,
        "largest": found.largest,
        "noise": np.full(len(study.columns), found.noise),
    }


def _delta(study: Study, run: Run, y: FloatArray, whole: NDArray[np.bool_]) -> dict[str, FloatArray]:
    x = _given(study, run, whole)
    shuffled = generator(study.seed, "delta of chance").permutation(len(x))
    # the last column is an input without influence: what delta makes of that is its noise
    found = delta_room.delta(
        np.concatenate([x, x[shuffled, :1]], axis=1), y.ravel(), resamples=20, seed=study.seed
    )
    table = _with_interval("delta", found.delta[:-1], found.half[:-1])
    return table | {"noise": np.full(len(study.columns), found.delta[-1])}


def _shapley(study: Study, _: Run, y: FloatArray, whole: NDArray[np.bool_]) -> dict[str, FloatArray]:
    order = _orders(study)[1]  # as in the design; its scores are not needed again
    found = order_effects(y.reshape(len(y), -1, _REDRAWS), order[whole], seed=study.seed)
    return _with_interval("share", found.share, found.half)


def _prim(study: Study, run: Run, fails: NDArray[np.bool_], whole: NDArray[np.bool_]) -> Table:
    """Return one row a restriction of the box in which the claim fails, the least doubtful first."""
    strong = drivers(run, study.columns, (~_measured(study, run).holds).astype(float), whole, most=8)
    names = [driver.column for driver in strong]
    x = (
        np.stack([run.draws.columns[name][whole] for name in names], axis=1)
        if names
        else np.empty((len(fails), 0))
    )
    box = bumped_box(x, fails, seed=study.seed)
    if box is None:
        raise PlanError(f"{study.claim}: no box in its main inputs holds more failures than chance explains")
    rows = []
    for side in box.sides:
        unit = study.plan.columns[names[side.index]].unit
        rows.append(
            {
                **_named(study, [study.columns.index(names[side.index])]),
                "chance": side.chance,
                "from": "" if side.low is None else units.show(side.low, unit),
                "to": "" if side.high is None else units.show(side.high, unit),
                "density": round(box.density, 6),
                "coverage": round(box.coverage, 6),
                "mass": round(box.mass, 6),
            }
        )
    return sorted(rows, key=lambda row: (row["chance"], row["column"]))


_TABLES = {"sobol": _sobol, "morris": _morris, "pawn": _pawn, "delta": _delta, "shapley": _shapley}
