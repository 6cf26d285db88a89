"""`k5 simulator`: the simulated switch by itself, and phones that ring its numbers."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import click

from k5web import logs
from k5web.cli.context import app
from k5web.cli.context import settings as own_settings
from k5web.cli.terminal import echo
from k5web.errors import WrongSetting

if TYPE_CHECKING:
    from k5web.config.switches import SwitchSettings

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
    context.obj = name
    if context.invoked_subcommand is None:
        logs.to_stderr(logging.INFO)
        app.simulate_switch(_switch(name), k5_url or own_settings().public_url)


def _switch(name: str | None) -> SwitchSettings:
    settings = own_settings()
    switch = settings.switch(name) if name else settings.switches[0]
    if switch.kind != "simulator":
        raise WrongSetting(name="K5_SWITCH", reason="the simulated switch runs with K5_SWITCH=simulator only")
    return switch


@simulator.command()
@click.argument("caller")
@click.argument("access")
@click.pass_obj
def missed(switch: str | None, caller: str, access: str) -> None:
    """Let the phone CALLER ring the number ACCESS of the running simulator, and hear that it is busy.

    K5 calls back where the caller is a subscriber, ACCESS is one of K5_ACCESS_NUMBERS, and a contact stands behind it.
    """
    app.Caller(_switch(switch)).miss(caller, access)


@simulator.command()
@click.argument("caller")
@click.argument("number")
@click.option("--keys", default="", metavar="KEYS", help="Pressed at each prompt, comma separated: 1 or 2,201.")
@click.option("--seconds", type=click.IntRange(1, 7200), default=60, show_default=True, help="Then CALLER hangs up.")
@click.pass_obj
def incoming(switch: str | None, caller: str, number: str, keys: str, seconds: int) -> None:
    """Let CALLER ring NUMBER, a rented one, and tell what happens, step by step.

    A CALLER of no digits, "", hides it; one like u8841-1 is an account of a PBX, which may dial whatever NUMBER is.
    """
    phone = app.Caller(_switch(switch))
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
