"""Uncertainty of one number: a distribution stated by named parameters, in the unit of its input.

Only quantile functions are needed, because the engine draws by inverting uniforms. They are written on
``scipy.special`` (``scipy.stats`` takes a second to import) and tested against ``scipy.stats``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.errors import SpreadError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["FORMS", "Ref", "Spread", "parse_spread"]

# What each distribution may be stated by. "x" has the input's unit, "s" is a pure shape number.
FORMS: Mapping[str, tuple[Mapping[str, str], ...]] = {
    "constant": ({"value": "x"},),
    "uniform": ({"low": "x", "high": "x"},),
    "triangular": ({"low": "x", "mode": "x", "high": "x"}, {"p10": "x", "mode": "x", "p90": "x"}),
    "pert": ({"low": "x", "mode": "x", "high": "x"},),
    "normal": ({"mean": "x", "sd": "x"}, {"p10": "x", "p90": "x"}),
    "lognormal": ({"p10": "x", "p90": "x"}, {"median": "x", "gsd": "s"}),
    "beta": ({"alpha": "s", "beta": "s"}, {"alpha": "s", "beta": "s", "low": "x", "high": "x"}),
    "discrete": ({"values": "x", "weights": "s"},),
    "empirical": ({"values": "x"},),
}
_Z90 = 1.2815515655446004  # standard normal quantile at 0.9
_TABLE_FROM = 50_000  # values from which a table is cheaper than solving for each
_BLOCK = 16_384
_TABLE_END = 8.3  # normal scores that can be drawn end before it


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to a named input of the programme: ``{ref: launch_price}``."""

    name: str


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution with the parameters it was stated by.

    Parameters
    ----------
    kind : str
        A key of `FORMS`.
    params : tuple of (str, float or tuple of float)
        Exactly the parameters of one of the forms, in the unit of the input.

    Raises
    ------
    SpreadError
        When the parameters do not describe a distribution (P10 not below P90, mode outside the bounds, ...).
    """

    kind: str
    params: tuple[tuple[str, Any], ...]

    def __post_init__(self) -> None:
        _validate(self.kind, dict(self.params))

    @classmethod
    def of(cls, kind: str, **params: Any) -> Spread:
        """Build from keywords: ``Spread.of("triangular", low=1, mode=2, high=4)``."""
        clean = {k: tuple(map(float, v)) if isinstance(v, Sequence) else float(v) for k, v in params.items()}
        return cls(kind, tuple(sorted(clean.items())))

    @property
    def is_constant(self) -> bool:
        """True when there is nothing to draw."""
        return self.kind == "constant"

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return quantiles.

        Parameters
        ----------
        u : float array, any shape [1]
            Probabilities strictly between 0 and 1.

        Returns
        -------
        float array, same shape [unit of the input]
        """
        return _QUANTILES[self.kind](u, dict(self.params))

    def quantile(self, p: float) -> float:
        """Return one quantile as a float."""
        import numpy as np

        return float(self.ppf(np.array([p]))[0])

    def support(self) -> tuple[float, float]:
        """Return the lowest and highest value that can be drawn (may be infinite)."""
        p = dict(self.params)
        if self.kind == "normal":
            return -math.inf, math.inf
        if self.kind == "lognormal":
            return 0.0, math.inf
        if self.kind == "triangular" and "p10" in p:
            low, high = _triangular_bounds(p["p10"], p["mode"], p["p90"])
            return low, high
        if self.kind in {"discrete", "empirical"}:
            return min(p["values"]), max(p["values"])
        if self.kind == "constant":
            return p["value"], p["value"]
        return p.get("low", 0.0), p.get("high", 1.0)

    def mass_outside(self, low: float, high: float) -> float:
        """Return the probability of a draw outside ``[low, high]``, to about 1e-7."""
        import numpy as np

        bottom, top = self.support()
        if low <= bottom and top <= high:
            return 0.0

        def below(x: float, side: str) -> float:
            # the quantile function is monotone: three nested grids of 257 points resolve where it crosses x
            left, right = 1e-9, 1.0 - 1e-9
            for _ in range(3):
                u = np.linspace(left, right, 257)
                at = int(np.searchsorted(self.ppf(u), x, side=side))  # type: ignore[call-overload]
                if at in {0, 257}:
                    return left if at == 0 else right
                left, right = float(u[at - 1]), float(u[at])
            return 0.5 * (left + right)

        mass = below(low, "left") if bottom < low else 0.0
        return mass + (1.0 - below(high, "right") if top > high else 0.0)

    def map(self, scale: float, offset: float = 0.0) -> Spread:
        """Return the spread of ``value * scale + offset`` (a change of unit; ``scale`` must be positive)."""
        form = _form(self.kind, dict(self.params))
        changed: dict[str, Any] = {}
        for key, value in self.params:
            if form[key] == "s":
                changed[key] = value
            elif isinstance(value, tuple):
                changed[key] = [v * scale + offset for v in value]
            else:
                changed[key] = value * scale + (0.0 if key == "sd" else offset)
        if self.kind == "beta" and "low" not in changed:
            changed |= {"low": offset, "high": scale + offset}
        return Spread.of(self.kind, **changed)

    def describe(self) -> str:
        """Return a short text: ``triangular(low 1, mode 2, high 4)``."""
        if self.kind == "empirical":
            return f"empirical({len(dict(self.params)['values'])} values)"
        if self.is_constant:
            return f"{dict(self.params)['value']:g}"

        def text(value: Any) -> str:
            return (
                "[" + ", ".join(f"{v:g}" for v in value) + "]" if isinstance(value, tuple) else f"{value:g}"
            )

        order = list(_form(self.kind, dict(self.params)))
        given = dict(self.params)
        return f"{self.kind}({', '.join(f'{k} {text(given[k])}' for k in order)})"


def parse_spread(mapping: Mapping[str, Any], unit: str, to_unit: Callable[[Any, str], float]) -> Spread:
    """Read the mapping of a programme file, such as ``{dist: lognormal, p10: 2 km, p90: 9 km}``.

    Parameters
    ----------
    mapping : mapping
        ``dist`` and the parameters of one of its forms; other keys must have been taken out before.
    unit : str
        Unit for parameters given as bare numbers.
    to_unit : callable
        ``(value, unit) -> float`` that converts one parameter to the input's unit.

    Raises
    ------
    SpreadError
        With the key at fault.
    """
    given = dict(mapping)
    kind = given.pop("dist", "constant")
    if kind not in FORMS:
        raise SpreadError(f"unknown distribution {kind!r}: expected one of {', '.join(FORMS)}", "dist")
    form = _form(str(kind), given)
    clean: dict[str, Any] = {}
    for key, role in form.items():
        values = given[key] if isinstance(given[key], list) else [given[key]]
        if not values:
            raise SpreadError(f"{key} is empty: expected at least one number", key)
        if key == "values" and not isinstance(given[key], list):
            raise SpreadError(f"{key}: expected a list of numbers", key)
        numbers = [_number(v, key) if role == "s" else to_unit(v, unit) for v in values]
        clean[key] = numbers if isinstance(given[key], list) else numbers[0]
    try:
        return Spread.of(str(kind), **clean)
    except SpreadError as error:
        raise SpreadError(str(error), error.key or "dist") from None


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise SpreadError(f"{key}: expected a number, got {value!r}", key)
    return float(value)


def _form(kind: str, given: Mapping[str, Any]) -> Mapping[str, str]:
    for form in FORMS[kind]:
        if set(form) == set(given):
            return form
    wanted = " or ".join("{" + ", ".join(form) + "}" for form in FORMS[kind])
    extra = next((k for k in given if not any(k in form for form in FORMS[kind])), "")
    got = "{" + ", ".join(given) + "}"
    raise SpreadError(f"{kind} takes {wanted}, got {got}", extra)


def _validate(kind: str, p: dict[str, Any]) -> None:  # noqa: PLR0912 - one line per rule reads best in one list
    if kind not in FORMS:
        raise SpreadError(f"unknown distribution {kind!r}: expected one of {', '.join(FORMS)}", "dist")
    _form(kind, p)
    flat = [v for value in p.values() for v in (value if isinstance(value, tuple) else (value,))]
    if not all(math.isfinite(v) for v in flat):
        raise SpreadError(f"{kind}: every parameter must be finite")
    if "p10" in p and not p["p10"] < p["p90"]:
        raise SpreadError(f"p10 ({p['p10']:g}) must be below p90 ({p['p90']:g})", "p10")
    if "low" in p and not p["low"] < p["high"]:
        raise SpreadError(f"low ({p['low']:g}) must be below high ({p['high']:g})", "low")
    if "mode" in p:
        lower, upper = (p["p10"], p["p90"]) if "p10" in p else (p["low"], p["high"])
        if not lower <= p["mode"] <= upper:
            raise SpreadError(f"mode ({p['mode']:g}) must lie between {lower:g} and {upper:g}", "mode")
    if "sd" in p and p["sd"] <= 0:
        raise SpreadError(f"sd ({p['sd']:g}) must be positive", "sd")
    if kind == "lognormal":
        first = p.get("p10", p.get("median"))
        if first is not None and first <= 0:
            raise SpreadError("a lognormal needs positive values", "p10" if "p10" in p else "median")
        if "gsd" in p and p["gsd"] <= 1:
            raise SpreadError(f"gsd ({p['gsd']:g}), the geometric standard deviation, must exceed 1", "gsd")
    if kind == "beta" and (p["alpha"] <= 0 or p["beta"] <= 0):
        raise SpreadError("alpha and beta must be positive", "alpha")
    if kind == "discrete":
        if len(p["values"]) != len(p["weights"]):
            raise SpreadError(f"{len(p['values'])} values but {len(p['weights'])} weights", "weights")
        if min(p["weights"]) < 0 or sum(p["weights"]) <= 0:
            raise SpreadError("weights must not be negative and must not all be zero", "weights")


def _triangular_bounds(p10: float, mode: float, p90: float) -> tuple[float, float]:
    """Solve for the triangle with this mode whose 10 % and 90 % quantiles are the given ones.

    With ``m`` the mode's height on the distribution function, the left leg gives ``low`` and the right leg ``high``
    in closed form; one scalar equation in ``m`` remains and is bisected.
    """

    def legs(m: float) -> tuple[float, float]:
        a, b = math.sqrt(0.1 / m), math.sqrt(0.1 / (1.0 - m))
        return (p10 - a * mode) / (1.0 - a), (p90 - b * mode) / (1.0 - b)

    low_m, high_m = 0.1 + 1e-12, 0.9 - 1e-12
    for _ in range(200):
        m = 0.5 * (low_m + high_m)
        low, high = legs(m)
        if (mode - low) / (high - low) > m:
            low_m = m
        else:
            high_m = m
    return legs(0.5 * (low_m + high_m))


def _constant(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    return u * 0.0 + float(p["value"])


def _uniform(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    return p["low"] + u * (p["high"] - p["low"])  # type: ignore[no-any-return]


def _triangular(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    import numpy as np

    if "p10" in p:
        low, high = _triangular_bounds(p["p10"], p["mode"], p["p90"])
    else:
        low, high = p["low"], p["high"]
    mode, width = p["mode"], high - low
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1.0 - u) * width * (high - mode))
    return np.asarray(np.where(u * width < mode - low, rising, falling))


def _pert(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    width = p["high"] - p["low"]
    shape = {"alpha": 1 + 4 * (p["mode"] - p["low"]) / width, "beta": 1 + 4 * (p["high"] - p["mode"]) / width}
    return _beta(u, {**shape, "low": p["low"], "high": p["high"]})


def _beta(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    from scipy.special import betaincinv

    low, high = p.get("low", 0.0), p.get("high", 1.0)
    if u.size > _TABLE_FROM and min(p["alpha"], p["beta"]) >= 0.5:
        return low + _beta_by_table(u, p["alpha"], p["beta"]) * (high - low)  # type: ignore[no-any-return]
    return low + betaincinv(p["alpha"], p["beta"], u) * (high - low)  # type: ignore[no-any-return]


def _beta_by_table(u: FloatArray, alpha: float, beta: float) -> FloatArray:
    """Return beta quantiles to about 1e-11 of themselves, from a table.

    The log odds of the quantile are a smooth function of the normal score of its probability, with a slope known from
    both densities: a cubic through values and slopes of 2049 nodes (Hermite) leaves an error of the fourth order.
    """
    import numpy as np
    from scipy.special import betaincinv, betaln, expit, ndtr, ndtri

    z, step = np.linspace(-_TABLE_END, _TABLE_END, 2049, retstep=True)
    below = betaincinv(alpha, beta, ndtr(np.minimum(z, 0.0)))
    above = betaincinv(beta, alpha, ndtr(np.minimum(-z, 0.0)))  # the distance to 1, exact where that is small
    value = np.where(z < 0, np.log(below) - np.log1p(-below), np.log1p(-above) - np.log(above))
    density = -alpha * np.logaddexp(0.0, -value) - beta * np.logaddexp(0.0, value) - betaln(alpha, beta)
    slope = step * np.exp(-0.5 * z * z - density) / math.sqrt(2.0 * math.pi)
    rise, first, last = np.diff(value), slope[:-1], slope[1:]
    cubic = (value[:-1], first, 3.0 * rise - 2.0 * first - last, first + last - 2.0 * rise)
    flat, result = u.ravel(), np.empty(u.size)
    for begin in range(0, u.size, _BLOCK):  # what fits into the cache need not be fetched again at every step
        place = (ndtri(flat[begin : begin + _BLOCK]) + _TABLE_END) * (1.0 / step)
        left = place.astype(np.intp)  # probabilities that can be drawn lie well inside the table
        place -= left
        log_odds = cubic[3].take(left, mode="clip")
        for coefficient in cubic[2::-1]:
            log_odds *= place
            log_odds += coefficient.take(left, mode="clip")
        expit(log_odds, out=result[begin : begin + _BLOCK])
    return result.reshape(u.shape)


def _normal(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    from scipy.special import ndtri

    mean = p["mean"] if "mean" in p else 0.5 * (p["p10"] + p["p90"])
    sd = p["sd"] if "sd" in p else (p["p90"] - p["p10"]) / (2 * _Z90)
    return mean + sd * ndtri(u)  # type: ignore[no-any-return]


def _lognormal(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    import numpy as np

    if "median" in p:
        logs = {"mean": math.log(p["median"]), "sd": math.log(p["gsd"])}
    else:
        logs = {"p10": math.log(p["p10"]), "p90": math.log(p["p90"])}
    return np.exp(_normal(u, logs))


def _discrete(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    import numpy as np

    edges = np.cumsum(p["weights"]) / sum(p["weights"])
    index = np.searchsorted(edges[:-1], u, side="right")
    return np.asarray(p["values"], dtype=float)[index]


def _empirical(u: FloatArray, p: dict[str, Any]) -> FloatArray:
    import numpy as np

    # type 7 quantile (Hyndman & Fan 1996): linear between order statistics
    values = np.sort(np.asarray(p["values"], dtype=float))
    return np.asarray(np.interp(u * (len(values) - 1), np.arange(len(values)), values))


_QUANTILES: Mapping[str, Callable[[FloatArray, dict[str, Any]], FloatArray]] = {
    "constant": _constant,
    "uniform": _uniform,
    "triangular": _triangular,
    "pert": _pert,
    "normal": _normal,
    "lognormal": _lognormal,
    "beta": _beta,
    "discrete": _discrete,
    "empirical": _empirical,
}
