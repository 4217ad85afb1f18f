"""The architecture, held by tests: imports go downward, nothing circles, rooms stay small."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "accord"
LAYERS = [
    ("units", "errors"),
    ("contract",),
    ("physics",),
    ("systems",),
    ("programme",),
    ("engine",),
    ("evidence",),
    ("dossier",),
    ("tools",),
    ("studio",),
    ("cli",),
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted(SOURCE.rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}


def dotted(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[tuple[int, str]]:
    """Return every accord import of a module, lazy and type-checking ones included, as (line, dotted name)."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return [(line, name) for line, name in found if name.split(".")[0] == "accord"]


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_go_downward(path: Path) -> None:
    own = dotted(path).split(".")
    if len(own) == 1 or own[1] == "__main__":
        return  # the package itself resolves names lazily, by text
    wrong = []
    for line, name in imports(path):
        target = name.split(".")
        if len(target) < 2 or target[1].startswith("__"):
            continue
        if LEVEL[target[1]] > LEVEL[own[1]]:
            wrong.append(f"{path.name}:{line} imports {name}, which lies above {own[1]}")
        if own[1] == target[1] == "systems" and len(own) > 2 and len(target) > 2 and own[2] != target[2]:
            wrong.append(f"{path.name}:{line}: systems never import one another ({name})")
    assert wrong == []


def graph() -> dict[str, set[str]]:
    names = {dotted(path) for path in MODULES}
    edges: dict[str, set[str]] = {}
    for path in MODULES:
        own = dotted(path)
        targets = set()
        for _, name in imports(path):
            while name and name not in names:
                name = name.rpartition(".")[0]
            if name and name != own:
                targets.add(name)
        edges[own] = targets
    return edges


def test_nothing_imports_in_a_circle() -> None:
    edges, state, path = graph(), {}, []

    def visit(name: str) -> None:
        state[name] = "open"
        path.append(name)
        for target in sorted(edges[name]):
            # a module reaches its own package; that the package reaches back is what visit would find
            assert state.get(target) != "open", " -> ".join([*path[path.index(target) :], target])
            if target not in state:
                visit(target)
        path.pop()
        state[name] = "done"

    for name in sorted(edges):
        if name not in state:
            visit(name)


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_rooms_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 420, f"{path.name} has {text.count(chr(10))} lines: split it by noun"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = node.end_lineno - node.lineno + 1
            assert length <= 70, f"{path.name}: {node.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_rooms_are_named_after_nouns(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES
    assert path.parent.name not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_no_tables_in_code(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.List, ast.Tuple)):
            numbers = [
                e for e in ast.walk(node) if isinstance(e, ast.Constant) and isinstance(e.value, float)
            ]
            assert len(numbers) <= 40, (
                f"{path.name}:{node.lineno}: {len(numbers)} numbers belong in a data file"
            )


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_public_names_are_documented(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{path.name}: the module says nothing about itself"
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}: {node.name} has no docstring"
