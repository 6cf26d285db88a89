"""`k5 audit`: who of the staff did what, at the desk and by commands."""

from datetime import date

import click

from k5web.cli.context import open_house
from k5web.cli.terminal import day_of, echo, moment
from k5web.domain.desk.audit import AuditFilter
from k5web.services.accounts import accounts
from k5web.services.desk import audit as services


@click.command()
@click.option("--actor", "who", default="", help="as the lines name them, staff:a.ivanova")
@click.option("--action", default="", help="how it begins: desk., k5 subscriber")
@click.option("--subscriber", "login", help="whom it is about: a phone or an id")
@click.option("--from", "since", callback=day_of, help="the first day, 2026-12-01")
@click.option("--to", "until", callback=day_of, help="the last day")
def audit(who: str, action: str, login: str | None, since: date | None, until: date | None) -> None:
    """Print what the staff did, oldest first: when, who, what, whom it is about, why, how it ended."""
    with open_house() as ports:
        owner_id = None if login is None else accounts.find_subscriber(ports, login).id
        for line in services.stream(ports, AuditFilter(who, action, owner_id, since, until)):
            about = [f"K5-{line.owner_id}"] if line.owner_id else []
            facts = [f"{name}={value}" for name, value in line.facts.items()]
            why = [f"({line.reason})"] if line.reason else []
            words = [moment(line.at), line.actor, line.action, *about, *facts, *why, line.outcome or "CUT SHORT"]
            echo("  ".join(words))
