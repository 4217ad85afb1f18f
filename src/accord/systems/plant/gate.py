"""Which heat can drive what: the temperature of a supply against the temperature a process needs."""

from __future__ import annotations

from dataclasses import dataclass

from accord.systems.plant.catalogue import Process, Reactor

__all__ = ["Pairing", "cogeneration", "pairing"]


@dataclass(frozen=True, slots=True)
class Pairing:
    """Whether a reactor can drive a process, by how much it is warm enough [K], and why not."""

    feasible: bool
    margin_k: float
    reason: str


def pairing(reactor: Reactor | None, process: Process, approach_k: float) -> Pairing:
    """Compare supply and need; second law only, nothing is said about cost or maturity.

    Parameters
    ----------
    reactor : Reactor or None
        None where the plant has no source of heat.
    process : Process
    approach_k : float [K]
        Least temperature difference across the heat exchangers between the two.

    Returns
    -------
    Pairing
        ``supply - approach >= need``; a process without heat always fits.
    """
    if process.heat_degc is None:
        return Pairing(True, 0.0, "")
    if reactor is None:
        return Pairing(
            False,
            -process.heat_degc,
            f"{process.title} needs heat of {process.heat_degc:g} degC and the plant has no reactor",
        )
    margin = reactor.heat_degc - approach_k - process.heat_degc
    if margin >= 0.0:
        return Pairing(True, margin, "")
    return Pairing(
        False,
        margin,
        f"{process.title} needs heat of {process.heat_degc:g} degC; {reactor.title} gives "
        f"{reactor.heat_degc:g} degC less {approach_k:g} K across the exchangers: {-margin:g} K too cold",
    )


def cogeneration(
    rated_mw: float, process_mw: float, process: Process, extraction_loss: float, hours: float
) -> dict[str, float]:
    """Return what a reactor at full power with a process at full load gives in a number of hours.

    Parameters
    ----------
    rated_mw, process_mw : float [MW]
        Electric output without extraction; electric input of the process.
    process : Process
    extraction_loss : float [MWe/MWth]
        Electricity lost for each unit of heat taken: never 1 (heat turned into electricity one to one), never 0.
    hours : float [h]

    Returns
    -------
    dict
        ``electricity_mwh`` at the generator, ``hydrogen_kg``, ``grid_mwh`` left for the grid.
    """
    hydrogen = process_mw * process.kg_per_mwh * hours
    lost = extraction_loss * hydrogen * process.heat_kwh_per_kg / 1000.0
    electricity = rated_mw * hours - lost
    return {
        "electricity_mwh": electricity,
        "hydrogen_kg": hydrogen,
        "grid_mwh": electricity - process_mw * hours,
    }
