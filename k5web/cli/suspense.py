"""`k5 bank suspense|assign|close|rules`: what came to nobody, and its ways out: to its subscriber, or to the house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from k5web.cli.by_hand import Done, submit
from k5web.cli.context import actor, open_house
from k5web.cli.terminal import NUMBER, echo, echo_json
from k5web.domain.bank.suspense import NOT_OURS, Rule, Sought
from k5web.domain.money import Money
from k5web.domain.workday import LATE_AFTER_DAYS
from k5web.errors import WrongMoney
from k5web.services.accounts import accounts
from k5web.services.bank import closing as closing_room
from k5web.services.bank import closing_rules
from k5web.services.bank import suspense as waiting_room

if TYPE_CHECKING:
    from k5web.services.bank.closing_rules import Match, Matched
    from k5web.services.bank.suspense import Listed, Put, Waiting

Command = TypeVar("Command", bound=Callable[..., None])


def _day(_ctx: click.Context, _param: click.Parameter, text: str | None) -> date | None:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date() if text else None  # noqa: DTZ007
        except ValueError:
            continue
    raise click.BadParameter(f"'{text}' is not a day like 2026-11-30 or 30.11.2026")


def typed_sum(_ctx: click.Context, _param: click.Parameter, text: str | None) -> Money | None:
    try:
        return Money.typed(text) if text else None
    except WrongMoney:
        raise click.BadParameter(f"'{text}' is not a sum like 500.00") from None


HOUSE = click.option(
    "--to", "house", default=NOT_OURS, show_default=True, help="House account; cash.cards for a payout."
)


@click.command()
@click.option("--payer", default="", help="Tax number, or words of the payer's name.")
@click.option("--words", default="", help="Words of the purpose.")
@click.option("--sum", "amount", callback=typed_sum, help="Like 500.00.")
@click.option("--day", callback=_day, help="Of the document, or when it came: like 2026-11-30.")
@click.option("--older", "older", type=click.IntRange(0, 36500), help="Came at least so many days ago.")
@click.option("--page", type=click.IntRange(1, 10**9), default=1, show_default=True)
@click.option("--closed", is_flag=True, help="What was closed instead, with its reason.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def suspense(
    payer: str,
    words: str,
    amount: Money | None,
    day: date | None,
    older: int | None,
    page: int,
    closed: bool,
    as_json: bool,
) -> None:
    """List what came to nobody, the longest here first, by the numbers that `k5 bank assign` and `close` take."""
    sought = Sought(payer, words, amount, day, older)
    with open_house() as ports:
        if closed:
            _show(waiting_room.closed(ports, sought, page), _put_line, _put_facts, "were closed", as_json)
        else:
            _show(
                waiting_room.suspense(ports, sought, page), _waiting_line, _waiting_facts, "wait in suspense", as_json
            )


T = TypeVar("T")


def _show(
    found: Listed[T], line: Callable[[T], str], facts: Callable[[T], dict[str, Any]], do: str, as_json: bool
) -> None:
    if as_json:
        head = {"count": found.count, "amount": str(found.amount), "page": found.page, "pages": found.pages}
        echo_json(head | {"payments": [facts(one) for one in found.first]})
        return
    for one in found.first:
        echo(line(one))
    echo(f"{found.count} payments, {found.amount} RUB {do}")
    if found.pages > 1:
        more = f"; the next: --page {found.page + 1}" if found.page < found.pages else ""
        echo(f"this is page {found.page} of {found.pages}{more}")


@click.command()
@click.argument("number", type=NUMBER)
@click.argument("subscriber")
def assign(number: int, subscriber: str) -> None:
    """Give the payment NUMBER of `k5 bank suspense` to SUBSCRIBER (a phone in any spelling, or an id)."""
    with open_house() as ports:
        owner = accounts.find_subscriber(ports, subscriber)
        amount = waiting_room.find(ports, number).amount
        if submit(ports, "assign", {"number": number}, owner.id) is not Done.WAITS:
            echo(f"{amount} RUB is on the account of subscriber {owner.id}")


@click.command()
@click.argument("number", type=NUMBER)
@click.option("--reason", help="Why it is no subscriber's: payout of the acquirer, own transfer, interest.")
@HOUSE
@click.option("--undo", is_flag=True, help="Take the closing back: the payment waits again.")
def close(number: int, reason: str | None, house: str, undo: bool) -> None:
    """Take the payment NUMBER of `k5 bank suspense` out of it: it is money of the house, not of a subscriber."""
    if undo == bool(reason):
        raise click.UsageError("say --reason WORDS to close a payment, or --undo to take a closing back")
    with open_house() as ports:
        kind, payload = ("reopen_suspense", {}) if undo else ("close_suspense", {"counter": house})
        done = submit(ports, kind, {"number": number, **payload}, why=reason or "")
        if done is Done.WAITS:
            return
        amount = waiting_room.find(ports, number).amount
        put = closing_room.last(ports, number)
    if undo:
        echo(f"{amount} RUB {'waits' if done is Done.NOW else 'waited already'} in suspense again")
        return
    is_new = done is Done.NOW
    when = "" if is_new else f" on {put.closed_at:%d.%m.%Y} by {put.actor}"
    echo(f"{amount} RUB {'went' if is_new else 'had gone'} to {put.house}{when}: {put.reason}")


@click.group()
def rules() -> None:
    """Rules that close what comes again and again: shown with what they would close before they act."""


@rules.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(as_json: bool) -> None:
    """List the rules in force."""
    with open_house() as ports:
        found = closing_rules.rules(ports)
    if as_json:
        echo_json({"rules": [_rule_facts(rule) for rule in found]})
        return
    for rule in found:
        echo(_rule_line(rule))
    echo(f"{len(found)} rules")


@rules.command()
@click.option("--payer", default="", help="Tax number, or words of the payer's name.")
@click.option("--words", default="", help="Words of the purpose: each must stand in it.")
@click.option("--reason", required=True, help="Why such payments are no subscriber's.")
@HOUSE
@click.option("--yes", is_flag=True, help="Keep the rule and close what it fits; without it, only show that.")
def add(payer: str, words: str, reason: str, house: str, yes: bool) -> None:
    """Close payments of a payer, with words in the purpose, now and at each import. Shows what it fits first."""
    with open_house() as ports:
        rule = closing_rules.draft(ports, payer, words, reason, actor(), house)
        found = closing_rules.foresee(ports, [rule])
        for line in match_lines("would close" if not yes else "closes", found):
            echo(line)
        if not yes:
            echo(f"{found.count} payments, {found.amount} RUB would be closed. Nothing is changed: add --yes to do it")
            return
        kept = closing_rules.add(ports, rule)
        done = closing_rules.apply(ports)
    echo(f"rule {kept.id} is in force; closed: {done.count} payments, {done.amount} RUB")


@rules.command()
@click.argument("rule", type=NUMBER)
def remove(rule: int) -> None:
    """End RULE, a number of `k5 bank rules list`; what it closed stays closed."""
    with open_house() as ports:
        closing_rules.remove(ports, rule)
    echo(f"rule {rule} is ended; what it closed stays closed")


def match_lines(verb: str, found: Matched) -> list[str]:
    """Return what rules fit, a line each."""
    lines = [f"{verb}: {_match_words(match)}" for match in found.first]
    more = found.count - len(found.first)
    return [*lines, f"{verb}: and {more} more"] if more else lines


def match_facts(found: Matched) -> dict[str, Any]:
    """Return the same for programs."""
    payments = [
        {
            "number": match.number or None,
            "document": match.document_no,
            "day": match.payment.day.isoformat(),
            "amount": str(match.payment.amount),
            "rule": match.rule.id or None,
            "reason": match.rule.reason,
        }
        for match in found.first
    ]
    return {"count": found.count, "amount": str(found.amount), "payments": payments}


def _match_words(match: Match) -> str:
    payment = match.payment
    number = f"{match.number}  " if match.number else ""
    by = f"  (rule {match.rule.id}: {match.rule.reason})" if match.rule.id else ""
    document = f"No. {match.document_no} of {payment.day:%d.%m.%Y}"
    return f"{number}{payment.amount} RUB  {document}  {payment.payer}: {payment.purpose}{by}"


def _rule_line(rule: Rule) -> str:
    asks = [f"payer: {rule.payer}"] * bool(rule.payer) + [f"words: {rule.words}"] * bool(rule.words)
    return f"{rule.id}  {'; '.join(asks)}  to {rule.house}: {rule.reason}  ({rule.actor}, {rule.added_at:%d.%m.%Y})"


def _rule_facts(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "payer": rule.payer,
        "words": rule.words,
        "to": rule.house,
        "reason": rule.reason,
        "actor": rule.actor,
        "added_at": rule.added_at.isoformat(),
    }


def _line(one: Waiting | Put, note: str) -> str:
    payment = one.payment
    document = f"No. {payment.document_no} of {payment.day:%d.%m.%Y}"
    return f"{payment.number}  {payment.amount} RUB  {document}{note}  {payment.payer}: {payment.purpose}"


def _waiting_line(one: Waiting) -> str:
    late = f", {one.days - LATE_AFTER_DAYS} working days late" if one.days > LATE_AFTER_DAYS else ""
    return _line(one, late)


def _put_line(one: Put) -> str:
    put = one.closing
    by = f"rule {put.rule_id}" if put.rule_id else put.actor
    return f"{_line(one, '')}  to {put.house} on {put.closed_at:%d.%m.%Y} by {by}: {put.reason}"


def _facts(one: Waiting | Put) -> dict[str, Any]:
    payment = one.payment
    return {
        "number": payment.number,
        "document": payment.document_no,
        "day": payment.day.isoformat(),
        "received_on": payment.received_on.isoformat(),
        "amount": str(payment.amount),
        "payer": payment.payer,
        "payer_inn": payment.payer_inn,
        "purpose": payment.purpose,
        "why": payment.why,
    }


def _waiting_facts(one: Waiting) -> dict[str, Any]:
    return _facts(one) | {"working_days": one.days, "days_late": max(0, one.days - LATE_AFTER_DAYS)}


def _put_facts(one: Put) -> dict[str, Any]:
    put = one.closing
    return _facts(one) | {
        "to": put.house,
        "reason": put.reason,
        "actor": put.actor,
        "closed_at": put.closed_at.isoformat(),
        "rule": put.rule_id,
    }
