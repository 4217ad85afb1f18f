"""How stated rank correlations become a copula: the Gaussian one, or Student's t with its tails that move together.

Under both, what is correlated are scores with a matrix; what the file states are Spearman rank correlations. For normal
scores ``rho = 2 sin(pi rho_s / 6)`` (Pearson 1907). For t scores the Spearman correlation is that of a normal one mixed
over the scales (Heinen & Valdesogo 2020, Journal of Multivariate Analysis 179:104650).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["GAUSSIAN", "Copula", "nearest_correlation", "score_matrix"]

_NODES = 24


@dataclass(frozen=True, slots=True)
class Copula:
    """A family of joint distributions of the inputs that are correlated with each other.

    Parameters
    ----------
    family : {"gaussian", "t"}
    degrees : float
        Degrees of freedom of Student's t; the fewer, the heavier the joint tails. Unused by the Gaussian copula.
    """

    family: str = "gaussian"
    degrees: float = 4.0

    def score_correlation(self, spearman: float) -> float:
        """Return the correlation of the scores that gives a Spearman rank correlation [1]."""
        if self.family == "gaussian":
            return 2.0 * math.sin(math.pi * spearman / 6.0)
        return _bisected(self, spearman)

    def spearman(self, correlation: float) -> float:
        """Return the Spearman rank correlation that a correlation of the scores gives [1]."""
        if self.family == "gaussian":
            return 6.0 / math.pi * math.asin(correlation / 2.0)
        import numpy as np

        factor, weight = _mixture(self.degrees)
        return float(6.0 / math.pi * (np.arcsin(correlation * factor) * weight).sum())

    def tail_dependence(self, correlation: float) -> float:
        """Return the limit of P(one is extreme | the other is) [1]: 0 for the Gaussian copula.

        Demarta & McNeil (2005), International Statistical Review 73:111, equation 9.
        """
        if self.family == "gaussian":
            return 0.0
        from scipy.special import stdtr

        below = -math.sqrt((self.degrees + 1.0) * (1.0 - correlation) / (1.0 + correlation))
        return float(2.0 * stdtr(self.degrees + 1.0, below))

    def describe(self) -> str:
        """Return the copula in words."""
        if self.family == "gaussian":
            return "Gaussian copula: no tail dependence"
        return f"Student t copula with {self.degrees:g} degrees of freedom"


GAUSSIAN = Copula()


@cache
def _bisected(copula: Copula, spearman: float) -> float:
    low, high = -1.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if copula.spearman(middle) < spearman else (low, middle)
    return 0.5 * (low + high)


@cache
def _mixture(degrees: float) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of the factor that multiplies the correlation of the scores within the arcsine.

    With three independent scales 1 / W of the mixture, the factor is (1/W1) / sqrt((1/W1 + 1/W2) (1/W1 + 1/W3)).
    """
    import numpy as np
    from scipy.special import chdtri

    points, weights = np.polynomial.legendre.leggauss(_NODES)
    # the squeeze u = t^2 (3 - 2 t) puts nodes where the scale is extreme
    t = 0.5 * (points + 1.0)
    u, mass = t * t * (3.0 - 2.0 * t), 0.5 * weights * 6.0 * t * (1.0 - t)
    inverse = degrees / chdtri(degrees, 1.0 - u)
    share = np.sqrt(inverse[:, None] / (inverse[:, None] + inverse[None, :]))
    factor = share[:, :, None] * share[:, None, :]
    weight = mass[:, None, None] * mass[None, :, None] * mass[None, None, :]
    return factor.ravel(), (weight / weight.sum()).ravel()


def score_matrix(
    names: Sequence[str], pairs: Mapping[tuple[str, str], float], copula: Copula = GAUSSIAN
) -> FloatArray:
    """Return the correlation matrix of the scores, shape (names, names), from Spearman rank correlations of pairs."""
    import numpy as np

    at = {name: i for i, name in enumerate(names)}
    matrix = np.eye(len(names))
    for (first, second), rho in pairs.items():
        if first in at and second in at:
            value = copula.score_correlation(rho)
            matrix[at[first], at[second]] = matrix[at[second], at[first]] = value
    return matrix


def nearest_correlation(matrix: FloatArray, floor: float = 1e-6, steps: int = 500) -> FloatArray:
    """Return the nearest correlation matrix in the Frobenius norm, eigenvalues at least about `floor`.

    Parameters
    ----------
    matrix : float array, shape (n, n) [1]
        Symmetric with unit diagonal.

    Returns
    -------
    float array, shape (n, n) [1]

    References
    ----------
    Higham (2002), IMA J. Numer. Anal. 22:329, algorithm 3.3: alternating projections with Dykstra's correction.
    """
    import numpy as np

    current, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(steps):
        raised = current - correction
        values, vectors = np.linalg.eigh(raised)
        projected = (vectors * np.maximum(values, floor)) @ vectors.T
        correction = projected - raised
        following = projected.copy()
        np.fill_diagonal(following, 1.0)
        settled = float(np.max(np.abs(following - current))) < 1e-10
        current = following
        if settled:
            break
    return current
