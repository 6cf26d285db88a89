"""Every command that shows a subscriber's personal data leaves a row that says who read it (B14, S26)."""

from collections.abc import Iterator
from datetime import timedelta

import click
import pytest
from click.testing import CliRunner

from k5web.cli import main
from k5web.services.accounts import advances, endings, staff_access
from k5web.services.ports import Ports
from tests.cli.conftest import K5
from tests.conftest import Clock
from tests.services.accounts.test_advances import TO
from tests.services.house import House

# Commands that show personal data of subscribers, with words that make them
SHOWS = {
    "subscriber show": ("100001",),
    "subscriber profile": ("+79161234567",),
    "subscriber export": ("K5-100001",),
    "call show": ("100001-1",),
    "call list": ("--live",),
    "subscriber list": (),
}
# Commands about subscribers that show none: they change something, or tell ids, sums, days and whose staff looked
SILENT = {
    *(
        f"subscriber {name}"
        for name in (
            "accesses",
            "add",
            "block",
            "close",
            "close-direction",
            "credit",
            "edit",
            "erase",
            "inn",
            "limit",
            "limits",
        )
    ),
    *(
        f"subscriber {name}"
        for name in (
            "end",
            "endings",
            "keep",
            "object",
            "objections",
            "open-direction",
            "overdue",
            "passwd",
            "resume",
            "suspend",
        )
    ),
    *(f"subscriber {name}" for name in ("close-direction", "open-direction", "unblock", "verify")),
    *(f"call {name}" for name in ("end", "resolve", "stops", "tick")),
    *(f"refund {name}" for name in ("decline", "paid")),
    *(f"payment {name}" for name in ("credit", "find", "list", "refund", "reverse")),
}
ABOUT = ("subscriber", "call", "payment", "refund")  # the groups where such commands stand


def commands() -> Iterator[str]:
    for group in ABOUT:
        found = main.commands[group]
        assert isinstance(found, click.Group)
        yield from (f"{group} {name}" for name in found.commands)


def test_every_command_about_subscribers_is_known_to_show_personal_data_or_not() -> None:
    """Whoever adds one says here which it is; what shows them calls `look_at` or `staff_access.note`."""
    assert set(commands()) == SHOWS.keys() | SILENT | {"refund list"}


def test_a_list_of_refunds_names_accounts_at_banks(k5: K5, subscriber: int, ports: Ports, clock: Clock) -> None:
    assert k5("subscriber", "credit", str(subscriber), "100.00", "--document", "1").exit_code == 0
    ending = endings.apply(ports, subscriber)
    clock.now += timedelta(days=(ending.last_day - ports.today()).days + 1)
    assert k5("billing", "run").exit_code == 0
    advances.apply(ports, subscriber, TO)
    assert k5("refund", "list", "--for", "payments of the day").exit_code == 0
    [row] = staff_access.listed(ports, subscriber)
    assert (row.command.split()[-2:], row.purpose) == (["refund", "list"], "payments of the day")


@pytest.mark.parametrize("command", SHOWS)
def test_what_shows_personal_data_leaves_a_row(house: House, line: CliRunner, command: str) -> None:
    house.order()
    words = [*command.split(), *SHOWS[command], "--for", "claim 12"]
    done = line.invoke(main, words, env={"K5_STAFF": "a.ivanova"})
    assert done.exit_code == 0, done.output
    [row] = staff_access.listed(house.ports, house.caller.id)
    assert (row.actor, row.purpose) == ("staff:a.ivanova", "claim 12")
    assert row.command.endswith(command)


def test_calls_of_one_subscriber_leave_a_row_without_a_purpose_too(house: House, line: CliRunner) -> None:
    assert line.invoke(main, ["call", "list", "--subscriber", "100001"]).exit_code == 0
    [row] = staff_access.listed(house.ports, house.caller.id)
    assert row.actor.startswith("staff:")
    assert row.purpose == ""


def test_nothing_is_shown_where_the_reading_cannot_be_kept(house: House, line: CliRunner) -> None:
    refused = line.invoke(main, ["subscriber", "show", "100001", "--for", "x" * 300])
    assert refused.exit_code != 0
    assert "916" not in refused.output
