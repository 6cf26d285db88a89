"""Which commands are deeds of the staff: each is written into the audit before it begins, as the desk's are.

A new command is named here, among the deeds or among the others; a test holds that none is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click

from k5web.domain.desk.audit import Deed
from k5web.errors import K5Error
from k5web.services.accounts import accounts
from k5web.services.desk import audit

if TYPE_CHECKING:
    from k5web.services.ports import Ports

DEEDS: Final = frozenset(
    {
        *(f"act {name}" for name in ("issue", "sent")),
        *(f"bank {name}" for name in ("assign", "close", "credit", "import", "join", "rules add", "rules remove")),
        *(f"call {name}" for name in ("end", "resolve", "stops add", "stops lift", "tick")),
        *(f"claim {name}" for name in ("open", "paid", "reject", "uphold")),
        "db opened",
        "db shut",
        *(f"deck {name}" for name in ("convert", "import", "withdraw")),
        *(f"desk {name}" for name in ("approve", "refuse", "withdraw")),
        "ledger archive",
        "ledger close",
        *(f"number {name}" for name in ("add", "import")),
        "offer publish",
        *(f"payment {name}" for name in ("credit", "refund", "reverse")),
        "plan publish",
        "reconcile",
        *(f"refund {name}" for name in ("decline", "paid")),
        *(f"staff {name}" for name in ("add", "end", "reset", "roles")),
        *(f"subscriber {name}" for name in ("add", "block", "close", "credit", "end", "erase", "inn", "keep", "limit")),
        *(f"subscriber {name}" for name in ("object", "passwd", "resume", "suspend", "unblock", "verify")),
        *(f"subscriber {name}" for name in ("close-direction", "edit", "open-direction")),
        "transfer reverse",
        *(f"trunk {name}" for name in ("off", "on", "reload", "write")),
    }
)
# They only look, and where that shows personal data, `personal.py` writes it down; or no person does them
OTHERS: Final = frozenset(
    {
        *(f"act {name}" for name in ("list", "originals", "pdf")),
        "audit",
        *(f"bank {name}" for name in ("doubtful", "rules list", "suspense")),
        "bench",
        "billing run",
        *(f"call {name}" for name in ("list", "show", "stops list")),
        "cdr rate",
        "cel-import",
        "config check",
        "contacts rewrite",
        *(f"claim {name}" for name in ("list", "show")),
        *(f"db {name}" for name in ("backup", "check", "distribute", "revision", "upgrade")),
        *(f"deck {name}" for name in ("diff", "export", "gaps", "list")),
        "demo",
        "desk proposals",
        "dev",
        *(f"ledger {name}" for name in ("bill-check", "export", "month", "verify")),
        *(f"notice {name}" for name in ("list", "show")),
        "number list",
        *(f"offer {name}" for name in ("check", "list")),
        *(f"payment {name}" for name in ("find", "list")),
        *(f"plan {name}" for name in ("check", "list", "simulate")),
        "quote",
        "refund list",
        "sandbox",
        "serve",
        *(f"simulator {name}" for name in ("incoming", "missed")),
        "staff list",
        *(f"subscriber {name}" for name in ("accesses", "endings", "export", "limits", "list")),
        *(f"subscriber {name}" for name in ("objections", "overdue", "profile", "show")),
        "trunk list",
        "worker",
    }
)
SECRET: Final = frozenset(
    {"password", "code", "text", "number"}
)  # never among the facts: secrets, complaints, tax numbers
ABOUT: Final = ("login", "subscriber", "owner")  # parameters that name a subscriber
_DOING: Final = "k5 audit"  # where a command's context keeps the deed under way


@contextmanager
def recorded(ports: Ports, actor: str) -> Iterator[None]:
    """Write the command under way into the audit, where it is a deed, and how it ended. Raises: WrongReason."""
    context = click.get_current_context(silent=True)
    name = _name(context)
    if context is None or name not in DEEDS:
        yield
        return
    with audit.recorded(ports, _deed(ports, actor, name, context.params)) as doing:
        context.meta[_DOING] = doing
        yield


def about(owner_id: int) -> None:
    """Say which subscriber the deed under way is about, where the command names a payment or a number."""
    doing = click.get_current_context().meta.get(_DOING)
    if doing is not None:
        doing.deed = replace(doing.deed, owner_id=owner_id)


def _name(context: click.Context | None) -> str:
    return "" if context is None else context.command_path.partition(" ")[2]


def _deed(ports: Ports, actor: str, name: str, params: Mapping[str, Any]) -> Deed:
    reason = params.get("reason")
    facts = {key: audit.fact(value) for key, value in params.items() if key not in {*SECRET, "reason"} and value}
    owner_id = None if name.startswith("staff ") else _owner(ports, params)
    return Deed(actor, f"k5 {name}", owner_id, reason if isinstance(reason, str) else "", facts)


def _owner(ports: Ports, params: Mapping[str, Any]) -> int | None:
    """Return whom the command is about; who is not found is refused by the command itself."""
    named = next((params[name] for name in ABOUT if params.get(name)), None)
    try:
        return None if named is None else accounts.find_subscriber(ports, str(named)).id
    except K5Error:
        return None
