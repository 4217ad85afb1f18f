"""The reference programme in PyPSA, run by a Python of its own: ``python pypsa_plant.py FOLDER WHAT METHOD SECONDS``.

FOLDER holds ``series.npz`` (pv, price) and ``plant.json``; WHAT is sizing or dispatch, METHOD one of HiGHS's solvers
or ``choose``. The last line printed is a JSON object with the times, CPU and wall, and the answer. Nothing of Accord is
imported.
"""

import json
import sys
import time
from itertools import pairwise
from pathlib import Path


def network(pypsa, pv, price, plant, sizes):
    """Return the plant; ``sizes`` None leaves the capacities to choose."""
    hours = len(price)
    n = pypsa.Network()
    n.set_snapshots(range(hours))
    for bus in ("heat", "power", "hydrogen", "battery", "tes"):
        n.add("Bus", bus)
    cost = plant["cost"]

    def sized(name, key="p_nom", scale=1.0):
        if sizes is None:
            return {f"{key}_extendable": True, "capital_cost": cost[name] * scale}
        return {key: sizes[name] / (1.0 if key == "e_nom" else scale if scale < 1.0 else 1.0)}

    top = plant["heat_high_mw"]
    ramp = plant["ramp_mw"] / top
    n.add(
        "Generator",
        "reactor",
        bus="heat",
        p_nom=top,
        p_min_pu=plant["heat_low_mw"] / top,
        marginal_cost=plant["heat_cost"],
        ramp_limit_up=ramp,
        ramp_limit_down=ramp,
    )
    n.add(
        "Link",
        "turbine",
        bus0="heat",
        bus1="power",
        efficiency=plant["efficiency"],
        p_nom=plant["turbine_mw"] / plant["efficiency"],
    )
    n.add("Generator", "pv", bus="power", p_max_pu=pv, **sized("pv_capacity"))
    charge, discharge, kept, wear = plant["battery"]
    into, out, warm = plant["tes"]
    n.add("Link", "charge", bus0="power", bus1="battery", efficiency=charge, **sized("battery_power"))
    n.add("Link", "store heat", bus0="heat", bus1="tes", efficiency=into, **sized("tes_power"))
    for name, bus, target, eta, key, price_out in (
        ("discharge", "battery", "power", discharge, "battery_power", wear),
        ("release heat", "tes", "heat", out, "tes_power", 0.0),
    ):
        free = {"p_nom_extendable": True} if sizes is None else {"p_nom": sizes[key] / eta}
        n.add("Link", name, bus0=bus, bus1=target, efficiency=eta, marginal_cost=price_out * eta, **free)
    n.add(
        "Store",
        "battery",
        bus="battery",
        e_cyclic=True,
        standing_loss=1.0 - kept,
        **sized("battery_energy", "e_nom"),
    )
    n.add("Store", "tes", bus="tes", e_cyclic=True, standing_loss=1.0 - warm, **sized("tes_energy", "e_nom"))
    n.add("Store", "hydrogen", bus="hydrogen", e_cyclic=True, **sized("store_energy", "e_nom"))
    n.add(
        "Link", "pem", bus0="power", bus1="hydrogen", efficiency=plant["pem_yield"], **sized("pem_capacity")
    )
    n.add(
        "Link",
        "hts",
        bus0="power",
        bus1="hydrogen",
        bus2="heat",
        efficiency=plant["hts_yield"],
        efficiency2=-plant["hts_heat"],
        **sized("hts_capacity"),
    )
    n.add("Load", "demand", bus="hydrogen", p_set=plant["demand_mw"])
    n.add(
        "Generator",
        "import",
        bus="power",
        p_nom=plant["grid_mw"],
        marginal_cost=plant["import_factor"] * price,
    )
    n.add("Generator", "export", bus="power", sign=-1.0, p_nom=plant["grid_mw"], marginal_cost=-price)
    return n


def tied(n, plant):
    """Give both directions of a store one rating, counted on the side of the plant."""
    size = n.model["Link-p_nom"]
    dim = size.dims[0]
    for one, other, eta in (
        ("charge", "discharge", plant["battery"][1]),
        ("store heat", "release heat", plant["tes"][1]),
    ):
        left = size.sel({dim: one}) - eta * size.sel({dim: other})
        n.model.add_constraints(left == 0.0, name=f"one rating {one}")


def main():
    """Build, solve, tell."""
    folder, what, method, limit = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
    marks = [(time.perf_counter(), time.process_time())]
    import numpy as np
    import pypsa

    def mark():
        marks.append((time.perf_counter(), time.process_time()))

    mark()
    with np.load(folder / "series.npz") as series:
        pv, price = series["pv"], series["price"]
    plant = json.loads((folder / "plant.json").read_text())
    sizes = None if what == "sizing" else plant["sizes"]
    n = network(pypsa, pv, price, plant, sizes)
    mark()
    n.optimize.create_model()
    if sizes is None:
        tied(n, plant)
    mark()
    options = {"time_limit": limit, "threads": 1, "output_flag": False}
    options |= {"solver": method} if method != "choose" else {}
    if method in ("hipo", "ipx", "ipm"):
        options["run_crossover"] = "off"
    status = n.optimize.solve_model(solver_name="highs", **options)
    mark()
    walls = [b[0] - a[0] for a, b in pairwise(marks)]
    cpus = [b[1] - a[1] for a, b in pairwise(marks)]
    names = ("import", "network", "model", "solve")
    found = None
    if str(status[1]) == "optimal":
        found = float(n.objective)
    print(
        json.dumps(
            {
                "status": [str(s) for s in status],
                "objective": found,
                "pypsa": pypsa.__version__,
                "wall": dict(zip(names, walls, strict=True)),
                "cpu": dict(zip(names, cpus, strict=True)),
            }
        )
    )


if __name__ == "__main__":
    main()
