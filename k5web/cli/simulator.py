"""`k5 simulator`: the simulated switch by itself; `k5 simulator missed`: a phone that rings an access number."""

import logging
import os

import click

import app
from k5web import logs
from k5web.config.settings import Settings
from k5web.errors import WrongSetting


@click.group(invoke_without_command=True)
@click.option("--switch", "name", metavar="NAME", help="Which of several; else the first.")
@click.pass_context
def simulator(context: click.Context, name: str | None) -> None:
    """Run the simulated switch: it rings simulated phones where no real switch is at hand.

    The last three digits of a number say what its phone does: 200 answers at once, 486 is busy, 180 never answers,
    260 hangs up after a minute; docs/telephony.md has them all.
    """
    settings = Settings.from_env(os.environ)
    switch = settings.switch(name) if name else settings.switches[0]
    if switch.kind != "simulator":
        raise WrongSetting(name="K5_SWITCH", reason="the simulated switch runs with K5_SWITCH=simulator only")
    context.obj = switch
    if context.invoked_subcommand is None:
        logs.to_stderr(logging.INFO)
        app.simulate_switch(switch)


@simulator.command()
@click.argument("caller")
@click.argument("access")
@click.pass_context
def missed(context: click.Context, caller: str, access: str) -> None:
    """Let the phone CALLER ring the number ACCESS of the running simulator, and hear that it is busy.

    K5 calls back where the caller is a subscriber, ACCESS is one of K5_ACCESS_NUMBERS, and a contact stands behind it.
    """
    app.miss_a_call(context.obj, caller, access)
