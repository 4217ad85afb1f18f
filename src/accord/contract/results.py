"""What travels between systems and out of them: ephemerides, contacts, one system's result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.contract.design import DesignModel

__all__ = ["Ephemeris", "Horizon", "Passes", "SystemResult"]


@dataclass(frozen=True, slots=True)
class Horizon:
    """The period a programme looks at; model time runs in months from `start`."""

    start: date
    decision: date
    end: date

    def months_to(self, when: date) -> float:
        """Return months from the start to a date [month]; a month is a twelfth of a Julian year (30.4375 d)."""
        return (when - self.start).days / 30.4375

    def date_of(self, month: float) -> date:
        """Return the date that lies a number of months after the start."""
        return self.start + timedelta(days=month * 30.4375)

    @property
    def length_month(self) -> float:
        """Length of the period [month]."""
        return self.months_to(self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ephemeris:
    """Satellite states at evenly spaced nodes, good for cubic Hermite interpolation between them.

    Attributes
    ----------
    epoch_jd_utc : float
        Julian date (UTC) of the first node.
    step_s : float
        Spacing of the nodes [s].
    position_km : float array, shape (satellites, nodes, 3) [km]
        Earth-fixed (pseudo-Earth-fixed: TEME rotated by GMST82, polar motion ignored).
    velocity_km_s : float array, shape (satellites, nodes, 3) [km/s]
        Time derivative of the Earth-fixed position.
    names : tuple of str
    propagator : str
        What made it: ``"j2"`` or ``"sgp4"``, with edition or epoch.
    """

    epoch_jd_utc: float
    step_s: float
    position_km: NDArray[np.float64]
    velocity_km_s: NDArray[np.float64]
    names: tuple[str, ...]
    propagator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """Contacts between satellites and sites, one row each, sorted by rise time.

    Attributes
    ----------
    satellite, site : int array, shape (passes,)
        Row numbers in the ephemeris and the site list.
    rise_s, culmination_s, set_s : float array, shape (passes,) [s]
        Since the ephemeris' epoch; a pass cut by the window starts or ends at its edge and is flagged in `cut`.
    max_elevation_deg : float array, shape (passes,) [deg]
    cut : bool array, shape (passes,)
    dark : bool array, shape (passes,)
        Sun below the stated twilight angle at the site at culmination.
    sun_elevation_deg : float array, shape (passes,) [deg]
        Of the Sun at the site at culmination, without refraction.
    sunlit_share : float array, shape (passes,)
        Share of the Sun's disc that the satellite sees at culmination: 0 in the umbra, below 1 in the penumbra.
    """

    satellite: NDArray[np.int64]
    site: NDArray[np.int64]
    rise_s: NDArray[np.float64]
    culmination_s: NDArray[np.float64]
    set_s: NDArray[np.float64]
    max_elevation_deg: NDArray[np.float64]
    cut: NDArray[np.bool_]
    dark: NDArray[np.bool_]
    sun_elevation_deg: NDArray[np.float64]
    sunlit_share: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rise_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemResult:
    """Everything one system produced in a run; what ``figures`` draws from.

    Attributes
    ----------
    name, kind, title : str
        ``name`` is the key in the programme file, ``kind`` the system.
    design : DesignModel
    prepared : mapping
        What ``prepare`` returned.
    members : mapping of str to float array, shape (n,)
        Member inputs as the model saw them, failed members left out.
    outputs : mapping of str to float array, shape (n,) + dims
        Declared outputs, failed members left out.
    labels : mapping of str to tuple of str
        Labels of each extra dimension.
    failures : mapping of int to str
        Index of each failed member and why.
    horizon : Horizon
    partners : mapping of str to str
        Identifier and display name of each partner of the programme.
    """

    name: str
    kind: str
    title: str
    design: DesignModel
    prepared: Mapping[str, Any]
    members: Mapping[str, NDArray[np.float64]]
    outputs: Mapping[str, NDArray[np.float64]]
    horizon: Horizon
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failures: Mapping[int, str] = field(default_factory=dict)
    partners: Mapping[str, str] = field(default_factory=dict)


def port_arrays(value: Any) -> dict[str, Any]:
    """Return a port object's fields as a plain mapping, for hashing and storing."""
    return {f.name: getattr(value, f.name) for f in fields(value)}
