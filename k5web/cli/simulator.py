"""`k5 simulator`: the simulated switch by itself, and phones that ring its numbers."""

import logging
import os
import time

import click

import app
from k5web import logs
from k5web.cli.terminal import echo
from k5web.config.settings import Settings
from k5web.errors import WrongSetting

LOOKS_S = 0.3  # how often it is asked what happened


@click.group(invoke_without_command=True)
@click.option("--switch", "name", metavar="NAME", help="Which of several; else the first.")
@click.option("--k5-url", metavar="URL", help="Where K5 is asked before whatever costs; else at its public address.")
@click.pass_context
def simulator(context: click.Context, name: str | None, k5_url: str | None) -> None:
    """Run the simulated switch: it rings simulated phones where no real switch is at hand.

    The last three digits of a number say what its phone does: 200 answers at once, 486 is busy, 180 never answers,
    260 hangs up after a minute; docs/telephony.md has them all.
    """
    settings = Settings.from_env(os.environ)
    switch = settings.switch(name) if name else settings.switches[0]
    if switch.kind != "simulator":
        raise WrongSetting(name="K5_SWITCH", reason="the simulated switch runs with K5_SWITCH=simulator only")
    context.obj = app.Caller(switch)
    if context.invoked_subcommand is None:
        logs.to_stderr(logging.INFO)
        app.simulate_switch(switch, k5_url or settings.public_url)


@simulator.command()
@click.argument("caller")
@click.argument("access")
@click.pass_obj
def missed(phone: app.Caller, caller: str, access: str) -> None:
    """Let the phone CALLER ring the number ACCESS of the running simulator, and hear that it is busy.

    K5 calls back where the caller is a subscriber, ACCESS is one of K5_ACCESS_NUMBERS, and a contact stands behind it.
    """
    phone.miss(caller, access)


@simulator.command()
@click.argument("caller")
@click.argument("number")
@click.option("--keys", default="", metavar="KEYS", help="Pressed at each prompt, comma separated: 1 or 2,201.")
@click.option("--seconds", type=click.IntRange(1, 7200), default=60, show_default=True, help="Then CALLER hangs up.")
@click.pass_obj
def incoming(phone: app.Caller, caller: str, number: str, keys: str, seconds: int) -> None:
    """Let CALLER ring NUMBER, a rented one, and tell what happens, step by step.

    A CALLER of no digits, "", hides it; one like u8841-1 is an account of a PBX, which may dial whatever NUMBER is.
    """
    name = phone.ring(caller, number, keys, seconds)
    told, began_us = 0, None
    while True:
        steps, is_over = phone.story(name)
        for step in steps[told:]:
            began_us = began_us or step.at_us
            echo(f"{(step.at_us - began_us) // 1_000_000:4} s  {step.what} {step.about}".rstrip())
        told = len(steps)
        if is_over:
            return
        time.sleep(LOOKS_S)
