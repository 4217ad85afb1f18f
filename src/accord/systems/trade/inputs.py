"""What a programme file says about trade."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, StringConstraints, ValidationInfo, model_validator

from accord.contract import DesignModel, Input, Quantity, Spread
from accord.errors import FileError
from accord.systems.trade.tables import Flows, Industries, read_flows, read_industries

__all__ = ["INPUTS", "Design", "Production"]

Flow = Annotated[float, Quantity("GUSD2025/yr", low=1e-6, high=1e5)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_/-]*\.csv$", max_length=200)]
Share = Annotated[float, Quantity("1", low=0, high=1)]


Table = TypeVar("Table", Flows, Industries)


class Production(DesignModel):
    """Where the goods of the uplift are made: an input-output table and the industries that deliver them."""

    file: FileName = Field(
        description="comma-separated table beside the programme: industry, industries, output"
    )
    goods: dict[Text, Share] = Field(
        min_length=1, description="share of the uplift that each industry of the table delivers"
    )

    origins: tuple[Text, ...] = Field(
        (), description="regions of the table in its order; read from it where it lies beside the programme"
    )

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any, info: ValidationInfo) -> Any:
        return _with_names(data, info, "file", "origins", lambda path: read_industries(path).regions)

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        total = sum(self.goods.values())
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"the shares of goods add up to {total:g}: expected 1")
        _look_at_table(self, info)
        return self

    def check(self, folder: Path) -> None:
        """Refuse a table that cannot be read or lacks an industry.

        Raises
        ------
        ValueError
        """
        table = _table(read_industries, folder / self.file)
        _same(self.file, "origins", self.origins, table.regions)
        for name in self.goods:
            if name not in table.names:
                raise ValueError(f"{self.file} has no industry {name!r}: {_hint(name, table.names)}")


class Design(DesignModel):
    """What was announced, and the tables that lie beside the programme."""

    claimed_uplift_low_gusd2025_per_yr: Flow | None = Field(
        None, alias="claimed_uplift_low", description="lower edge of the announced yearly uplift"
    )
    claimed_uplift_high_gusd2025_per_yr: Flow | None = Field(
        None, alias="claimed_uplift_high", description="upper edge; equal to the lower one when not stated"
    )
    claimed_by: dt.date | None = Field(
        None, description="date that the announcement is about; takes the place of time_in_force"
    )
    flows: FileName | None = Field(
        None, description="comma-separated table beside the programme: exporter, importer, flow"
    )
    between: tuple[Text, ...] = Field(
        (), description="regions of the table that trade more easily with one another: the partners"
    )
    regions: tuple[Text, ...] = Field(
        (), description="regions of the table in its order; read from it where it lies beside the programme"
    )
    production: Production | None = None
    history_gusd2025_per_yr: tuple[Flow, ...] = Field(
        (), alias="history", description="total trade of past years in order: tells how it varies by itself"
    )

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any, info: ValidationInfo) -> Any:
        return _with_names(data, info, "flows", "regions", lambda path: read_flows(path).regions)

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        low, high = self.claimed_uplift_low_gusd2025_per_yr, self.claimed_uplift_high_gusd2025_per_yr
        if low is None and high is not None:
            raise ValueError("claimed_uplift_high is stated without claimed_uplift_low")
        if low is not None and high is not None and low > high:
            raise ValueError(f"claimed_uplift_low ({low:g}) must not exceed claimed_uplift_high ({high:g})")
        if 0 < len(self.history_gusd2025_per_yr) < 5:
            raise ValueError(f"history has {len(self.history_gusd2025_per_yr)} years: expected at least 5")
        if self.history_gusd2025_per_yr and _steady(self.history_gusd2025_per_yr):
            raise ValueError("history changes by the same rate every year: it cannot tell how trade varies")
        if (self.flows is None) != (not self.between):
            raise ValueError("flows and between belong together: a table, and the partners in it")
        if self.flows is not None:
            if len(set(self.between)) < 2:
                raise ValueError("between: expected at least two different regions")
            _look_at_table(self, info)
        return self

    def check(self, folder: Path) -> None:
        """Refuse a table of flows that cannot be read or lacks a partner.

        Raises
        ------
        ValueError
        """
        assert self.flows is not None
        regions = _table(read_flows, folder / self.flows).regions
        _same(self.flows, "regions", self.regions, regions)
        for name in self.between:
            if name not in regions:
                raise ValueError(f"{self.flows} has no region {name!r}: {_hint(name, regions)}")

    @property
    def claimed(self) -> tuple[float, float] | None:
        """Announced range [GUSD2025/yr], or None where nothing was announced."""
        low, high = self.claimed_uplift_low_gusd2025_per_yr, self.claimed_uplift_high_gusd2025_per_yr
        return None if low is None else (low, low if high is None else high)


def _steady(history: tuple[float, ...]) -> bool:
    """Tell whether a series grows by one rate."""
    rates = [math.log(late / early) for early, late in pairwise(history)]
    return max(rates) - min(rates) < 1e-9


def _folder(info: ValidationInfo) -> Path | None:
    """Return the folder of the programme file; None where a design is built without a file."""
    found = info.context.get("folder") if isinstance(info.context, dict) else None
    return found if isinstance(found, Path) else None


def _look_at_table(model: Production | Design, info: ValidationInfo) -> None:
    """Have a model check its table, where it is known in which folder it lies."""
    folder = _folder(info)
    if folder is not None:
        model.check(folder)


def _table(read: Callable[[Path], Table], path: Path) -> Table:
    """Read a table; what is wrong with it becomes a finding about the design."""
    try:
        return read(path)
    except FileError as error:
        raise ValueError(str(error)) from None


def _with_names(
    data: Any, info: ValidationInfo, file: str, key: str, read: Callable[[Path], tuple[str, ...]]
) -> Any:
    """Add the names that a table holds, which label results; a table that cannot be read is told later."""
    folder = _folder(info)
    if folder is None or not isinstance(data, dict) or data.get(key) or not isinstance(data.get(file), str):
        return data
    try:
        return {**data, key: tuple(dict.fromkeys(read(folder / data[file])))}
    except FileError:
        return data


def _same(file: str, key: str, stated: tuple[str, ...], found: tuple[str, ...]) -> None:
    names = tuple(dict.fromkeys(found))
    if stated != names:
        raise ValueError(f"{key} are {', '.join(stated) or 'not stated'} and {file} holds {', '.join(names)}")


def _hint(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known[:12])}"


INPUTS = {
    "base_trade_gusd2025_per_yr": Input(
        unit="GUSD2025/yr",
        doc="Trade between the partners in the base year, both directions.",
        default=50.0,
        low=0.001,
        high=1e5,
        spread=Spread.of("lognormal", p10=20, p90=120),
        source="Placeholder of medium size for a pair of large economies: state the partners' own statistic",
    ),
    "technology_share": Input(
        unit="1",
        doc="Share of that trade in goods and services that the programme can reach.",
        default=0.033,
        low=1e-6,
        high=1.0,
        usual=(0.001, 0.4),
        spread=Spread.of("beta", alpha=3, beta=80),
        source="Own assumption, wide: state the share of HS chapters 84, 85, 88, 90 and of related services",
    ),
    "depth": Input(
        unit="1",
        doc="Depth of the programme as a trade measure: 0 none, 1 a full regional trade agreement.",
        default=0.33,
        low=0.0,
        high=1.0,
        spread=Spread.of("beta", alpha=2, beta=4),
        source="Own assumption; that technology provisions raise trade is in Martinez-Zarzoso & Chelala "
        "(2021), Review of World Economics 157",
    ),
    "delivered_share": Input(
        unit="1",
        doc="Share of the programme that is delivered from the start; not used when a schedule is connected.",
        default=0.4,
        low=0.0,
        high=1.0,
        spread=Spread.of("beta", alpha=2, beta=3),
        source="Own assumption: connect the schedule of the programme instead",
    ),
    "growth_per_yr": Input(
        unit="1/yr",
        doc="Real growth of the trade without the programme.",
        default=0.03,
        low=-0.3,
        high=0.5,
        usual=(-0.1, 0.15),
        spread=Spread.of("normal", mean=0.03, sd=0.05),
        source="Own assumption: about the growth of world trade since 1990, with the spread of single pairs",
    ),
    "phase_in_factor": Input(
        unit="1",
        doc="Factor on the estimated effect of a trade agreement: its statistical error.",
        default=1.0,
        low=0.3,
        high=3.0,
        spread=Spread.of("lognormal", p10=0.82, p90=1.22),
        source="Relative standard error 0.15 of the effect after four years without controls and 0.21 to 0.24 with "
        "globalisation controls, clustered by pair (validation case phase-in-estimates, with its covariances)",
    ),
    "time_in_force_yr": Input(
        unit="yr",
        doc="Years from the start of the programme to the claim; not used where the design states claimed_by.",
        default=5.0,
        low=0.5,
        high=50.0,
        usual=(1.0, 20.0),
        source="Own choice: announcements speak of five years",
    ),
    "elasticity": Input(
        unit="1",
        doc="Elasticity of substitution between the goods of regions; used where a table of flows is given.",
        default=7.0,
        low=1.5,
        high=20.0,
        usual=(3.0, 10.0),
        spread=Spread.of("triangular", low=3, mode=7, high=9),
        source="7 in Yotov et al. (2016), chapter 2; tariff-based structural estimates of the trade elasticity are "
        "about -5 (Head & Mayer 2014, Handbook of International Economics 4:131); the range is our own",
    ),
    "annual_log_sd": Input(
        unit="1",
        doc="Standard deviation of the yearly change of ln(trade) without the programme; a history replaces it.",
        default=0.15,
        low=0.001,
        high=1.0,
        usual=(0.03, 0.5),
        spread=Spread.of("lognormal", p10=0.10, p90=0.22),
        source="Own assumption for trade led by commodities: estimate it from the partners' own series",
    ),
}
