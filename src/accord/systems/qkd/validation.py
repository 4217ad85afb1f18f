"""Published cases: finite keys over fibre and from satellites, channels, measured systems, reconciliation, networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.systems.qkd.finite_key import Bounds, Counts, KeyLength, Protocol, binary_entropy, key_length
from accord.systems.qkd.link import Receiver, detection, error, expected_counts
from accord.systems.qkd.optimise import best_on, best_protocol, protocol_of
from accord.systems.qkd.raman import photons_in_mode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

KAPPA, CORRECTNESS = 1e-15, 1e-15


def receiver() -> Receiver:
    """Return the receiver of Lim et al. (2014)."""
    return Receiver(
        efficiency=np.array([0.1]),
        dark_probability=np.array([6e-7]),
        afterpulse_probability=np.array([0.04]),
        misalignment=np.array([5e-3]),
    )


def _through(length_km: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([10.0 ** (-0.2 * length_km / 10.0)])


def _fixed_point(length_km: float, block: float, protocol: Protocol) -> tuple[KeyLength, float]:
    """Return the key with a secrecy in proportion to its length, which is a fixed point, and the pulses."""
    counts, pulses = expected_counts(_through(length_km), protocol, receiver(), block)
    secrecy = KAPPA * block
    for _ in range(100):
        found = key_length(counts, protocol, secrecy=secrecy, correctness=CORRECTNESS)
        new = KAPPA * max(float(found.length[0]), 1.0)
        if abs(new - secrecy) <= 1e-12 * secrecy:
            break
        secrecy = new
    return found, float(pulses[0])


def detection_probability(length_km: float, intensity: float) -> dict[str, Any]:
    """Return the probability of a detection a pulse."""
    return {"detection": float(detection(_through(length_km), np.array([intensity]), receiver())[0])}


def raman_excess(filter_db: float, **fibre: float) -> dict[str, Any]:
    """Return the excess noise of scattered light at a receiver, in units of shot noise."""
    through = 10.0 ** (-filter_db / 10.0)
    both = (2.0 * through * photons_in_mode(**fibre, against=way) for way in (False, True))
    return dict(zip(("along", "against"), both, strict=True))


def fixed_cost(secrecy: float, correctness: float) -> dict[str, Any]:
    """Return what secrecy and correctness cost [bit]."""
    protocol = protocol_of(np.array([0.85, 0.38, 0.44, 0.41, 0.22]), 1.16)
    counts, _ = expected_counts(_through(50.0), protocol, receiver(), 1e7)
    return {"bit": float(key_length(counts, protocol, secrecy=secrecy, correctness=correctness).penalty[0])}


def fixed_settings(length_km: float, block: float, settings: Sequence[float]) -> dict[str, Any]:
    """Return rate, length, error and phase error at given settings."""
    found, pulses = _fixed_point(length_km, block, protocol_of(np.array(settings), 1.16))
    return {
        "rate": float(found.length[0]) / pulses,
        "length_bit": float(found.length[0]),
        "error_rate": float(found.error_rate[0]),
        "phase_error": float(found.phase_error[0]),
    }


def _best(length_km: float, block: float) -> float:
    protocol = best_protocol(float(_through(length_km)[0]), receiver(), block, kappa=KAPPA)
    found, pulses = _fixed_point(length_km, block, protocol)
    return float(found.length[0]) / pulses


def optimised(lengths_km: Sequence[float], block: float) -> dict[str, Any]:
    """Return the rates at the best settings."""
    return {"rates": [_best(length, block) for length in lengths_km]}


def ratio_of_blocks(length_km: float, blocks: Sequence[float]) -> dict[str, Any]:
    """Return the ratio of the best rates of two block sizes, the larger over the smaller."""
    small, large = (_best(length_km, block) for block in blocks)
    return {"ratio": large / small}


def longest(block: float) -> dict[str, Any]:
    """Return the longest fibre with key [km], the settings the best for each length."""
    low, high = 50.0, 250.0
    for _ in range(9):
        middle = 0.5 * (low + high)
        found = best_on(
            _through(middle) * 0.1, np.array([6e-7]), np.ones(1), afterpulse=0.04, misalignment=5e-3, block=block,
            secrecy=-KAPPA, correctness=CORRECTNESS,
        )  # fmt: skip
        low, high = (middle, high) if found.length_bit > 0.0 else (low, middle)
    return {"length_km": low}


def asymptotic(length_km: float, settings: Sequence[float]) -> dict[str, Any]:
    """Return the limit of infinite blocks."""
    protocol = protocol_of(np.array(settings), 1.16)
    counts, pulses = expected_counts(_through(length_km), protocol, receiver(), 1e7)
    found = key_length(counts, protocol, secrecy=1e-9, correctness=CORRECTNESS, bounds="none")
    return {
        "rate": float(found.length[0] / pulses[0]),
        "error_rate": float(found.error_rate[0]),
        "phase_error": float(found.phase_error[0]),
    }


def reconciliation(schedule: str, length: int, error_rates: Sequence[float], frames: int) -> dict[str, Any]:
    """Return leak over the Shannon limit of Cascade, and the share of frames left with errors.

    The leak counts every parity sent; the published counts are of blocks asked about. Two parities that follow from
    others, the last block's of a pass and half of a halved frame's, are never sent here.
    """
    from accord.systems.qkd.postprocessing import schedule as schedules
    from accord.systems.qkd.postprocessing.cascade import Answers, Questions, reconcile
    from accord.systems.qkd.postprocessing.rows import rows_of

    efficiency, failed = [], []
    for number, rate in enumerate(error_rates):
        rng = np.random.default_rng(number)
        plan = getattr(schedules, schedule)(rate, length)
        leak = wrong = 0
        for start in range(0, frames, 100):
            some = min(100, frames - start)
            sent = rng.integers(0, 2, some * length, dtype=np.uint8)
            seen = sent ^ (rng.random(some * length) < rate).astype(np.uint8)
            rows, seed = rows_of(sent, some, length), f"{number} {start}".encode()
            bob = Questions(rows_of(seen, some, length), length, plan, seed)
            leak += reconcile(Answers(rows, length, plan, seed), bob).leak_bit
            wrong += int((bob.rows != rows).any(axis=1).sum())
        efficiency.append(leak / (frames * length * float(binary_entropy(np.array(rate)))))
        failed.append(wrong / frames)
    return {"efficiency": efficiency, "frame_errors": failed, "mean_frame_errors": float(np.mean(failed))}


def published_reconciliation(
    schedule: str, length: int, error_rates: Sequence[float], frames: int, data: Any
) -> dict[str, Any]:
    """Return how far the efficiency lies from the published mean of 10,000 runs at the same error rates."""
    import json

    ours = reconciliation(schedule, length, error_rates, frames)["efficiency"]
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    at = {round(row["requested_bit_error_rate"], 6): row["efficiency"]["average"] for row in rows}
    return {"excess": [own - at[round(rate, 6)] for own, rate in zip(ours, error_rates, strict=True)]}


def _passing(
    link: FloatArray, noise: float, misalignment: float, protocol: Protocol, pulse_hz: float
) -> Counts:
    """Return the counts of a pass sampled each second."""
    wide = np.full((len(link), 1), 1.0)
    devices = Receiver(
        efficiency=wide, dark_probability=noise * wide, afterpulse_probability=1e-3 * wide,
        misalignment=misalignment * wide,
    )  # fmt: skip
    sent = pulse_hz * protocol.probabilities
    seen = (sent * detection(link[:, None], protocol.intensities, devices) * 1.001).sum(axis=0)
    wrong = (sent * error(link[:, None], protocol.intensities, devices)).sum(axis=0)
    key, test = protocol.key_basis_probability**2, (1.0 - protocol.key_basis_probability) ** 2
    return Counts(key=key * seen, key_errors=key * wrong, test=test * seen, test_errors=test * wrong)


def satellite_pass(
    half_s: float, loss_db: float, noise: float, misalignment: float, bounds: Bounds, data: Any
) -> dict[str, Any]:
    """Return key, counts and errors of a pass over the published link file, settings fixed."""
    lines = [
        row.split(",") for row in data.read_text(encoding="utf-8").splitlines() if not row.startswith("#")
    ]
    table = np.array([[float(v) for v in row[:3]] for row in lines])
    link = table[np.abs(table[:, 0]) <= half_s, 2] * 10.0 ** (-loss_db / 10.0)
    protocol = protocol_of(np.array([0.7611, 0.7501, 0.1749, 0.7921, 0.1707]), 1.16, vacuum=0.0)
    counts = _passing(link, noise, misalignment, protocol, 1e8)
    found = key_length(
        counts, protocol, secrecy=1e-9, correctness=1e-15, bounds=bounds, finite_leak=True, capped=True
    )
    return {
        "key_bit": max(0.0, float(found.length)),
        "sifted": float(counts.key.sum()),
        "tested": float(counts.test.sum()),
        "error_rate": float(found.error_rate),
        "phase_error": float(found.phase_error),
        "leak_bit": float(found.leak),
        "single": float(found.single),
    }


def link_rows(seconds: Sequence[float]) -> dict[str, Any]:
    """Return range, diffraction and transmission of air on a pass at 500 km."""
    from accord.systems.qkd.satellite.air import modtran_transmission
    from accord.systems.qkd.satellite.optics import far_field_capture
    from accord.systems.qkd.satellite.passing import circular_pass

    distance, elevation = circular_pass(500.0, 90.0, np.array(seconds, float))
    captured = far_field_capture(
        distance * 1e3, wavelength_nm=810.0, transmit_radius_m=0.15, waist_m=0.15, receive_radius_m=0.6
    )
    return {
        "range_m": (distance * 1e3).tolist(),
        "diffraction": captured.tolist(),
        "air": modtran_transmission(810.0, elevation).tolist(),
        "link": (captured * modtran_transmission(810.0, elevation)).tolist(),
    }


def best_passes(losses_db: Sequence[float], published_bit: Sequence[float]) -> dict[str, Any]:
    """Return the key of passes at the best settings over the published one."""
    link = np.array(link_rows(np.arange(-200.0, 201.0).tolist())["link"]) * 10.0**-1.5
    ratios = []
    for loss_db, theirs in zip(losses_db, published_bit, strict=True):
        found = best_on(
            link * 10.0 ** (-loss_db / 10.0), np.full(len(link), 1e-8), np.full(len(link), 5e8),
            afterpulse=1e-3, misalignment=1e-3, bounds="chernoff", vacuum=0.0, finite_leak=True,
            low=(0.3, 0.3, 0.01, 0.3, 0.1), high=(0.9999, 0.9999, 0.9999, 1.0, 0.5),
        )  # fmt: skip
        ratios.append(found.length_bit / theirs)
    return {"ratio": ratios}


def turbulence(wavelengths_nm: Sequence[float]) -> dict[str, Any]:
    """Return variances of the log of irradiance at 75 degrees, and the profile's wind and layers."""
    from accord.systems.qkd.satellite.turbulence import layers_m, log_irradiance_variance, wind_rms_m_per_s

    _, thick = layers_m()
    return {
        "variance": [float(log_irradiance_variance(75.0, w, station_m=5.5)) for w in wavelengths_nm],
        "wind_m_per_s": wind_rms_m_per_s(2.3),
        "layers": len(thick),
        "span_m": float(thick.sum()),
        "top_layer_m": float(thick[-1]),
    }


def air(wavelength_nm: float, elevations_deg: Sequence[float]) -> dict[str, Any]:
    """Return transmissions to space."""
    from accord.systems.qkd.satellite.air import modtran_transmission

    return {"transmission": modtran_transmission(wavelength_nm, np.array(elevations_deg, float)).tolist()}


def divergence() -> dict[str, Any]:
    """Return the loss [dB] over 1200 km into 1 m of "10 urad" read in three ways."""
    from accord.systems.qkd.satellite.optics import gaussian_capture, half_angle_rad, top_hat_capture

    beams = (half_angle_rad(1e-5, "full_1e2") * 1.2e6, 848.6e-9 / (np.pi * 0.15) * 1.2e6)
    gaussian, narrow = (float(-10.0 * np.log10(gaussian_capture(np.array(beam), 0.5))) for beam in beams)
    return {"top_hat": float(-10.0 * np.log10(top_hat_capture(np.array(12.0), 1.0))), "gaussian": gaussian,
            "diffraction": narrow}  # fmt: skip


def pointing_exponent() -> dict[str, Any]:
    """Return gamma squared of a beam of 0.15 m at 1550 nm over 600 km into 0.75 m under 0.75 urad."""
    from accord.systems.qkd.satellite.optics import pointing

    waist, distance = 0.075, 6e5
    beam = waist * np.sqrt(1.0 + (1550e-9 * distance / (np.pi * waist**2)) ** 2)
    trembling = 0.75e-6 * distance
    return {
        "gamma_squared": float(pointing(beam, 0.375, trembling).exponent),
        "beta": float(beam**2 / (4.0 * trembling**2)),
    }


def pairs_key(
    error_rate: float, sifted: float, seconds: float, secrecy: float, efficiency: float
) -> dict[str, Any]:
    """Return the key of entangled pairs: random sampling after Lim et al., after Serfling, and without a limit."""
    from accord.systems.qkd.entangled import PairCounts, pair_key_length

    each = np.full(2, 0.5 * sifted)
    counts = PairCounts(sifted=each, errors=each * error_rate)

    def key(sampling: Any) -> float:
        found = pair_key_length(
            counts, secrecy=secrecy, correctness=secrecy, error_correction=efficiency, sampling=sampling
        )
        return float(found.length)

    return {"key_bit": key("hypergeometric"), "serfling_bit": max(0.0, key("serfling")),
            "limit_bit_per_s": key("none") / seconds}  # fmt: skip


def _liao_link() -> tuple[FloatArray, FloatArray]:
    """Return loss by the beam of "10 urad" that loses 22 dB at 1200 km, and depth of air over that at 1200 km."""
    from accord.systems.qkd.satellite.air import relative_depth
    from accord.systems.qkd.satellite.optics import gaussian_capture, half_angle_rad
    from accord.systems.qkd.satellite.passing import circular_pass

    distance, elevation = circular_pass(500.0, 49.02, np.arange(-136.0, 137.0))  # 645 km away at the top
    far = 19.83  # deg, where the satellite is 1200 km away
    depth = relative_depth(848.6, elevation) / relative_depth(848.6, np.array(far))
    return gaussian_capture(half_angle_rad(5e-6, "half_1e") * distance * 1e3, 0.5), depth


def measured_pass(air_db: Sequence[float], pointing_db: Sequence[float], error_rate: float) -> dict[str, Any]:
    """Return sifted bits of a pass of 273 s with printed ranges of loss taken as even, and what is left of them.

    Key of both bases, each with the other's test; the error rate is the measured one.
    """
    captured, depth = _liao_link()
    grid = (np.arange(20) + 0.5) / 20
    air, aim = (low + (high - low) * grid for low, high in (air_db, pointing_db))
    loss = air[:, None, None] * depth + aim[:, None]
    link = (captured * 10.0 ** (-loss / 10.0) * 0.16 * 0.5).reshape(-1, len(captured))
    protocol = Protocol(
        key_basis_probability=0.5,
        intensities=np.array([0.8, 0.1, 0.0]),
        probabilities=np.array([0.5, 0.25, 0.25]),
    )
    empty = 2.0 * 2e-9 * 25.0
    seen = (1.0 - (1.0 - empty) * np.exp(-link[..., None] * protocol.intensities)).sum(axis=1)
    each = 0.25 * 1e8 * protocol.probabilities * seen
    counts = Counts(key=each, key_errors=error_rate * each, test=each, test_errors=error_rate * each)
    found = key_length(counts, protocol, secrecy=1e-9, correctness=1e-15)
    sifted = 2.0 * each.sum(axis=-1)
    mean_photons = float(protocol.probabilities @ protocol.intensities)
    return {
        "log2_ratio": float(np.log2(np.median(sifted) / 1_671_072)),
        "kept": float(np.median(2.0 * found.length / sifted)),
        "loss_at_1200_km_db": float(-10.0 * np.log10(1e3 / (1e8 * 0.5 * mean_photons))),
    }


def microsatellite(
    altitude_km: float, pulse_rate_mhz: float, aperture_m: float, latitude_deg: float
) -> dict[str, Any]:
    """Return where published keys of a pass stand among all passes of a year under the usual spreads, no cloud."""
    from accord.contract.alone import Alone
    from accord.systems.qkd.model import SYSTEM
    from accord.systems.qkd.satellite.year import pass_keys

    sender = {
        "pulse_rate": f"{pulse_rate_mhz} MHz", "intensities": [0.8, 0.1, 0.0], "probabilities": [0.5, 0.25, 0.25],
    }  # fmt: skip
    station = {
        "id": "s", "name": "S", "latitude": f"{latitude_deg} deg", "longitude": "0 deg", "aperture": f"{aperture_m} m",
    }  # fmt: skip
    orbit = {"altitude": f"{altitude_km} km"}
    alone = Alone(
        SYSTEM,
        design={"satellites": {"orbit": orbit, "sender": sender, "gate": "1 ns", "stations": [station]}},
    )
    satellites, ready = alone.model().satellites, alone.prepared()["satellites"]  # type: ignore[attr-defined]
    terms = {"error_correction": 1.16, "secrecy": 1e-9, "correctness": 1e-15}
    keys = 2.0 * pass_keys(satellites, 0, "hoeffding", terms, ready, alone.draw(128))  # both bases make key
    good = keys[keys > 0.0]
    return {"rank": [float((good < bit).mean()) for bit in (0.59e6, 1.07e6)]}


def relayed_bits(hops: int, bits: int, keys: int) -> dict[str, Any]:
    """Return what a relay over so many hops takes from the pools in all, and whether each key arrives."""
    from accord.systems.qkd.network.relay import Pools, hop_by_hop

    pools = Pools(hops, 10**9)
    rng = np.random.default_rng(1)
    for link in range(hops):
        pools.deposit(link, bits * keys)
    arrived = 0
    for _ in range(keys):
        pools.relay(range(hops), [f"site {n}" for n in range(hops - 1)], bits)
        key, *pads = (rng.bytes(bits // 8) for _ in range(hops + 1))
        arrived += hop_by_hop(key, pads)[0] == key
    return {"used_bit": sum(pools.used_bit), "arrived": arrived, "left_bit": sum(pools.held_bit)}


def saturated_network(seeds: Sequence[int]) -> dict[str, Any]:
    """Return what pools and prices deliver of the most that any routing could: random networks with too many asking."""
    from accord.systems.qkd.network.bound import most_flow
    from accord.systems.qkd.network.operation import operate
    from accord.systems.qkd.network.routing import Edge, Graph

    ratios, days, asked, quantum = [], 600, 60, 5
    for seed in seeds:
        rng = np.random.default_rng(seed)
        names = [f"s{i}" for i in range(8)]
        edges = [Edge(f"ring{i}", names[i], names[(i + 1) % 8]) for i in range(8)]
        edges += [Edge(f"chord{k}", *(names[v] for v in rng.choice(8, 2, replace=False))) for k in range(5)]
        graph, rate = Graph(edges), rng.integers(20, 100, len(edges))
        pairs = [tuple(names[v] for v in rng.choice(8, 2, replace=False)) for _ in range(6)]
        most = most_flow(graph, rate.astype(float), [(a, b, float(asked)) for a, b in pairs], "total")
        deposits = [(float(day), link, int(rate[link])) for day in range(days) for link in range(len(edges))]
        requests = [
            (day + (k + float(rng.random())) / asked, number, quantum)
            for day in range(days)
            for number in range(len(pairs))
            for k in range(0, asked, quantum)
        ]
        report = operate(graph, deposits, requests, pairs, cap_bit=1000, routes=12, price=1.0)
        ratios.append(sum(report.served_bit) / days / float(most.served.sum()))
    return {"ratio": ratios}
