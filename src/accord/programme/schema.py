"""The shape of a programme file, as pydantic models used at the file boundary only.

`Programme` is what the rest of the house reads. Quantities inside are still text or numbers with their unit;
`accord.programme.resolved.Resolved` holds them converted, because the system that owns them says which unit
it wants.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "SCHEMA",
    "Claim",
    "Dependence",
    "Ensemble",
    "Evidence",
    "NamedInput",
    "OutsideView",
    "Partner",
    "PriceBase",
    "Programme",
    "Region",
    "Scenario",
    "Source",
    "SystemEntry",
    "Test",
]

SCHEMA = "accord/programme/1"
MODALITIES = ("asserted", "will", "pledged", "planned", "expected", "likely", "could")  # strong to weak

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Amount = StrictStr | StrictInt | StrictFloat  # "600 km", or a bare pure number
Number = Annotated[float, Field(strict=True)]
Score = Annotated[int, Field(ge=0, le=4, strict=True)]


def _only_text(value: Any) -> Any:
    # pydantic would read the number 86400 as 2 January 1970
    if isinstance(value, str) and len(value) == 10:
        return value
    raise PydanticCustomError(
        "date", "expected a date such as 2026-01-31, got {got}", {"got": repr(value)[:40]}
    )


Date = Annotated[dt.date, BeforeValidator(_only_text, json_schema_input_type=str)]


class Model(BaseModel):
    """Unknown keys are errors; values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_alias=True, validate_by_name=False)


class Source(Model):
    """A dated document or data set that values and verdicts rest on."""

    type: Literal["statistic", "official", "paper", "report", "standard", "press", "news", "dataset", "made"]
    title: Text
    date: Date | None = None
    reliability: Literal["A", "B", "C", "D", "E", "F"] = Field(
        description="A fully reliable ... E unreliable, F cannot be judged (NATO admiralty code)"
    )
    publisher: str = ""
    reference: str = Field("", description="DOI, document number or address, as text")


class Partner(Model):
    """A party of the programme."""

    name: Text
    region: Name | None = None
    share: Amount | None = Field(None, description="share of the cost it is asked to bear")
    discount_rate: Any = Field(None, description="quantity, spread or {ref: name}, per year")


class Place(Model):
    """A settlement or site."""

    name: Text
    latitude: Amount
    longitude: Amount
    people: Amount | None = None


class Region(Model):
    """An area on the map: a GeoJSON file beside the programme, or a ring of [longitude, latitude] corners."""

    title: Text
    file: str | None = None
    polygon: list[tuple[Number, Number]] | None = None
    places: list[Place] = []
    source: Name


class Conversion(Model):
    """One unit of money in other money: amounts in `to` = amount in `from` x factor."""

    from_: str = Field(alias="from")
    to: str
    factor: Number = Field(gt=0)
    source: Name


class PriceBase(Model):
    """The money the programme reports in, and the factors that lead to it."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    year: int = Field(ge=1990, le=2100, strict=True)
    conversions: list[Conversion] = []


class HorizonEntry(Model):
    """The period the programme looks at."""

    start: Date
    decision: Date
    end: Date


class NamedInput(Model):
    """A quantity drawn once and reused wherever ``{ref: name}`` stands."""

    model_config = ConfigDict(
        extra="allow", frozen=True
    )  # the distribution's own keys are checked by its parser

    doc: str = ""
    unit: str | None = None
    source: Name
    pedigree: tuple[Score, Score, Score, Score] | None = Field(
        None, description="proxy, empirical basis, method, validation: 0 (guess) to 4 (measured)"
    )


class Correlation(Model):
    """A rank correlation between two columns."""

    first: str
    second: str
    rho: Number = Field(gt=-1, lt=1)


class Factor(Model):
    """Columns pushed by one common cause: each pair has rank correlation rho."""

    names: list[str] = Field(min_length=2)
    rho: Number = Field(ge=0, lt=1)


class Dependence(Model):
    """How inputs move together: Spearman rank correlations through a Gaussian copula, or a t copula with its tails."""

    copula: Literal["gaussian", "t"] = "gaussian"
    degrees_of_freedom: Number = Field(
        default=4.0,
        ge=1,
        le=100,
        description="of the t copula: the fewer, the more often extremes come together",
    )
    spearman: list[Correlation] = []
    common_factors: list[Factor] = []


class SystemEntry(Model):
    """One promised system: which model, its design, its numbers, its couplings."""

    kind: Name
    title: str = ""
    region: Name | None = None
    design: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    ports: dict[str, str] = {}
    source: Name | None = None


class Test(Model):
    """What would make a claim true: one quantity or event, a comparator, a date."""

    __test__ = False  # not a pytest class

    metric: str | None = Field(None, description="system.output, or system.output[label]")
    event: str | None = Field(None, description="an activity of the schedule")
    input: str | None = Field(None, description="a named input")
    lt: Amount | None = None
    le: Amount | None = None
    ge: Amount | None = None
    gt: Amount | None = None
    equals: Amount | None = None
    between: tuple[Amount, Amount] | None = None
    at: Date | None = Field(None, description="the date at which the quantity counts")
    by: Date | None = Field(None, description="the date by which the event must have happened")
    delivered_by: str | None = Field(
        None, description="an event that must have happened by `at` for the metric to count"
    )
    baseline: Literal["no_programme"] | None = None


class Evidence(Model):
    """What one dated source says about a claim."""

    source: Name
    stance: Literal["supports", "contradicts", "qualifies", "silent"]
    note: Text
    value: Amount | None = Field(None, description="the source's own figure for the claimed quantity")


class OutsideView(Model):
    """The reference class a claim belongs to, for the second route to a probability."""

    reference_class: Name
    note: str = ""


class Claim(Model):
    """One atomic statement of the announcement, paraphrased, with what would decide it."""

    id: Code
    source: Name
    lines: list[Annotated[int, Field(ge=1, strict=True)]] = Field(min_length=1)
    class_: Literal["fact", "commitment", "capability", "forecast", "opinion"] = Field(alias="class")
    modality: Literal["asserted", "will", "pledged", "planned", "expected", "likely", "could"]
    text: Text
    subject: Name | None = Field(
        None, description="claims with one subject are compared for drift and contradiction"
    )
    system: Name | None = Field(None, description="the system of this file that the claim is about")
    test: Test | None = None
    helped_by: Literal["low", "high"] | None = Field(
        None,
        description="the direction of the claimed figure that helps the headline: for 'misleading'",
    )
    evidence: list[Evidence] = []
    outside: OutsideView | None = None
    repeats: list[Code] = []
    contradicts: list[Code] = []
    untestable: str = Field("", description="why no test can decide it as written")


class Scenario(Model):
    """A named set of changes: paths such as ``systems.leo.inputs.altitude`` and their new values."""

    title: Text
    changes: dict[str, Any]


class Ensemble(Model):
    """How many members to draw, from which seed, and how sure of every probability to be."""

    members: int = Field(default=4096, ge=8, le=1_000_000, strict=True)
    tolerance: Number | None = Field(
        default=None,
        gt=0,
        lt=0.5,
        description="double the members until the 95 % interval of every claim's P is within plus or minus this",
    )
    most: int = Field(
        default=131_072, ge=8, le=1_000_000, strict=True, description="and no further than this"
    )
    seed: int = Field(default=1, ge=0, le=2**31 - 1, strict=True)
    replicates: int = Field(default=8, ge=2, le=64, strict=True)


class Programme(Model):
    """A whole programme file."""

    schema_: Literal["accord/programme/1"] = Field(alias="schema")
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
    title: Text
    summary: str = ""
    as_of: Date = Field(
        description="what was known: sources dated later are not used to judge what was known then"
    )
    price_base: PriceBase
    horizon: HorizonEntry
    sources: dict[Name, Source] = {}
    partners: dict[Name, Partner] = {}
    regions: dict[Name, Region] = {}
    inputs: dict[Name, NamedInput] = {}
    dependence: Dependence = Dependence()
    systems: dict[Name, SystemEntry] = {}
    schedule: list[Any] = []
    risks: dict[str, Any] = {}
    targets: dict[str, Any] = {}
    claims: list[Claim] = []
    scenarios: dict[Name, Scenario] = {}
    ensemble: Ensemble = Ensemble()
