"""``accord doctor``: what is installed, what is missing, and what it would unlock."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, metadata, version
from importlib.util import find_spec
from typing import Any

import click

__all__ = ["command", "examined"]


def examined() -> dict[str, Any]:
    """Return the state of Python, of the core libraries, of the data folder and of the cache."""
    import re

    from accord.contract.validation import data_folder
    from accord.engine.cache import cache_folder

    rows = []
    for requirement in _requirements():
        name = re.split(r"[ ;<>=!~\[]", requirement, maxsplit=1)[0]
        extra = re.search(r"extra == ['\"]([a-z]+)['\"]", requirement)
        try:
            found: str | None = version(name)
        except PackageNotFoundError:
            found = None
        rows.append({"package": name, "extra": extra[1] if extra else "", "version": found})
    data = data_folder()
    return {
        "python": platform.python_version(),
        "python_ok": sys.version_info >= (3, 11),
        "packages": rows,
        "libyaml": find_spec("yaml") is not None and _has_libyaml(),
        "data_folder": str(data) if data else None,
        "cache_folder": str(cache_folder()),
    }


def _requirements() -> list[str]:
    try:
        return metadata("accord").get_all("Requires-Dist") or []
    except PackageNotFoundError:  # run from a folder of sources, not installed
        return []


def _has_libyaml() -> bool:
    import yaml

    return bool(getattr(yaml, "__with_libyaml__", False))


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(as_json: bool) -> None:
    """Say what is installed, which extras are missing and what each would unlock."""
    from accord.cli.output import emit

    body = examined()
    missing = [r for r in body["packages"] if not r["extra"] and r["version"] is None]
    if as_json:
        emit("accord/doctor/1", body)
    else:
        click.echo(
            f"Python {body['python']}: {'fine' if body['python_ok'] else 'too old, 3.11 or later is needed'}"
        )
        for row in body["packages"]:
            kind = f"extra [{row['extra']}]" if row["extra"] else "core"
            click.echo(f"  {row['package']:22} {row['version'] or 'missing':14} {kind}")
        if not body["libyaml"]:
            click.echo("PyYAML has no C parser here: files load more slowly, with the same result")
        click.echo(
            f"test data: {body['data_folder'] or 'absent: cases that need it are skipped (set ACCORD_DATA)'}"
        )
        click.echo(f"cache: {body['cache_folder']}")
    if missing or not body["python_ok"]:
        raise SystemExit(4)
