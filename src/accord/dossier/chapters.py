"""What each system's chapter shows: headline numbers, figures, inputs, published cases, theory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from accord import units
from accord.contract.quantiles import triple
from accord.dossier.charts import svg_of
from accord.dossier.theory import Theory, theory
from accord.evidence.probability import probability_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from accord.contract import Figure, Finding, SystemResult
    from accord.engine.records import Node, Run

__all__ = ["Chapter", "Picture", "chapters", "picture", "source_title"]

_MOST_ROWS = 40  # an output with more numbers than this is told in the CSV, not on the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure on the page, or why it could not be drawn."""

    id: str
    title: str
    alt: str = ""
    caption: str = ""
    svg: Markup = field(default_factory=Markup)
    problem: str = ""
    figure: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One live system."""

    name: str
    kind: str
    title: str
    version: int
    outputs: Sequence[Mapping[str, Any]]
    pictures: Sequence[Picture]
    inputs: Sequence[Mapping[str, Any]]
    fixed: Sequence[Mapping[str, Any]]
    validation: Sequence[Mapping[str, Any]]
    failures: Sequence[tuple[str, int]]
    members: int
    theory: Theory
    ports: Sequence[Mapping[str, str]] = field(default=())
    remarks: Sequence[Finding] = field(default=())

    @property
    def shown(self) -> list[Mapping[str, Any]]:
        """Rows of the outputs that are short enough for the page."""
        return [row for row in self.outputs if row["on_page"]]

    @property
    def left_to_tables(self) -> list[str]:
        """Keys of the outputs that only the table beside the page holds."""
        return list(dict.fromkeys(row["key"] for row in self.outputs if not row["on_page"]))

    @property
    def headlines(self) -> list[Mapping[str, Any]]:
        """Rows of the outputs that the system calls its headline."""
        return [row for row in self.shown if row["headline"]]


def chapters(run: Run, validations: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Chapter]:
    """Return a chapter for every system that has a result, in plan order."""
    return [
        _chapter(run, node, run.results[name], validations.get(node.kind, ()))
        for name, node in run.plan.nodes.items()
        if name in run.results
    ]


def _chapter(run: Run, node: Node, result: SystemResult, cases: Sequence[Mapping[str, Any]]) -> Chapter:
    assert node.system is not None
    tally: dict[str, int] = {}
    for reason in result.failures.values():
        tally[reason] = tally.get(reason, 0) + 1
    return Chapter(
        name=node.name,
        kind=node.kind,
        title=node.title,
        version=node.system.version,
        outputs=_outputs(node, result),
        pictures=_pictures(node, result),
        inputs=_inputs(run, node),
        fixed=[
            {
                "key": units.file_key(key, node.system.inputs[key].unit),
                "value": units.show(value, node.system.inputs[key].unit),
                "doc": node.system.inputs[key].doc,
                "source": node.system.inputs[key].source,
            }
            for key, value in node.fixed.items()
        ],
        validation=cases,
        failures=sorted(tally.items(), key=lambda item: (-item[1], item[0])),
        members=run.draws.n,
        theory=theory(node.kind),
        ports=_ports(node),
        remarks=tuple(node.system.remarks(result)) if len(result.failures) < run.draws.n else (),
    )


def _ports(node: Node) -> list[dict[str, str]]:
    assert node.system is not None
    return [
        {
            "port": name,
            "doc": port.doc,
            "fed": ".".join(node.ports[name]) if name in node.ports else f"not connected: {port.fallback}",
        }
        for name, port in node.system.ports.items()
    ]


def _outputs(node: Node, result: SystemResult) -> list[dict[str, Any]]:
    """Return a row for every number of every output: one a label, or a combination of labels."""
    assert node.system is not None
    rows = []
    for name, declared in node.system.outputs.items():
        values = result.outputs[name]
        places = list(np.ndindex(*values.shape[1:])) if len(values) else []
        for place in places:
            labels = [result.labels[dim][i] for dim, i in zip(declared.dims, place, strict=True)]
            column = values[(slice(None), *place)]
            low, mid, high = triple(column)
            rows.append(
                {
                    "key": units.file_key(name, declared.unit),
                    "label": ", ".join(labels),
                    "doc": declared.doc,
                    "first": not any(place),
                    "on_page": len(places) <= _MOST_ROWS,
                    "unit": declared.unit,
                    "headline": declared.headline,
                    "p10": low,
                    "p50": mid,
                    "p90": high,
                    "shown": _quantiles(column, (low, mid, high), declared.unit, result),
                }
            )
    return rows


def _quantiles(
    column: NDArray[np.float64], quantiles: Sequence[float], unit: str, result: SystemResult
) -> list[str]:
    if unit == "1" and set(np.unique(column)) == {0.0, 1.0}:
        # it happens or not: quantiles would say nothing
        return ["", f"P {probability_text(int(column.sum()), len(column))}", ""]
    return [_shown(value, unit, result) for value in quantiles]


def _shown(value: float, unit: str, result: SystemResult) -> str:
    text = units.show(value, unit)
    if unit != "month":
        return text
    if value >= 1200.0:  # how a schedule writes an event that never comes
        return "never"
    return f"{text} ({result.horizon.date_of(value):%b %Y})" if value > 0 else text


def _inputs(run: Run, node: Node) -> list[dict[str, Any]]:
    rows = []
    for key, binding in node.bindings.items():
        spec = run.plan.columns[binding.column]
        rows.append(
            {
                "key": key if "." in key or node.system is None else _file_key(node, key),
                "column": binding.column,
                "unit": spec.unit,
                "doc": spec.doc,
                "spread": units.show(spec.spread.quantile(0.5), spec.unit)
                if spec.spread.is_constant
                else f"{spec.spread.describe()} {spec.unit if spec.unit != '1' else ''}".strip(),
                "source": source_title(run, spec.source),
                "pedigree": "-".join(str(s) for s in spec.pedigree) if spec.pedigree else "",
                "shared": spec.owner == "inputs",
            }
        )
    return rows


def source_title(run: Run, source: str) -> str:
    """Return the title of a listed source, else the text itself."""
    listed = run.plan.programme.sources.get(source)
    return listed.title if listed is not None else source


def _file_key(node: Node, key: str) -> str:
    assert node.system is not None
    declared = node.system.inputs.get(key)
    return units.file_key(key, declared.unit) if declared is not None else key


def _pictures(node: Node, result: SystemResult) -> list[Picture]:
    assert node.system is not None
    try:
        found = node.system.figures(result)
    except Exception as error:  # one broken drawing must not cost the reader the whole dossier
        reason = f"{type(error).__name__}: {error}"
        return [Picture(id=f"{node.name}-figures", title="Figures", problem=reason)]
    return [picture(f"{node.name}-{figure.id}", figure) for figure in found]


def picture(name: str, figure: Figure) -> Picture:
    """Draw a figure for the page, or say why it cannot be drawn."""
    told: dict[str, Any] = {"id": name, "title": figure.title, "alt": figure.alt, "caption": figure.caption}
    try:
        # what cannot be written beside the page is not drawn on it either: a NaN is a fault of the system
        json.dumps([figure.spec, list(figure.rows)], allow_nan=False, sort_keys=True, default=_plain)
        svg = svg_of(figure, f"svg-{name}")
    except Exception as error:  # one broken drawing must not cost the reader the whole dossier
        return Picture(**told, problem=f"{type(error).__name__}: {error}")
    return Picture(**told, svg=Markup(svg), figure=figure)  # noqa: S704 - drawn by us, texts escaped by Vega


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else list(value)
