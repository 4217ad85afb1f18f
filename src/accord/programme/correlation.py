"""How columns move together: names, contradictions, and a matrix that some joint distribution can have.

The file states Spearman rank correlations. The copula turns them into correlations of its scores, and that matrix must
be positive definite. Where it is not, the nearest correlation matrix says how far off the file is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from accord import units
from accord.contract import Ref
from accord.programme.copula import Copula, nearest_correlation, score_matrix
from accord.programme.draft import Draft, did_you_mean
from accord.programme.resolved import ResolvedSystem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["check_dependence"]

Path_ = tuple[str | int, ...]
Pair = tuple[str, str]
_SMALLEST = 1e-8  # eigenvalue below which a Cholesky factor is noise


def check_dependence(draft: Draft) -> None:
    """Collect every pair of correlated columns and test that they can exist together."""
    stated = _stated(draft)
    pairs = {pair: rho for pair, (rho, _) in stated.items()}
    for pair, rho in _from_designs(draft).items():
        pairs.setdefault(pair, rho)  # what the file states about a pair stands over a model's habit
    draft.pairs = pairs
    stated_copula = draft.dependence
    if stated_copula is not None:
        draft.copula = Copula(stated_copula.copula, stated_copula.degrees_of_freedom)
    if not pairs:
        return
    for names in _groups(pairs):
        _check_group(draft, names, pairs, stated)


def _stated(draft: Draft) -> dict[Pair, tuple[float, Path_]]:
    found: dict[Pair, tuple[float, Path_]] = {}
    if draft.dependence is None:
        return found
    for index, entry in enumerate(draft.dependence.spearman):
        path: Path_ = ("dependence", "spearman", index)
        first = _column(draft, entry.first, (*path, "first"))
        second = _column(draft, entry.second, (*path, "second"))
        _add(draft, found, first, second, entry.rho, path)
    for index, factor in enumerate(draft.dependence.common_factors):
        path = ("dependence", "common_factors", index)
        names = [_column(draft, name, (*path, "names", i)) for i, name in enumerate(factor.names)]
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                _add(draft, found, first, second, factor.rho, path)
    return found


def _add(
    draft: Draft,
    found: dict[Pair, tuple[float, Path_]],
    first: str | None,
    second: str | None,
    rho: float,
    path: Path_,
) -> None:
    if first is None or second is None:
        return
    if first == second:
        draft.error("dependence", f"{first} cannot be correlated with itself", path)
        return
    pair = (first, second) if first < second else (second, first)
    if pair not in found:
        found[pair] = (rho, path)
    elif found[pair][0] != rho:
        line, _ = draft.document.place(found[pair][1])
        both = f"rank correlation {found[pair][0]:g} in line {line} and {rho:g} here"
        draft.error("dependence", f"{pair[0]} and {pair[1]} have {both}", path)
    else:
        draft.warning("dependence", f"{pair[0]} and {pair[1]} are stated twice", path)


def _column(draft: Draft, text: str, path: Path_) -> str | None:
    """Return the column behind a name: a named input, or ``system.input``; None after a finding."""
    if text in draft.names("inputs"):
        named = draft.named.get(text)
        if named is not None and named.spread.is_constant:
            draft.error("dependence", f"{text} is one number: nothing to correlate", path)
            return None
        return text if named is not None else None
    name, _, key = text.partition(".")
    resolved = draft.resolved.get(name)
    if resolved is None or not key:
        if name not in draft.names("systems") or not key:
            hint = did_you_mean(text, [*draft.names("inputs"), *_all_columns(draft)])
            message = f"there is no input {text!r}: expected a name under 'inputs', or 'system.input'"
            draft.error("dangling-reference", message, path, hint=hint)
        return None
    if resolved.system is None or resolved.design is None:
        return None
    python = _keys(resolved).get(key, key)
    value = resolved.inputs.get(python)
    if value is None and python in resolved.columns:
        value = resolved.columns[python].value
    declared = resolved.system.inputs.get(python)
    if value is None and declared is None:
        hint = did_you_mean(key, _keys(resolved))
        draft.error("dangling-reference", f"{name} has no input {key!r}", path, hint=hint)
        return None
    if isinstance(value, Ref):
        return _column(draft, value.name, path)
    spread = value or (declared.spread if declared else None)
    if spread is None or spread.is_constant or (declared and declared.role == "design"):
        draft.error("dependence", f"{text} is one number: nothing to correlate", path)
        return None
    return f"{name}.{python}"


def _keys(resolved: ResolvedSystem) -> dict[str, str]:
    assert resolved.system is not None  # the caller knows; this tells the type checker
    keys = {units.file_key(python, entry.unit): python for python, entry in resolved.system.inputs.items()}
    for python, column in resolved.columns.items():
        head, dot, tail = python.partition(".")
        keys[units.file_key(head, column.unit) + dot + tail] = python
    return keys


def _all_columns(draft: Draft) -> list[str]:
    return [f"{name}.{key}" for name, r in draft.resolved.items() if r.system for key in _keys(r)]


def _from_designs(draft: Draft) -> dict[Pair, float]:
    """Return the pairs that the models themselves correlate, constants left out."""
    pairs: dict[Pair, float] = {}
    for name, resolved in draft.resolved.items():
        system = resolved.system
        if system is None or resolved.design is None or system.dependence is None:
            continue
        for factor in system.dependence(resolved.design):
            columns = [c for c in (_own_column(draft, name, resolved, n) for n in factor.names) if c]
            for i, first in enumerate(columns):
                for second in columns[i + 1 :]:
                    if first != second and factor.rho != 0:
                        pairs[(first, second) if first < second else (second, first)] = factor.rho
    return pairs


def _own_column(draft: Draft, name: str, resolved: ResolvedSystem, python: str) -> str | None:
    assert resolved.system is not None  # the caller knows; this tells the type checker
    value = resolved.inputs.get(python)
    if value is None and python in resolved.columns:
        value = resolved.columns[python].value
    if value is None and python in resolved.system.inputs:
        value = resolved.system.inputs[python].spread
    if isinstance(value, Ref):
        named = draft.named.get(value.name)
        return value.name if named is not None and not named.spread.is_constant else None
    return f"{name}.{python}" if value is not None and not value.is_constant else None


def _groups(pairs: Mapping[Pair, float]) -> list[list[str]]:
    """Return the connected sets of columns, each sorted."""
    near: dict[str, set[str]] = {}
    for first, second in pairs:
        near.setdefault(first, set()).add(second)
        near.setdefault(second, set()).add(first)
    groups: list[list[str]] = []
    seen: set[str] = set()
    for start in near:
        if start in seen:
            continue
        group, frontier = {start}, [start]
        while frontier:
            fresh = near[frontier.pop()] - group
            group |= fresh
            frontier += fresh
        seen |= group
        groups.append(sorted(group))
    return groups


def _check_group(
    draft: Draft, names: list[str], pairs: Mapping[Pair, float], stated: Mapping[Pair, tuple[float, Path_]]
) -> None:
    import numpy as np

    copula = draft.copula
    matrix = score_matrix(names, pairs, copula)
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= _SMALLEST:
        return
    culprits = _smallest_offender(matrix, vectors[:, 0])
    offending = [names[i] for i in culprits]
    nearest = nearest_correlation(matrix)
    i, j = np.unravel_index(int(np.argmax(np.abs(nearest - matrix))), matrix.shape)
    before, after = (copula.spearman(float(np.clip(m[i, j], -1.0, 1.0))) for m in (matrix, nearest))
    hint = (
        f"the nearest possible correlations change {names[i]} with {names[j]} most, "
        f"from {before:.2f} to {after:.2f}"
    )
    path = next((path for pair, (_, path) in stated.items() if set(pair) <= set(offending)), ("dependence",))
    message = f"the correlations of {', '.join(offending)} cannot all hold together"
    draft.error("dependence", message, path, hint=hint)


def _smallest_offender(matrix: FloatArray, direction: FloatArray) -> list[int]:
    """Return a smallest set of rows that is impossible by itself, the worst direction kept to the last."""
    import numpy as np

    rows = [int(i) for i in np.argsort(-np.abs(direction))]
    for row in reversed(list(rows)):  # drop what the contradiction does not need
        rest = [r for r in rows if r != row]
        if len(rest) > 1 and np.linalg.eigvalsh(matrix[np.ix_(rest, rest)])[0] < _SMALLEST:
            rows = rest
    return sorted(rows)
