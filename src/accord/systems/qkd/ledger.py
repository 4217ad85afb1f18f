"""One door to every proof: counts and terms in, key length and a ledger of each leaked bit and epsilon out.

A length of zero always comes with why, and with the nearest change that would give key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from accord.errors import ModelError
from accord.systems.qkd.entangled import PairCounts, pair_key_length
from accord.systems.qkd.finite_key import Bounds, Counts, Protocol, binary_entropy, key_length

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PROOFS", "Ledger", "Proof", "Terms", "secret_key"]

Proof = Literal["hoeffding", "chernoff", "tight", "one_decoy", "bbm92", "asymptotic"]
PROOFS: tuple[Proof, ...] = ("hoeffding", "chernoff", "tight", "one_decoy", "bbm92", "asymptotic")
_TERMS = {"hoeffding": 21, "chernoff": 21, "tight": 23, "one_decoy": 19, "bbm92": 21}
_LONGEST, _STEPS = 1e6, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a block is judged by.

    Attributes
    ----------
    proof : Proof
    protocol : Protocol or None
        Settings of the sender; none for entangled pairs.
    secrecy, correctness : float
        Largest probabilities that a block is not secret, and that the two ends differ.
    error_correction : float
        Bits published over the Shannon limit, for entangled pairs.
    leak_bit : float, optional
        What error correction did publish; in place of the estimate.
    """

    proof: Proof
    protocol: Protocol | None = None
    secrecy: float = 1e-9
    correctness: float = 1e-15
    error_correction: float = 1.16
    leak_bit: float | None = None

    def __post_init__(self) -> None:
        if self.proof not in PROOFS:
            raise ModelError(f"proof {self.proof!r}: expected one of {', '.join(PROOFS)}")
        for name in ("secrecy", "correctness"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ModelError(f"{name} {getattr(self, name)}: expected between 0 and 1")
        if self.proof != "bbm92" and self.protocol is None:
            raise ModelError(f"proof {self.proof!r}: the settings of the sender are missing (protocol)")
        if self.protocol is None or self.proof in ("asymptotic", "bbm92"):
            return
        if (self.protocol.decoys == 1) != (self.proof == "one_decoy"):
            raise ModelError(f"proof {self.proof!r} with {self.protocol.decoys} decoys: they do not fit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Where the bits of one block went; `sifted_bit` less all `spent` is `length_bit`.

    Attributes
    ----------
    proof : str
    sifted_bit : float
    spent : dict of str to float [bit]
        By what: pulses of several photons, phase error, error correction, secrecy, correctness.
    epsilon : dict of str to float
        Probabilities of failure, the share of each of the proof's terms and their total.
    vacuum, single, phase_error, error_rate : float
        Of the basis of the key; of entangled pairs the mean over both.
    length_bit : float
        Before it is cut at zero.
    reason, change : str
        Why there is no key, and the nearest change that would give some; empty where there is key.
    """

    proof: str
    sifted_bit: float
    spent: dict[str, float]
    epsilon: dict[str, float]
    vacuum: float
    single: float
    phase_error: float
    error_rate: float
    length_bit: float
    reason: str = ""
    change: str = ""


def secret_key(counts: Counts | PairCounts, terms: Terms) -> tuple[int, Ledger]:
    """Return the whole secret bits of one block and its ledger.

    Parameters
    ----------
    counts : Counts or PairCounts
        One block: shape (3,) and (2,); from a model, from simulated photons or from an experiment.

    Raises
    ------
    accord.errors.ModelError
        For counts or terms that cannot be.
    """
    counts.checked()
    if isinstance(counts, PairCounts) != (terms.proof == "bbm92"):
        raise ModelError(f"proof {terms.proof!r}: these counts are of another protocol")
    ledger = _enter(counts, terms)
    if ledger.length_bit < 1.0:
        ledger = replace(ledger, reason=_why(ledger), change=_nearest(counts, terms))
        return 0, ledger
    return int(ledger.length_bit), ledger


def _enter(counts: Counts | PairCounts, terms: Terms) -> Ledger:
    if isinstance(counts, PairCounts):
        return _enter_pairs(counts, terms)
    assert terms.protocol is not None
    bounds: Bounds = "hoeffding"
    if terms.proof in ("chernoff", "tight"):
        bounds = terms.proof
    elif terms.proof == "asymptotic":
        bounds = "none"
    found = key_length(
        counts, terms.protocol, secrecy=terms.secrecy, correctness=terms.correctness, bounds=bounds
    )
    sifted = float(np.sum(counts.key[: terms.protocol.decoys + 1]))
    vacuum, single = float(found.vacuum), float(found.single)
    leak = float(found.leak) if terms.leak_bit is None else terms.leak_bit
    correctness = 0.0 if bounds == "none" else float(np.log2(2.0 / terms.correctness))
    spent = {
        "pulses of several photons": sifted - vacuum - single,
        "phase error": single * float(binary_entropy(found.phase_error)),
        "error correction": leak,
        "secrecy": float(found.penalty) - correctness,
        "correctness": correctness,
    }
    return Ledger(
        proof=terms.proof,
        sifted_bit=sifted,
        spent=spent,
        epsilon=_epsilon(terms),
        vacuum=vacuum,
        single=single,
        phase_error=float(found.phase_error),
        error_rate=float(found.error_rate),
        length_bit=sifted - sum(spent.values()),
    )


def _enter_pairs(counts: PairCounts, terms: Terms) -> Ledger:
    found = pair_key_length(
        counts,
        secrecy=terms.secrecy,
        correctness=terms.correctness,
        error_correction=terms.error_correction,
    )
    sifted = np.asarray(counts.sifted, float)
    correctness = float(np.log2(2.0 / terms.correctness))
    spent = {
        "phase error": float((sifted * binary_entropy(found.phase_error)).sum()),
        "error correction": float(found.leak) if terms.leak_bit is None else terms.leak_bit,
        "secrecy": float(found.penalty) - correctness,
        "correctness": correctness,
    }
    total = float(sifted.sum())
    return Ledger(
        proof=terms.proof,
        sifted_bit=total,
        spent=spent,
        epsilon=_epsilon(terms),
        vacuum=0.0,
        single=total,
        phase_error=float((found.phase_error * sifted).sum() / total),
        error_rate=float(np.sum(counts.errors) / total),
        length_bit=total - sum(spent.values()),
    )


def _epsilon(terms: Terms) -> dict[str, float]:
    if terms.proof == "asymptotic":
        return {"secrecy": 0.0, "correctness": 0.0, "each term": 0.0, "total": 0.0}
    return {
        "secrecy": terms.secrecy,
        "correctness": terms.correctness,
        "each term": terms.secrecy / _TERMS[terms.proof],
        "total": terms.secrecy + terms.correctness,
    }


def _why(ledger: Ledger) -> str:
    if ledger.single <= 0.0:
        return (
            f"no single photon is certain among {ledger.sifted_bit:.4g} sifted bits: too few counts for the bounds, "
            "or noise that outweighs the signal"
        )
    if ledger.phase_error >= 0.5:
        return (
            f"no bound on the phase error: the test basis has too few detections or too many errors "
            f"(error rate {ledger.error_rate:.2%})"
        )
    secret = ledger.vacuum + ledger.single - ledger.spent["phase error"]
    if secret <= ledger.spent["secrecy"] + ledger.spent["correctness"]:
        fixed = ledger.spent["secrecy"] + ledger.spent["correctness"]
        return f"the fixed cost of the proof, {fixed:.0f} bits, exceeds the {secret:.0f} that are secret"
    return (
        f"error correction gives away {ledger.spent['error correction']:.0f} bits at an error rate of "
        f"{ledger.error_rate:.2%}, and {secret:.0f} are secret"
    )


def _nearest(counts: Counts | PairCounts, terms: Terms) -> str:
    """Return the smaller of: how much longer a block, how many fewer errors."""
    if terms.leak_bit is not None:
        terms = replace(terms, leak_bit=None)

    def longer(factor: float) -> float:
        return _enter(_scaled(counts, factor, 1.0), terms).length_bit

    def cleaner(factor: float) -> float:
        return _enter(_scaled(counts, 1.0, 1.0 / factor), terms).length_bit

    block, errors = _least(longer), _least(cleaner)
    if min(block, errors) > _LONGEST:
        both = _enter(_scaled(counts, _LONGEST, 0.1), terms).length_bit
        more = (
            "a longer block with a tenth of the errors would"
            if both > 0.0
            else "less loss or noise is needed"
        )
        return f"neither a longer block nor fewer errors alone give key; {more}"
    if block <= errors:
        return f"a block {block:.3g} times as long gives key"
    return f"errors down by a factor of {errors:.3g} (to {_rate(counts) / errors:.2%}) give key"


def _rate(counts: Counts | PairCounts) -> float:
    if isinstance(counts, PairCounts):
        return float(np.sum(counts.errors) / np.sum(counts.sifted))
    return float(np.sum(counts.key_errors) / np.sum(counts.key))


def _scaled(counts: Counts | PairCounts, block: float, errors: float) -> Counts | PairCounts:
    if isinstance(counts, PairCounts):
        return PairCounts(sifted=counts.sifted * block, errors=counts.errors * block * errors)
    return Counts(
        key=counts.key * block,
        key_errors=counts.key_errors * block * errors,
        test=counts.test * block,
        test_errors=counts.test_errors * block * errors,
    )


def _least(length: Callable[[float], float]) -> float:
    """Return the smallest factor with key, infinity where the largest gives none."""
    if length(_LONGEST) < 1.0:
        return float("inf")
    low, high = 0.0, float(np.log(_LONGEST))
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if length(float(np.exp(middle))) >= 1.0 else (middle, high)
    return float(np.exp(high))
