"""What a programme file says about its supply chain: components, who supplies them from where, and what may be lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from accord.contract import DesignModel, Quantity, Ref, Spread, Uncertain
from accord.systems.delivery.network import find_cycle
from accord.systems.delivery.wording import refuse_negative, unknown

__all__ = ["Component", "Loss", "Supplier", "Supply"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Months = Annotated[Spread | Ref, Uncertain("month")]
Share = Annotated[float, Quantity("1", low=0, high=1)]


class Supplier(DesignModel):
    """Who delivers a part of one component."""

    id: Name
    name: str = ""
    country: Name = Field(description="where it is made: what a border closed to trade takes away")
    share: Share = Field(description="share of the component's deliveries")
    surge: Annotated[float, Quantity("1", low=0, high=10)] = Field(
        0.0, description="by how much of its own deliveries it can raise them when others fail"
    )


class Component(DesignModel):
    """Something that activities need, and that may run short."""

    id: Name
    name: Title
    suppliers: tuple[Supplier, ...] = Field(min_length=1, max_length=40)
    used_by: tuple[Name, ...] = Field((), description="activities, or systems whose activities need it")
    needs: tuple[Name, ...] = Field((), description="components that every supplier of this one needs")
    stock_month: Annotated[float, Quantity("month", low=0, high=600)] = Field(
        0.0, alias="stock", description="months that the stock lasts without any delivery"
    )
    recovery_month: Months = Field(
        alias="recovery", description="time to recover: until somebody else delivers what was lost"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        total = sum(supplier.share for supplier in self.suppliers)
        if abs(total - 1.0) > 1e-6:
            raise ValueError(
                f"component {self.id!r}: the shares of its suppliers add up to {total:g}: expected 1"
            )
        names = [supplier.id for supplier in self.suppliers]
        for twice in sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"component {self.id!r}: supplier {twice!r} is listed twice: add its shares up")
        refuse_negative(self.recovery_month, f"component {self.id!r}: recovery")
        return self


class Loss(DesignModel):
    """A supplier or a whole country that may stop delivering: with some probability, at some time in a window."""

    supplier: Name | None = None
    country: Name | None = None
    probability: Annotated[Spread | Ref, Uncertain("1", low=0, high=1)]
    window: tuple[dt.date, dt.date] | None = Field(None, description="when it can happen; else at any time")
    factor: Name | None = Field(
        None, description="losses and risks that name one factor tend to strike together"
    )
    owner: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.supplier is None) == (self.country is None):
            raise ValueError("a loss is of a supplier or of a country: expected one of the two")
        if self.window is not None and self.window[0] > self.window[1]:
            raise ValueError(f"window ends ({self.window[1]}) before it begins ({self.window[0]})")
        return self


class Supply(DesignModel):
    """The supply chain of a programme."""

    components: tuple[Component, ...] = Field((), max_length=60)
    losses: dict[Name, Loss] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _wired(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        ids = [component.id for component in self.components]
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            yield f"two components have the id {twice!r}"
        homes: dict[str, str] = {}
        for component in self.components:
            for need in component.needs:
                if need not in ids:
                    yield f"component {component.id!r} needs an {unknown('component', need, ids)}"
            for supplier in component.suppliers:
                if homes.setdefault(supplier.id, supplier.country) != supplier.country:
                    yield f"supplier {supplier.id!r} has two countries: name its plants as suppliers of their own"
        path = find_cycle({c.id: [n for n in c.needs if n in ids] for c in self.components})
        if path:
            yield f"components need one another in a circle: {' -> '.join(path)}"
        for name, loss in self.losses.items():
            for what, lost, known in (
                ("supplier", loss.supplier, list(self.suppliers)),
                ("country", loss.country, list(self.countries)),
            ):
                if lost is not None and lost not in known:
                    yield f"loss {name!r} is of an {unknown(what, lost, known)}"

    @property
    def suppliers(self) -> dict[str, str]:
        """Every supplier and its country, in the order of the file."""
        return {s.id: s.country for component in self.components for s in component.suppliers}

    @property
    def countries(self) -> tuple[str, ...]:
        """Every country, in the order of the file."""
        return tuple(dict.fromkeys(self.suppliers.values()))

    @property
    def losses_looked_at(self) -> tuple[str, ...]:
        """Labels of the losses that are looked at one by one: every supplier, then every country."""
        return (*(f"supplier {s}" for s in self.suppliers), *(f"country {c}" for c in self.countries))
