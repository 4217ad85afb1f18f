"""Norms of a country or a lender as data: debt, equity, tax, depreciation, cost-plus tariffs, dated rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator

from accord.contract import DesignModel
from accord.errors import FileError
from accord.systems.plant.catalogue import entry, names
from accord.systems.plant.place import beside

FloatArray = NDArray[np.float64]

__all__ = ["Debt", "Depreciation", "Norms", "Tariff", "Tax", "norms_of", "read_norms"]

Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, le=0.5)]
Text = Annotated[str, Field(min_length=1)]


class Money(DesignModel):
    """The money in which the norms are stated, and its rate of exchange on a stated day."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    year: int = Field(ge=1990, le=2100)
    per_usd2025: Annotated[float, Field(gt=0)] = Field(description="units of it for a dollar of 2025")
    as_of: date
    source: Text


class Debt(DesignModel):
    """Loan drawn at commissioning, repaid in equal instalments of principal and interest."""

    share: Annotated[float, Field(ge=0, le=0.95)]
    rate_per_yr: Rate
    term_yr: int = Field(ge=1, le=60)


class Depreciation(DesignModel):
    """How capital is written off: in equal parts, by a rate on what is left, or by a table of yearly shares."""

    method: Literal["straight", "declining", "table"]
    years: int = Field(20, ge=1, le=60, description="of equal parts")
    rate_per_yr: Share = Field(0.4, description="of the declining balance")
    shares: list[Share] = Field([], description="of the table, first year first")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.method == "table" and not 0.0 < sum(self.shares) <= 1.0 + 1e-6:
            raise ValueError(
                f"shares add up to {sum(self.shares):.4f}: expected a table that writes off at most 1"
            )
        return self

    def yearly(self, years: int) -> FloatArray:
        """Return the share of the capital written off in each year, shape (years,)."""
        left: FloatArray = np.zeros(years)
        if self.method == "straight":
            left[: self.years] = 1.0 / self.years
        elif self.method == "declining":
            left = np.asarray(
                self.rate_per_yr * (1.0 - self.rate_per_yr) ** np.arange(years), dtype=np.float64
            )
        else:
            table = np.array(self.shares[:years])
            left[: len(table)] = table
        return np.asarray(left)


class Tax(DesignModel):
    """Tax on profit, losses carried forward without limit; a least tax on the book profit where there is one."""

    rate: Rate
    minimum_rate: Rate = 0.0
    minimum_years: int = Field(0, ge=0, le=60, description="in which the least tax is asked")
    depreciation: Depreciation


class Tariff(DesignModel):
    """A cost-plus tariff for a MW of one technology, money in the norms' own."""

    title: Text
    capital_per_mw: Annotated[float, Field(gt=0)]
    upkeep_per_mw_yr: Annotated[float, Field(ge=0)]
    upkeep_growth_per_yr: Rate
    load_factor: Annotated[float, Field(gt=0, le=1)]
    auxiliary: Share = 0.0
    life_yr: int = Field(ge=1, le=60)
    debt: Debt
    equity_return_per_yr: Rate
    grossed_up: bool = Field(True, description="whether tax on the return on equity is passed on")
    minimum_tax: Rate = 0.0
    minimum_tax_years: int = Field(0, ge=0, le=60)
    tax: Rate
    depreciation_shares: list[tuple[int, Share]] = Field(description="years and the yearly share in them")
    receivables_month: Annotated[float, Field(ge=0, le=12)]
    spares_share: Share = Field(description="of capital, kept as working capital")
    working_capital_rate_per_yr: Rate
    source: Text


class Rule(DesignModel):
    """A rule of policy as it stood on a day: shown, never computed with."""

    since: date
    text: Text
    source: Text


class Norms(DesignModel):
    """A data pack."""

    title: Text
    as_of: date
    source: Text
    basis: Literal["nominal", "real"] = Field(description="of all rates here")
    inflation_per_yr: Rate = 0.0
    money: Money
    debt: Debt
    tax: Tax
    equity_return_per_yr: Rate
    standards: list[str] = Field(
        [], description="entries of the table of hydrogen standards that apply; left out: all"
    )
    tariffs: dict[str, Tariff] = Field({})
    rules: list[Rule] = Field([])

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.basis == "nominal" and self.inflation_per_yr <= 0.0:
            raise ValueError("nominal rates need inflation_per_yr: the plant's flows are real")
        if self.basis == "real" and self.inflation_per_yr > 0.0:
            raise ValueError(
                "real rates and inflation_per_yr do not go together: give nominal ones, or leave it out"
            )
        unknown = [name for name in self.standards if name not in names("standards")]
        if unknown:
            raise ValueError(
                f"no {unknown[0]!r} among the standards: expected one of {', '.join(names('standards'))}"
            )
        return self

    @property
    def weighted_rate_per_yr(self) -> float:
        """Cost of capital after tax, in the basis of the norms."""
        share = self.debt.share
        return (
            share * self.debt.rate_per_yr * (1.0 - self.tax.rate) + (1.0 - share) * self.equity_return_per_yr
        )

    def convention(self) -> str:
        """Return in words how money is counted."""
        debt, tax = self.debt, self.tax
        least = (
            f", at least {tax.minimum_rate:.2%} of the book profit for {tax.minimum_years} years"
            if tax.minimum_rate
            else ""
        )
        way = {
            "straight": f"in {tax.depreciation.years} equal years",
            "declining": f"by {tax.depreciation.rate_per_yr:.0%} a year of what is left",
            "table": f"by a table of {len(tax.depreciation.shares)} years",
        }[tax.depreciation.method]
        inflation = f", inflation {self.inflation_per_yr:.1%}" if self.basis == "nominal" else ""
        return (
            f"{self.title} ({self.as_of:%B %Y}): {debt.share:.0%} debt at {debt.rate_per_yr:.2%} {self.basis} over "
            f"{debt.term_yr} years{inflation}; tax {tax.rate:.2%}{least}; written off {way}, losses carried forward; "
            f"1 USD2025 = {self.money.per_usd2025:g} {self.money.currency}{self.money.year} "
            f"({self.money.as_of:%d %b %Y})"
        )


def _built(body: Any, where: str) -> Norms:
    if not isinstance(body, Mapping):
        raise FileError(f"{where}: expected a mapping of norms")
    try:
        return Norms.model_validate(dict(body))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "norms"
        message = str(first["msg"]).removeprefix("Value error, ")
        more = f" (and {len(error.errors()) - 1} more)" if len(error.errors()) > 1 else ""
        raise FileError(f"{where}: {key}: {message[:1].lower()}{message[1:]}{more}") from None


def read_norms(path: Path) -> Norms:
    """Read a data pack.

    Raises
    ------
    FileError
        When it cannot be read, or a key is unknown, missing or out of range, or its rates contradict one another.
    """
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileError(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from error
    return _built(body, path.name)


def norms_of(name: str, folder: Path | None, life_yr: float) -> Norms:
    """Return the norms that a design names: an entry of the table, or a file beside the programme.

    Raises
    ------
    FileError
        As `read_norms`; also when there is neither, or the loan runs longer than the plant.
    """
    if "." in name:
        found = read_norms(beside(folder or Path(), name))
    elif name in names("norms"):
        found = _built(entry("norms", name), f"norms {name}")
    else:
        raise FileError(
            f"there are no norms {name!r}: expected {', '.join(names('norms'))} or a file such as norms.yaml"
        )
    if found.debt.term_yr > life_yr:
        raise FileError(
            f"{name}: a loan of {found.debt.term_yr} years is longer than the plant's life of {life_yr:g}"
        )
    return found
