"""Federated averaging of a small network: FedAvg, FedProx, FedBN and clipped updates, in process.

The network is one hidden layer on standardised features, with a normalisation of its own in front: enough to learn
water from indices, small enough to be checked by hand. Sites hold arrays of their own; what they send passes their
`Egress`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.errors import ModelError
from accord.systems.imaging.federated.egress import Egress

FloatArray = NDArray[np.float64]
Weights = dict[str, FloatArray]

__all__ = [
    "OWN",
    "Plan",
    "Site",
    "average",
    "gradient",
    "initial_weights",
    "mean_loss",
    "predicted",
    "shapes",
]

OWN = (
    "shift",
    "scale",
)  # normalisation of the inputs: sensors and climates differ (Li et al. 2021, FedBN, ICLR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What sites agree on before the first round.

    Attributes
    ----------
    rounds, local_steps : int
    rate : float [1]
        Of a gradient step.
    proximal : float [1]
        mu of FedProx (Li et al. 2020, MLSys): pulls local weights to the shared ones; 0 is FedAvg (McMahan et al.
        2017, AISTATS).
    clip : float [1]
        Largest Euclidean length of an update; 0 leaves updates as they are.
    own_normalisation : bool
        Whether each site keeps the tensors of `OWN` for itself.
    """

    rounds: int = 20
    local_steps: int = 1
    rate: float = 0.5
    proximal: float = 0.0
    clip: float = 0.0
    own_normalisation: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.rounds <= 50 or self.local_steps < 1:
            raise ModelError(
                f"{self.rounds} rounds of {self.local_steps} steps: expected 1 to 50 rounds, 1 step or more"
            )
        if self.rate <= 0.0 or self.proximal < 0.0 or self.clip < 0.0:
            raise ModelError("rate must be above zero, proximal and clip not below it")

    def shared(self) -> tuple[str, ...]:
        """Return the names of the tensors that are averaged."""
        return tuple(
            n for n in ("shift", "scale", "w1", "b1", "w2", "b2") if not (self.own_normalisation and n in OWN)
        )


def shapes(features: int, hidden: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of the network."""
    return {
        "shift": (features,), "scale": (features,), "w1": (features, hidden), "b1": (hidden,), "w2": (hidden,),
        "b2": (1,),
    }  # fmt: skip


def initial_weights(features: int, hidden: int, seed: int) -> Weights:
    """Return the weights that every site starts from, by Glorot's rule for the first layer."""
    random = np.random.default_rng(seed)
    out = {name: np.zeros(shape) for name, shape in shapes(features, hidden).items()}
    out["scale"] += 1.0
    out["w1"] = random.normal(0.0, np.sqrt(2.0 / (features + hidden)), (features, hidden))
    out["w2"] = random.normal(0.0, np.sqrt(2.0 / (hidden + 1)), hidden)
    return out


def _forward(weights: Weights, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    normal = (x - weights["shift"]) * weights["scale"]
    hidden = np.tanh(normal @ weights["w1"] + weights["b1"])
    return normal, hidden, hidden @ weights["w2"] + weights["b2"][0]


def predicted(weights: Weights, x: FloatArray) -> FloatArray:
    """Return the probability of water [1] of rows of features, shape (n,)."""
    found: FloatArray = 1.0 / (1.0 + np.exp(-_forward(weights, x)[2]))
    return found


def mean_loss(weights: Weights, x: FloatArray, y: FloatArray) -> float:
    """Return the mean cross entropy [nat]."""
    score = _forward(weights, x)[2]
    return float(np.mean(np.logaddexp(0.0, score) - y * score))


def gradient(weights: Weights, x: FloatArray, y: FloatArray) -> Weights:
    """Return the gradient of `mean_loss`."""
    normal, hidden, score = _forward(weights, x)
    error = (1.0 / (1.0 + np.exp(-score)) - y) / len(y)
    back = np.outer(error, weights["w2"]) * (1.0 - hidden * hidden)
    to_normal = back @ weights["w1"].T
    return {
        "shift": -np.sum(to_normal * weights["scale"], axis=0),
        "scale": np.sum(to_normal * (x - weights["shift"]), axis=0),
        "w1": normal.T @ back,
        "b1": back.sum(axis=0),
        "w2": hidden.T @ error,
        "b2": np.array([error.sum()]),
    }


class Site:
    """One party: features and labels that stay, a gate for what leaves."""

    def __init__(self, features: FloatArray, water: NDArray[np.bool_], egress: Egress) -> None:
        if features.ndim != 2 or len(features) != len(water) or not np.all(np.isfinite(features)):
            raise ModelError(
                f"site {egress.site}: features of shape {features.shape} with {len(water)} labels"
            )
        self._x = np.asarray(features, dtype=np.float64)
        self._y = np.asarray(water, dtype=np.float64)
        self._own: Weights = {}
        self.egress = egress

    def rows(self) -> int:
        """Return how many rows the site holds, if it may be told."""
        return self.egress.count("rows", len(self._y))

    def standardise(self) -> None:
        """Set the site's own normalisation to its own mean and spread."""
        self._own = {"shift": self._x.mean(axis=0), "scale": 1.0 / np.maximum(self._x.std(axis=0), 1e-9)}

    def _start(self, shared: Mapping[str, FloatArray], plan: Plan) -> Weights:
        own = self._own if plan.own_normalisation else {}
        return {name: np.array(own.get(name, value)) for name, value in shared.items()}

    def update(self, shared: Mapping[str, FloatArray], plan: Plan) -> Weights:
        """Train from the shared weights and return how far each shared tensor moved, clipped."""
        weights = self._start(shared, plan)
        start = {name: value.copy() for name, value in weights.items()}
        for _ in range(plan.local_steps):
            slope = gradient(weights, self._x, self._y)
            for name in weights:
                pull = plan.proximal * (weights[name] - start[name])
                weights[name] = weights[name] - plan.rate * (slope[name] + pull)
        if plan.own_normalisation:
            self._own = {name: weights[name] for name in OWN}
        moved = {name: weights[name] - start[name] for name in plan.shared()}
        length = float(np.sqrt(sum(float(np.sum(v * v)) for v in moved.values())))
        factor = min(1.0, plan.clip / length) if plan.clip and length > 0.0 else 1.0
        return {name: self.egress.tensor(name, value * factor) for name, value in moved.items()}

    def probability(self, shared: Mapping[str, FloatArray], plan: Plan, features: FloatArray) -> FloatArray:
        """Return probabilities [1] of the site's own rows or others, at the site, with its own normalisation."""
        return predicted(self._start(shared, plan), features)


def average(sites: Sequence[Site], start: Weights, plan: Plan) -> Weights:
    """Return the shared weights after all rounds: each the mean of the sites' updates, by their number of rows.

    Raises
    ------
    ModelError
        When there is no site.
    EgressError
        When a site holds too little to be told or an update is not as agreed.
    """
    if not sites:
        raise ModelError("federated averaging needs at least one site")
    rows = np.array([site.rows() for site in sites], dtype=np.float64)
    share = rows / rows.sum()
    weights = {name: value.copy() for name, value in start.items()}
    for _ in range(plan.rounds):
        updates = [site.update(weights, plan) for site in sites]
        for name in plan.shared():
            weights[name] = weights[name] + sum(s * u[name] for s, u in zip(share, updates, strict=True))
    return weights
