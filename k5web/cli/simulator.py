"""`k5 simulator`: the simulated switch by itself."""

import logging
import os

import click

import app
from k5web import logs
from k5web.errors import WrongSetting
from k5web.settings import Settings


@click.command()
@click.option("--switch", "name", metavar="NAME", help="Which of several; else the first.")
def simulator(name: str | None) -> None:
    """Run the simulated switch: it rings simulated phones where no real switch is at hand.

    The last three digits of a number say what its phone does: 200 answers at once, 486 is busy, 180 never answers,
    260 hangs up after a minute; docs/telephony.md has them all.
    """
    logs.to_stderr(logging.INFO)
    settings = Settings.from_env(os.environ)
    switch = settings.switch(name) if name else settings.switches[0]
    if switch.kind != "simulator":
        raise WrongSetting(name="K5_SWITCH", reason="the simulated switch runs with K5_SWITCH=simulator only")
    app.simulate_switch(switch)
