"""`k5 simulator`: the simulated switch by itself."""

import logging
import os

import click

import app
from k5web import logs
from k5web.errors import WrongSetting
from k5web.settings import Settings


@click.command()
def simulator() -> None:
    """Run the simulated switch: it rings simulated phones where no real switch is at hand.

    The last three digits of a number say what its phone does: 200 answers at once, 486 is busy, 180 never answers,
    260 hangs up after a minute; docs/telephony.md has them all.
    """
    logs.to_stderr(logging.INFO)
    settings = Settings.from_env(os.environ)
    if settings.switch.kind != "simulator":
        raise WrongSetting(name="K5_SWITCH", reason="the simulated switch runs with K5_SWITCH=simulator only")
    app.simulate_switch(settings)
