"""What there is to say about a weather file, as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from accord.systems.plant.solar import Mount, output
from accord.systems.plant.weather.records import read_record

__all__ = ["report"]


def report(path: Path) -> dict[str, Any]:
    """Return place, years, closure, yields and notices of a weather file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        Yields are of clean modules, means over the years: AC energy over DC capacity [kWh/kW], and over AC capacity
        with 1.3 times as many modules [1].

    Raises
    ------
    FileError
        When it cannot be used, with every reason.
    """
    record = read_record(path)
    latitude = record.latitude_deg
    mounts = {
        f"fixed at {abs(latitude):.0f} deg": Mount(
            tracker=False, tilt_deg=abs(latitude), azimuth_deg=180.0 if latitude >= 0.0 else 0.0
        ),
        "single-axis tracker": Mount(),
    }
    yields = []
    for name, mount in mounts.items():
        total = float(np.mean([output(sky, mount, *record.place).sum() for sky in record.skies]))
        yields.append({"mount": name, "kwh_per_kw": total, "capacity_factor": total * mount.dc_ac / 8760.0})
    found = record.closure
    tells = found is not None and found.tells
    sums = {
        f"{name}_kwh_per_m2": float(np.mean([getattr(sky, name).sum() for sky in record.skies])) / 1000.0
        for name in ("ghi", "dni", "dhi")
    }
    return {
        "file": str(path),
        "format": record.form,
        "title": record.title,
        "latitude_deg": record.latitude_deg,
        "longitude_deg": record.longitude_deg,
        "altitude_m": record.altitude_m,
        "years": list(record.years),
        "typical": record.typical,
        **sums,
        "closure": [
            {"shift_min": float(s), "rmse_w_m2": float(r)}
            for s, r in zip(found.shifts_min, found.rmse_w_m2, strict=True)
        ]
        if found is not None and tells
        else [],
        "best_shift_min": float(found.shift_min) if found is not None and tells else None,
        "best_w_m2": float(found.best_w_m2) if found is not None and tells else None,
        "moved_min": float(record.shift_min),
        "yields": yields,
        "notices": list(record.notices),
    }
