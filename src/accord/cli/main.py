"""``accord``: the table of commands, each imported only when it is called, and errors turned into exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from accord import __version__
from accord.errors import AccordError, ProgrammeError

__all__ = ["COMMANDS", "main"]

# name -> module with `command`, and the line that --help shows: known here so that help imports none of them
COMMANDS = {
    "check": ("accord.cli.check", "Check a programme file: every mistake at its line."),
    "run": ("accord.cli.run", "Run a programme file: ledger and dossier."),
    "demo": ("accord.cli.demo", "Run the flagship programme that comes with Accord."),
    "resume": ("accord.cli.resume", "Go on with an interrupted run."),
    "dossier": ("accord.cli.dossier", "Write the dossier of a finished run again."),
    "compare": ("accord.cli.compare", "Compare two finished runs, claim by claim."),
    "sensitivity": ("accord.cli.sensitivity", "Say which inputs decide a claim, on a design made for it."),
    "score": ("accord.cli.score", "Score a run's probabilities once dates have passed."),
    "runs": ("accord.cli.runs", "List and prune run folders."),
    "flood": ("accord.cli.flood", "Map water from satellite scenes: area, people, draft alert."),
    "burn": ("accord.cli.burn", "Map burn severity from two optical scenes: area, people, draft alert."),
    "landslide": ("accord.cli.landslide", "Map suspected landslides from two optical scenes and a DEM."),
    "system": ("accord.cli.system", "List, show, validate and create systems."),
    "imaging": ("accord.cli.imaging", "Train and score the learned flood map; find leaks; check cards."),
    "policy": ("accord.cli.policy", "Check where data lie and go, licences and cards against policy packs."),
    "fleet": ("accord.cli.fleet", "Find the smallest fleet of satellites that covers a region."),
    "link": ("accord.cli.link", "Distil key from recorded detections between two ends."),
    "keys": ("accord.cli.keys", "Serve and fetch keys: ETSI GS QKD 014 over mutual TLS."),
    "lab": ("accord.cli.lab", "Queue researchers' circuits on simulators, accounted and signed."),
    "passes": ("accord.cli.passes", "List passes of satellites over sites: rise, set, Sun, shadow."),
    "weather": (
        "accord.cli.weather",
        "Check a weather file: stamps, faults, what a solar field would yield.",
    ),
    "doctor": ("accord.cli.doctor", "Say what is installed and what is missing."),
    "completion": ("accord.cli.completion", "Print the completion script of a shell."),
}


class _Table(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, 1)
            hint = f": did you mean {near[0]!r}?" if near else f": expected one of {', '.join(COMMANDS)}"
            raise click.UsageError(f"no command {name!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=_Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="accord")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def _accord(debug: bool) -> None:
    """From announcement to evidence: run a technology programme and judge each of its claims.

    Exit codes: 0 fine; 1 ran, and a requested condition failed; 2 bad usage or bad programme; 3 a model failed;
    4 something optional is missing; 130 interrupted.
    """


def main(args: Sequence[str] | None = None) -> Any:
    """Run the command line; every outcome leaves through `SystemExit` with its code."""
    words = list(sys.argv[1:] if args is None else args)
    debug = bool(words) and words[0] == "--debug"
    try:
        code = _accord.main(words, prog_name="accord", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except click.Abort:
        raise SystemExit(130) from None
    except AccordError as error:
        if debug:
            raise
        _tell(error)
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:  # the reader went away: nothing is left to tell it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        raise SystemExit(130) from None
    raise SystemExit(code if isinstance(code, int) else 0)


def _tell(error: AccordError) -> None:
    if isinstance(error, ProgrammeError):
        from accord.cli.check import print_findings

        print_findings(error.findings, err=True)
    else:
        click.echo(f"error: {error}", err=True)
