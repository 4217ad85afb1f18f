"""The conformance suite: what every system must keep, as plain functions that anyone can call.

Each check takes a `Subject` and yields one line for each thing that is wrong. A system of your own conforms when
``[line for check in CHECKS for line in check(Subject.of(SYSTEM))]`` is empty.
"""

from __future__ import annotations

import ast
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from accord import units
from accord.contract.alone import Alone
from accord.contract.design import DesignModel
from accord.contract.fields import Input, Output
from accord.contract.figure import Figure
from accord.contract.spread import Ref
from accord.contract.system import System
from accord.contract.validation import read_cases
from accord.errors import AccordError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["CHECKS", "Subject"]

_FILES = (
    "__init__.py",
    "inputs.py",
    "outputs.py",
    "model.py",
    "figures.py",
    "validation.py",
    "validation.yaml",
    "theory.md",
)
_BUDGET_S = (
    20.0  # prepare plus 1 000 members of the example on a slow machine; larger designs are another matter
)


@dataclass
class Subject:
    """A system under test with its folder."""

    system: System
    folder: Path

    @classmethod
    def of(cls, system: System) -> Subject:
        """Find the folder of a system from where its ``evaluate`` is written."""
        return cls(system, Path(inspect.getfile(system.evaluate)).parent)

    @cached_property
    def alone(self) -> Alone:
        """The system on its example, prepared once for all checks."""
        return Alone(self.system, folder=self.folder)

    @cached_property
    def members(self) -> dict[str, FloatArray]:
        """Sixty-four members."""
        return self.alone.draw(64)

    @cached_property
    def outputs(self) -> dict[str, FloatArray]:
        """Their outputs."""
        return self.alone.evaluate(self.members)[0]

    @cached_property
    def figures(self) -> list[Figure]:
        """The figures of sixty-four members."""
        return self.system.figures(self.alone.result(64))


Check = Callable[[Subject], Iterator[str]]


def folder_shape(s: Subject) -> Iterator[str]:
    """The folder has every file of the pattern, and data files come with their sources."""
    yield from (f"missing {name}" for name in _FILES if not (s.folder / name).is_file())
    data = [p for p in s.folder.glob("data/*") if p.name != "SOURCES.md"]
    if data and not (s.folder / "data" / "SOURCES.md").is_file():
        yield "data/ has no SOURCES.md"


def named_as_folder(s: Subject) -> Iterator[str]:
    """The kind is the folder's name."""
    if s.system.name != s.folder.name:
        yield f"name {s.system.name!r} is not the folder's name {s.folder.name!r}"
    if s.system.version < 1 or not s.system.title:
        yield "version must be at least 1 and the title not empty"


def imports_are_light(s: Subject) -> Iterator[str]:
    """Importing the folder does no numeric work: no calls at module level beyond declarations."""
    for path in s.folder.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.For, ast.While, ast.With)):
                yield f"{path.name}:{node.lineno}: work at import"


def inputs_documented(s: Subject) -> Iterator[str]:
    """Every input has a unit of the table, a sentence and a source."""
    for name, declared in s.system.inputs.items():
        if not declared.doc.strip() or not declared.source.strip():
            yield f"input {name}: doc and source are required"
        try:
            units.unit(declared.unit)
        except AccordError as error:
            yield f"input {name}: {error}"


def names_carry_units(s: Subject) -> Iterator[str]:
    """The Python name of every input and output ends with the suffix of its unit."""
    fields: dict[str, Input | Output] = {**s.system.inputs, **s.system.outputs}
    for name, declared in fields.items():
        if not name.endswith(units.suffix(declared.unit)):
            yield f"{name}: expected to end with {units.suffix(declared.unit)!r}"
        if name != name.lower():
            yield f"{name}: expected lower case"


def defaults_in_range(s: Subject) -> Iterator[str]:
    """Defaults and usual ranges lie in the possible range."""
    for name, i in s.system.inputs.items():
        if not i.low < i.high:
            yield f"input {name}: low must be below high"
        if i.default is not None and not i.low <= i.default <= i.high:
            yield f"input {name}: default {i.default:g} outside {i.low:g}..{i.high:g}"
        if i.usual is not None and not i.low <= i.usual[0] < i.usual[1] <= i.high:
            yield f"input {name}: usual range outside {i.low:g}..{i.high:g}"


def spreads_in_range(s: Subject) -> Iterator[str]:
    """Default spreads stay in the possible range; design inputs have none."""
    for name, i in s.system.inputs.items():
        if i.spread is None:
            continue
        if i.role == "design":
            yield f"input {name}: a design input is one number and takes no spread"
        if i.spread.mass_outside(i.low, i.high) > 1e-3:
            yield f"input {name}: spread reaches outside {i.low:g}..{i.high:g}"


def outputs_documented(s: Subject) -> Iterator[str]:
    """Every output has a unit of the table and a sentence; at least one is a headline."""
    for name, declared in s.system.outputs.items():
        if not declared.doc.strip():
            yield f"output {name}: doc is required"
        try:
            units.unit(declared.unit)
        except AccordError as error:
            yield f"output {name}: {error}"
        yield from (
            f"output {name}: alternative {a!r} unknown"
            for a in declared.alternatives
            if a not in s.system.outputs
        )
    if not any(o.headline for o in s.system.outputs.values()):
        yield "no output is marked as headline"


def dims_labelled(s: Subject) -> Iterator[str]:
    """Every dim of every output has labels."""
    labels = s.alone.labels()
    for name, declared in s.system.outputs.items():
        yield from (f"output {name}: dim {dim!r} has no labels" for dim in declared.dims if dim not in labels)
    if s.system.events and s.system.outputs[s.system.events].dims != ("event",):
        yield f"events output {s.system.events!r} must have the one dim 'event'"


def ports_described(s: Subject) -> Iterator[str]:
    """Ports name a kind and an output, and say what happens without them."""
    for name, port in s.system.ports.items():
        if "." not in port.of or not port.doc:
            yield f"port {name}: of must read kind.name and doc is required"
        if port.optional and not port.fallback:
            yield f"port {name}: an optional port must say its fallback"


def provides_delivers(s: Subject) -> Iterator[str]:
    """What is promised to other systems is delivered, of the promised type."""
    if not s.system.provides:
        return
    if s.system.provide is None:
        yield "provides is declared but provide is missing"
        return
    given = s.system.provide(s.alone.model(), s.alone.prepared(), s.alone.context())
    for name, kind in s.system.provides.items():
        if not isinstance(given.get(name), kind):
            yield f"provides {name}: expected {kind.__name__}, got {type(given.get(name)).__name__}"


def design_is_strict(s: Subject) -> Iterator[str]:
    """The example is valid, unknown keys are refused, and aliases are the file's keys."""
    declared: object = s.system.Design  # the annotation promises it, a careless author may not keep it
    if not (isinstance(declared, type) and issubclass(declared, DesignModel)):
        yield "Design must subclass DesignModel"
        return
    s.alone.model()
    try:
        s.system.Design.model_validate({**s.system.example, "no_such_key": 1})
    except ValueError:
        pass
    else:
        yield "Design accepts unknown keys"
    for name, field in s.system.Design.model_fields.items():
        mark = next((m for m in field.metadata if hasattr(m, "unit")), None)
        if mark is not None and (field.alias or name) != units.file_key(name, mark.unit):
            yield f"design field {name}: alias must be {units.file_key(name, mark.unit)!r}"


def outputs_declared(s: Subject) -> Iterator[str]:
    """Exactly the declared outputs come back."""
    yield from (f"output {name} not returned" for name in s.system.outputs if name not in s.outputs)
    yield from (f"output {name} not declared" for name in s.outputs if name not in s.system.outputs)


def outputs_shaped(s: Subject) -> Iterator[str]:
    """Shapes are (n,) + dims for n = 1, 7 and 64."""
    labels = s.alone.labels()
    for n in (1, 7, 64):
        outputs, _ = s.alone.evaluate({k: v[:n] for k, v in s.members.items()})
        for name, declared in s.system.outputs.items():
            shape = (n, *(len(labels.get(dim, ())) for dim in declared.dims))
            if name in outputs and outputs[name].shape != shape:
                yield f"output {name}: shape {outputs[name].shape} for n = {n}, expected {shape}"


def outputs_finite(s: Subject) -> Iterator[str]:
    """Members that did not fail have finite outputs; few fail on defaults."""
    outputs, failures = s.alone.evaluate(s.members)
    for name, value in outputs.items():
        bad = [i for i in range(len(value)) if i not in failures and not np.isfinite(value[i]).all()]
        if bad:
            yield f"output {name}: not finite for members {bad[:5]}"
    if len(failures) > 3:
        yield f"{len(failures)} of 64 members fail on defaults: {failures[min(failures)]}"


def chunks_agree(s: Subject) -> Iterator[str]:
    """The same rows come out, bit for bit, whatever chunk they are evaluated in."""
    for start, stop in ((0, 1), (5, 12), (1, 64), (31, 33)):
        part, _ = s.alone.evaluate({k: v[start:stop] for k, v in s.members.items()}, start)
        for name, value in part.items():
            if not np.array_equal(value, s.outputs[name][start:stop], equal_nan=True):
                yield f"output {name}: members {start}..{stop} differ from the same members in one batch"


def deterministic(s: Subject) -> Iterator[str]:
    """A second evaluation gives the same bytes, and inputs are left as they were."""
    before = {k: v.copy() for k, v in s.members.items()}
    again, _ = s.alone.evaluate(s.members)
    for name, value in again.items():
        if not np.array_equal(value, s.outputs[name], equal_nan=True):
            yield f"output {name}: not the same a second time"
    yield from (
        f"input {k} was changed by evaluate" for k, v in s.members.items() if not np.array_equal(v, before[k])
    )


def prepare_is_storable(s: Subject) -> Iterator[str]:
    """What ``prepare`` returns survives the cache: arrays, numbers, text, and lists or mappings of them."""

    def bad(value: object, where: str) -> Iterator[str]:
        if isinstance(value, dict):
            for key, part in value.items():
                if not isinstance(key, str):
                    yield f"prepared{where}: key {key!r} is not text"
                yield from bad(part, f"{where}.{key}")
        elif isinstance(value, (list, tuple)):
            for i, part in enumerate(value):
                yield from bad(part, f"{where}[{i}]")
        elif isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                yield f"prepared{where}: an array of objects cannot be stored"
        elif value is not None and not isinstance(value, (str, int, float, bool, np.generic)):
            yield f"prepared{where}: {type(value).__name__} cannot be stored"

    yield from bad(s.alone.prepared(), "")


def monotone_where_declared(s: Subject) -> Iterator[str]:
    """Raising an input moves an output in the declared direction, for every member."""
    for (name, output), sign in s.system.monotone.items():
        low, high = s.alone.spreads()[name].quantile(0.3), s.alone.spreads()[name].quantile(0.7)
        if low == high:
            declared = s.system.inputs[name]
            low, high = (declared.usual or (declared.low, declared.high))[0], low
        first, _ = s.alone.evaluate({**s.members, name: np.full(64, low)})
        second, _ = s.alone.evaluate({**s.members, name: np.full(64, high)})
        change = (second[output] - first[output]) * sign
        if (change < -1e-9 * np.abs(first[output]).max()).any():
            yield f"{output} does not move with {name} as declared ({sign:+d})"


def columns_described(s: Subject) -> Iterator[str]:
    """Columns the design brings have units and sentences, and common factors name known members."""
    if s.system.columns is None:
        return
    columns = s.system.columns(s.alone.model())
    for name, column in columns.items():
        base = name.split(".", 1)[0]
        if not base.endswith(units.suffix(column.unit)) or not column.doc:
            yield f"column {name}: expected doc and a name ending with {units.suffix(column.unit)!r} before the dot"
        if isinstance(column.value, Ref):
            yield f"column {name}: the example must not refer to named inputs"
    if s.system.dependence is not None:
        known = {*columns, *s.system.inputs}
        for factor in s.system.dependence(s.alone.model()):
            yield from (f"common factor names unknown {n!r}" for n in factor.names if n not in known)


def figures_readable(s: Subject) -> Iterator[str]:
    """Figures have unique ids, titles, alt text and titled axes."""
    if not s.figures:
        yield "no figures"
    ids = [f.id for f in s.figures]
    yield from (f"figure id {i!r} twice" for i in set(ids) if ids.count(i) > 1)
    for figure in s.figures:
        if not figure.title or len(figure.alt) < 20:
            yield f"figure {figure.id}: title and an alt text with the main numbers are required"
        yield from (f"figure {figure.id}: axis {axis} has no title" for axis in _untitled(figure.spec, set()))


def _untitled(spec: object, above: set[str]) -> Iterator[str]:
    """Yield axes without a title; layers share axes, so one title among them is enough."""
    if not isinstance(spec, dict):
        return
    own = _channels(spec.get("encoding"))
    titled = above | {channel for channel, good in own.items() if good}
    layers = spec.get("layer")
    if isinstance(layers, list):
        for layer in layers:
            titled |= {c for c, good in _channels(layer.get("encoding")).items() if good}
        for layer in layers:
            yield from _untitled(layer, titled)
    for key in ("spec", "hconcat", "vconcat", "concat"):
        part = spec.get(key)
        for child in part if isinstance(part, list) else [part]:
            yield from _untitled(child, titled if key == "spec" else set())
    yield from (
        f"{channel} ({spec['encoding'][channel]['field']})" for channel in own if channel not in titled
    )


def _channels(encoding: object) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for channel in ("x", "y"):
        part = encoding.get(channel) if isinstance(encoding, dict) else None
        if isinstance(part, dict) and "field" in part and part.get("axis", {}) is not None:
            found[channel] = "title" in part or "title" in (part.get("axis") or {})
    return found


def validation_present(s: Subject) -> Iterator[str]:
    """At least three published cases with citation, and a function for each."""
    cases = read_cases(s.folder / "validation.yaml")
    if len(cases) < 3:
        yield f"{len(cases)} validation cases, expected at least 3"
    ids = [case.id for case in cases]
    yield from (f"validation case {i!r} twice" for i in set(ids) if ids.count(i) > 1)
    source = (s.folder / "validation.py").read_text(encoding="utf-8")
    functions = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    yield from (f"validation.py has no function {c.run!r}" for c in cases if c.run not in functions)


def theory_complete(s: Subject) -> Iterator[str]:
    """The theory page has equations, validity and what is not modelled."""
    text = (s.folder / "theory.md").read_text(encoding="utf-8").lower()
    for part in ("## equations", "## validity", "## not modelled"):
        if part not in text:
            yield f"theory.md has no section {part!r}"


def within_budget(s: Subject) -> Iterator[str]:
    """The example with 1 000 members takes seconds, not minutes."""
    wall, work = time.perf_counter(), time.process_time()
    fresh = Alone(s.system, folder=s.folder)
    fresh.evaluate(fresh.draw(1000))
    # the lesser of the two: other programs on the machine lengthen the one, a second thread the other
    taken = min(time.perf_counter() - wall, time.process_time() - work)
    if taken > _BUDGET_S:
        yield f"the example takes {taken:.0f} s, expected at most {_BUDGET_S:.0f} s"


def no_neighbours(s: Subject) -> Iterator[str]:
    """The system imports no other system and nothing above it."""
    above = ("programme", "engine", "evidence", "dossier", "tools", "cli", "studio")
    for path in s.folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in names:
                parts = name.split(".")
                if parts[:2] == ["accord", "systems"] and len(parts) > 2 and parts[2] != s.system.name:
                    yield f"{path.name}:{node.lineno}: imports another system ({name})"
                if parts[0] == "accord" and len(parts) > 1 and parts[1] in above:
                    yield f"{path.name}:{node.lineno}: imports upward ({name})"


CHECKS: tuple[Check, ...] = tuple(
    value
    for name, value in list(vars(sys.modules[__name__]).items())
    if inspect.isfunction(value) and value.__module__ == __name__ and not name.startswith("_")
)
