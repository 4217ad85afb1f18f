"""Key length of one block from its counts, compiled: two decoys and one.

Lim, Curty, Walenta, Xu & Zbinden (2014), Phys. Rev. A 89:022307, equations 1 to 5 (two decoys); Rusca, Boaron,
Grünenfelder, Martin & Zbinden (2018), Appl. Phys. Lett. 112:171104 (one decoy); Yin et al. (2020), Sci. Rep. 10:14312
(Chernoff's bounds, and the bound of random sampling that `TIGHT` takes).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

__all__ = [
    "CHERNOFF",
    "COLUMNS",
    "EXPECTED",
    "HOEFFDING",
    "TIGHT",
    "block_length",
    "entropy",
    "key_lengths",
    "one_decoy",
    "two_decoys",
]

EXPECTED, HOEFFDING, CHERNOFF, TIGHT = 0, 1, 2, 3
COLUMNS = ("length", "vacuum", "single", "phase_error", "error_rate", "leak", "penalty")
_SMALL = 1e-9


@njit(cache=True)
def entropy(p):
    """Return the binary entropy [bit], 0 at the ends."""
    if p <= 0.0 or p >= 1.0:
        return 0.0
    return -p * math.log2(p) - (1.0 - p) * math.log1p(-p) / math.log(2.0)


@njit(cache=True)
def _low(count, total, log_failures, bounds):
    """Return the lower bound of an expected count of which so many were seen, out of a total over all intensities."""
    if bounds == 0:
        return count
    if bounds == 1:
        return count - math.sqrt(0.5 * total * log_failures)
    return count - 0.5 * log_failures - math.sqrt(2.0 * count * log_failures + 0.25 * log_failures**2)


@njit(cache=True)
def _high(count, total, log_failures, bounds):
    if bounds == 0:
        return count
    if bounds == 1:
        return count + math.sqrt(0.5 * total * log_failures)
    return count + log_failures + math.sqrt(2.0 * count * log_failures + log_failures**2)


@njit(cache=True)
def _sampling(failures, rate, tested, wanted):
    """Return how much higher the rate of the untested may be; Lim et al. (2014), below equation 5."""
    both = (tested + wanted) / (tested * wanted)
    spread = (1.0 - rate) * rate
    return math.sqrt(max(both * spread / math.log(2.0) * math.log2(both / spread * failures**2), 0.0))


@njit(cache=True)
def _tight_sampling(failures, rate, tested, wanted):
    """The same after Yin et al. (2020), equation 10: inversion of Chernoff's bound of the hypergeometric tail."""
    total, largest = tested + wanted, max(tested, wanted)
    inside = total / (2.0 * math.pi * tested * wanted * rate * (1.0 - rate)) * failures**2
    g = total / (tested * wanted) * max(math.log(inside), 0.0)
    root = math.sqrt((largest * g / total) ** 2 + 4.0 * rate * (1.0 - rate) * g)
    return ((1.0 - 2.0 * rate) * largest * g / total + root) / (2.0 + 2.0 * largest**2 * g / total**2)


@njit(cache=True)
def _leak(sifted, error, efficiency, correctness, finite_leak):
    """Return bits published; with `finite_leak` not below Tomamichel et al. (2017), Quantum Inf. Process. 16:280."""
    leak = efficiency * sifted * entropy(error)
    if not finite_leak or error <= 0.0:
        return leak
    # the binomial quantile by its normal limit: at 1e-15 within a bit for more than 100 errors
    score = math.sqrt(2.0) * _inverse_erfc(2.0 * correctness * (1.0 + 1.0 / math.sqrt(sifted)))
    spread = score * math.sqrt(sifted * error * (1.0 - error)) - 1.0
    floor = sifted * entropy(error) + spread * math.log2((1.0 - error) / error)
    return max(leak, floor - 0.5 * math.log2(sifted) - math.log2(1.0 / correctness))


@njit(cache=True)
def _inverse_erfc(y):
    x = math.sqrt(max(-math.log(y), 0.0))
    for _ in range(30):
        slope = 2.0 / math.sqrt(math.pi) * math.exp(-x * x)
        step = (math.erfc(x) - y) / slope
        x += step / (1.0 - x * step)
        if abs(step) < 1e-12:
            break
    return x


@njit(cache=True)
def _finish(vacuum, single, phase, sifted, errors, efficiency, correctness, finite_leak, penalty):
    observed = errors / sifted
    leak = _leak(sifted, observed, efficiency, correctness, finite_leak)
    length = vacuum + single * (1.0 - entropy(phase)) - leak - penalty
    return length, vacuum, single, phase, observed, leak, penalty


@njit(cache=True)
def _phase(errors, tested, single, failures, bounds):
    if single <= 0.0 or tested <= 0.0:
        return 0.5
    safe_tested, safe_single = max(tested, _SMALL), max(single, _SMALL)
    rate = min(max(errors / safe_tested, 1e-12), 0.5)
    if bounds == 0:
        return rate
    if bounds == 3:
        return min(rate + _tight_sampling(failures, rate, safe_tested, safe_single), 0.5)
    return min(rate + _sampling(failures, rate, safe_tested, safe_single), 0.5)


@njit(cache=True)
def _singles(counts, total, mu, scale, weight0, weight1, log_failures, bounds):
    """Return lower bounds of vacuum and single-photon detections of one basis."""
    vacuum = (
        weight0
        / (mu[1] - mu[2])
        * (
            mu[1] * scale[2] * _low(counts[2], total, log_failures, bounds)
            - mu[2] * scale[1] * _high(counts[1], total, log_failures, bounds)
        )
    )
    vacuum = max(vacuum, 0.0)
    ratio = (mu[1] ** 2 - mu[2] ** 2) / mu[0] ** 2
    rest = scale[1] * _low(counts[1], total, log_failures, bounds)
    rest -= scale[2] * _high(counts[2], total, log_failures, bounds)
    rest -= ratio * (scale[0] * _high(counts[0], total, log_failures, bounds) - vacuum / weight0)
    single = weight1 * mu[0] * rest / (mu[0] * (mu[1] - mu[2]) - (mu[1] ** 2 - mu[2] ** 2))
    if bounds == 3:  # from expected to observed
        vacuum = max(vacuum - math.sqrt(2.0 * log_failures * vacuum), 0.0)
        single = single - math.sqrt(2.0 * log_failures * max(single, 0.0))
    return vacuum, single


@njit(cache=True)
def two_decoys(
    key, key_errors, test, test_errors, mu, p, efficiency, secrecy, correctness, bounds, finite_leak, capped
):
    """Return the `COLUMNS` of a block with three intensities."""
    number = 23.0 if bounds == 3 else 21.0
    failures = number / secrecy
    log_failures = math.log(failures)
    scale = np.exp(mu) / p
    weight0 = weight1 = 0.0
    for i in range(3):
        weight0 += p[i] * math.exp(-mu[i])
        weight1 += p[i] * math.exp(-mu[i]) * mu[i]
    sifted, tested, wrong, missed = key.sum(), test.sum(), test_errors.sum(), key_errors.sum()
    vacuum, single = _singles(key, sifted, mu, scale, weight0, weight1, log_failures, bounds)
    _, test_single = _singles(test, tested, mu, scale, weight0, weight1, log_failures, bounds)
    errors = (
        weight1
        / (mu[1] - mu[2])
        * (
            scale[1] * _high(test_errors[1], wrong, log_failures, bounds)
            - scale[2] * _low(test_errors[2], wrong, log_failures, bounds)
        )
    )
    errors = max(errors, 0.0)
    if bounds == 3:
        errors += 0.5 * log_failures + math.sqrt(2.0 * log_failures * errors + 0.25 * log_failures**2)
    if capped:  # single photons cannot have more errors than were seen in all
        errors = min(errors, wrong)
    phase = _phase(errors, test_single, single, failures, bounds)
    penalty = 0.0 if bounds == 0 else 6.0 * math.log2(failures) + math.log2(2.0 / correctness)
    return _finish(vacuum, single, phase, sifted, missed, efficiency, correctness, finite_leak, penalty)


@njit(cache=True)
def _most_vacuum(errors, counts, scale, weight0, log_failures, bounds):
    """Return the upper bound of vacuum detections from errors: half of them are wrong (Rusca et al. 2018)."""
    wrong, total = errors[:2].sum(), counts[:2].sum()
    spread = math.sqrt(0.5 * total * log_failures) if bounds else 0.0
    most = math.inf
    for i in range(2):
        most = min(most, 2.0 * (weight0 * scale[i] * _high(errors[i], wrong, log_failures, bounds) + spread))
    return min(most, total)


@njit(cache=True)
def _one_single(counts, errors, mu, scale, weight0, weight1, log_failures, bounds):
    total = counts[:2].sum()
    low = scale[1] * _low(counts[1], total, log_failures, bounds)
    high = scale[0] * _high(counts[0], total, log_failures, bounds)
    vacuum = max(weight0 / (mu[0] - mu[1]) * (mu[0] * low - mu[1] * high), 0.0)
    most = _most_vacuum(errors, counts, scale, weight0, log_failures, bounds)
    ratio = (mu[1] / mu[0]) ** 2
    rest = low - ratio * high - (1.0 - ratio) * most / weight0
    return vacuum, weight1 * mu[0] / (mu[1] * (mu[0] - mu[1])) * rest


@njit(cache=True)
def one_decoy(
    key, key_errors, test, test_errors, mu, p, efficiency, secrecy, correctness, bounds, finite_leak, capped
):
    """Return the `COLUMNS` of a block with two intensities; the third of each array is not looked at."""
    failures = 19.0 / secrecy
    log_failures = math.log(failures)
    scale = np.exp(mu) / np.maximum(p, 1e-300)
    weight0 = p[0] * math.exp(-mu[0]) + p[1] * math.exp(-mu[1])
    weight1 = p[0] * math.exp(-mu[0]) * mu[0] + p[1] * math.exp(-mu[1]) * mu[1]
    vacuum, single = _one_single(key, key_errors, mu, scale, weight0, weight1, log_failures, bounds)
    _, test_single = _one_single(test, test_errors, mu, scale, weight0, weight1, log_failures, bounds)
    wrong = test_errors[:2].sum()
    errors = (
        weight1
        / (mu[0] - mu[1])
        * (
            scale[0] * _high(test_errors[0], wrong, log_failures, bounds)
            - scale[1] * _low(test_errors[1], wrong, log_failures, bounds)
        )
    )
    errors = max(errors, 0.0)
    if capped:
        errors = min(errors, wrong)
    phase = _phase(errors, test_single, single, failures, bounds)
    penalty = 0.0 if bounds == 0 else 6.0 * math.log2(failures) + math.log2(2.0 / correctness)
    sifted, missed = key[:2].sum(), key_errors[:2].sum()
    return _finish(vacuum, single, phase, sifted, missed, efficiency, correctness, finite_leak, penalty)


@njit(cache=True)
def block_length(
    key,
    key_errors,
    test,
    test_errors,
    mu,
    p,
    efficiency,
    secrecy,
    correctness,
    bounds,
    decoys,
    finite_leak,
    capped,
):
    """Return the `COLUMNS` of one block."""
    if decoys == 1:
        return one_decoy(
            key,
            key_errors,
            test,
            test_errors,
            mu,
            p,
            efficiency,
            secrecy,
            correctness,
            bounds,
            finite_leak,
            capped,
        )
    return two_decoys(
        key,
        key_errors,
        test,
        test_errors,
        mu,
        p,
        efficiency,
        secrecy,
        correctness,
        bounds,
        finite_leak,
        capped,
    )


@njit(cache=True)
def key_lengths(
    key,
    key_errors,
    test,
    test_errors,
    mu,
    p,
    efficiency,
    secrecy,
    correctness,
    bounds,
    decoys,
    finite_leak,
    capped,
    out,
):
    """Fill `out`, shape (n, 7), from counts and settings of shape (n, 3) and (n,)."""
    for i in range(len(out)):
        found = block_length(
            key[i], key_errors[i], test[i], test_errors[i], mu[i], p[i],
            efficiency[i], secrecy[i], correctness[i], bounds, decoys, finite_leak, capped,
        )  # fmt: skip
        for j in range(7):
            out[i, j] = found[j]
