"""What unit is this? Read from the numbers where the file does not say, and refused where they do not decide."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from accord.errors import FileError

__all__ = ["radar_unit", "reflectance_scale", "reflectance_suspect"]


def radar_unit(sample: NDArray[np.floating], label: str) -> Literal["db", "linear"]:
    """Tell decibels from linear power by a sample of finite values that are data.

    Raises
    ------
    FileError
        For digital numbers (medians above 30), and where the range leaves it open.
    """
    if sample.size == 0:
        raise FileError(f"{label}: no data: every pixel is empty, so there is nothing to map")
    low, median, high = (float(v) for v in np.quantile(sample, [0.01, 0.5, 0.99]))
    if median > 30.0:
        raise FileError(
            f"{label}: median {median:g}: these look like digital numbers, not backscatter: give the product folder "
            "(.SAFE) for calibration, or --unit if you know better"
        )
    if low >= 0.0 and median < 1.0:
        return "linear"
    if median < 0.0 and low >= -60.0 and high <= 30.0:
        return "db"
    raise FileError(
        f"{label}: cannot tell the unit (1 % {low:.3g}, median {median:.3g}, 99 % {high:.3g}): say --unit db or "
        "--unit linear"
    )


def reflectance_scale(sample: NDArray[np.floating], label: str) -> float:
    """Return the factor from stored numbers to reflectance where no metadata say: 1e-4 for integers, 1 for fractions.

    Raises
    ------
    FileError
        When the numbers fit neither.
    """
    if sample.size == 0:
        raise FileError(f"{label}: no data: every pixel is empty, so there is nothing to map")
    median = float(np.median(sample))
    if -0.05 <= median <= 1.2:
        return 1.0
    if 20.0 <= median <= 12000.0:
        return 1e-4
    raise FileError(
        f"{label}: median {median:g} is neither a reflectance nor one times 10 000: say --scale and --offset"
    )


def reflectance_suspect(median: dict[str, float], darkest: dict[str, float] | None = None) -> str:
    """Return what is wrong with the reflectances of a scene's bands, or "".

    Parameters
    ----------
    median : dict of str to float
        Of each band: the middle of any scene lies in 0..0.6.
    darkest : dict of str to float, optional
        The 1 % quantile of each band, where no metadata vouch for the offset. Somewhere in a scene lies water or
        shadow; a missed offset of -1000 (Sentinel-2 from processing baseline 04.00) leaves nothing below 0.1.
    """
    for name, value in median.items():
        if not -0.02 <= value <= 0.6:
            return (
                f"median {name} reflectance {value:.3f} lies outside 0 to 0.6: scale or offset are wrong "
                "(an offset of -1000 missed, or Level-1C taken for Level-2A?)"
            )
    if darkest and len(darkest) >= 3 and min(darkest.values()) > 0.095:
        return (
            "not one pixel in a hundred is darker than 0.095 in any band: the offset of -1000 that Sentinel-2 carries "
            "from processing baseline 04.00 looks missed; say --offset -0.1, or --offset 0 if the numbers are right"
        )
    return ""
