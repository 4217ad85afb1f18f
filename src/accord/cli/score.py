"""``accord score RUN OUTCOMES``: how good the probabilities of a run turned out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

__all__ = ["command"]


@click.command("score")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("outcomes", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(run: Path, outcomes: Path, as_json: bool) -> None:
    """Score the probabilities of a finished RUN with a CSV file of OUTCOMES.

    Columns: claim, outcome (1 or 0), and perhaps value: the observed quantity with its unit, or the date of an event.
    """
    from accord import units
    from accord.cli.output import emit
    from accord.cli.pipeline import reopen
    from accord.evidence.scoring import read_outcomes, read_values, score_ledger, score_quantities

    done = reopen(run)
    found = score_ledger(done.ledger, read_outcomes(outcomes))
    quantities = score_quantities(done.run, read_values(outcomes))
    if as_json:
        emit("accord/score/1", {**asdict(found), "quantities": [asdict(q) for q in quantities]})
        return
    click.echo(f"{found.claims} resolved claims with a probability, {found.happened} came true")
    click.echo(
        f"Brier score {found.brier:.4f} = reliability {found.reliability:.4f} - resolution {found.resolution:.4f} "
        f"+ uncertainty {found.uncertainty:.4f}"
    )
    click.echo(f"logarithmic score {found.logarithmic:.4f} nat")
    if not found.calibration:
        click.echo("too few claims for a calibration curve: 30 are needed")
    for probability, share, number in found.calibration:
        click.echo(f"  said {probability:.3f}: {share:.3f} of {number}")
    for q in quantities:
        observed, median, distance = (units.show(v, q.unit) for v in (q.observed, q.median, q.crps))
        click.echo(
            f"{q.claim}: observed {observed}, median {median}; CRPS {distance}; {q.transform:.2f} of the members below"
        )
