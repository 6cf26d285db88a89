"""How commands move money: by the limit of the desk, so that what is above it waits for a second person."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import click

from k5web.cli.auditing import about
from k5web.cli.context import actor
from k5web.cli.terminal import echo
from k5web.domain.desk.proposal import Proposal, ProposalState, Wish
from k5web.domain.money import Money
from k5web.errors import WrongDeed
from k5web.services.desk import by_hand

if TYPE_CHECKING:
    from k5web.services.ports import Ports


class Done(StrEnum):
    """What became of a command that moves money."""

    NOW = "now"
    BEFORE = "before"  # it was done before
    WAITS = "waits"  # for a second person, as it was said


def money_of(amount: Money) -> Mapping[str, Any]:
    """Return a sum as a deed is told it."""
    return {"minor": amount.minor, "currency": amount.currency}


def submit(
    ports: Ports, kind: str, payload: Mapping[str, Any], owner_id: int | None = None, document: str = "", why: str = ""
) -> Done:
    """Do what a command asks for, or leave it to a second person and say so."""
    if owner_id is not None:
        about(owner_id)
    reason = why or click.get_current_context().command_path
    wish = Wish(kind, secrets.token_hex(16), payload, reason, document, owner_id)
    try:
        made = by_hand.submit(ports, actor(), wish)
    except WrongDeed as refusal:
        if refusal.facts["why"] != "done_before":
            raise
        return Done.BEFORE
    if made.state is ProposalState.WAITING:
        echo(waits_line(made))
        return Done.WAITS
    return Done.NOW


def waits_line(made: Proposal) -> str:
    """Return why a proposal waits, and what to do."""
    amount, limit, n = made.wish.amount, made.limit, made.id
    why = f"{amount} {amount.currency}, with what was moved by hand before, is above {limit}" if amount else "as always"
    return f"proposal {n} waits for a second person ({why}): k5 desk approve {n}"
