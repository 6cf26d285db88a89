"""Where is my payment: all its traces on one screen, what is missing, and what to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.books.ledger import EventName
from k5web.domain.desk.action import Action
from k5web.domain.money import Money
from k5web.errors import NotFound
from k5web.services.desk import payment_story
from k5web.services.desk.payment_story import Stage, Step, Story
from k5web.web.context import ports
from k5web.web.desk import payment_words as words
from k5web.web.desk.door import bp, staff_may
from k5web.web.desk.links import page_of
from k5web.web.texts import _


@dataclass(frozen=True, slots=True)
class Line:
    """One trace of a payment as the page shows it."""

    at: datetime
    where: str
    what: str
    amount: Money | None


@bp.get("/payments/<int:owner_id>/<int:txn_n>")
@staff_may(Action.SEE_MONEY)
def payment(owner_id: int, txn_n: int) -> ResponseReturnValue:
    """Show the payment that has our number."""
    story = payment_story.of_number(ports(), txn_n)
    if story.owner_id != owner_id:
        raise NotFound(what=f"payment {txn_n}")
    return _shown(story)


@bp.get("/payments/named")
@staff_may(Action.SEE_MONEY)
def named_payment() -> ResponseReturnValue:
    """Show the payment that a provider or a bank's statement names, credited or not."""
    return _shown(payment_story.of_name(ports(), EventName(_sent("origin"), _sent("key"))))


@bp.get("/payments/top-up/<reference>")
@staff_may(Action.SEE_MONEY)
def top_up(reference: str) -> ResponseReturnValue:
    """Show what became of a top-up."""
    return _shown(payment_story.of_top_up(ports(), reference))


@bp.get("/payments/doubtful/<int:n>")
@staff_may(Action.SEE_MONEY)
def doubtful_payment(n: int) -> ResponseReturnValue:
    """Show a payment of a bank's statement that may be a known one."""
    return _shown(payment_story.of_doubt(ports(), n))


def _sent(name: str) -> str:
    """Return a part of a payment's name. Raises: NotFound for what no name has."""
    text = request.args.get(name, "")
    if not (1 <= len(text) <= payment_story.LONGEST_NAME and text.isprintable()):
        raise NotFound(what="such payment")
    return text


def _shown(story: Story) -> ResponseReturnValue:
    case, to_do = words.case_words(story.case)
    owner_id = story.owner_id or story.given_to
    return render_template(
        "desk/payment.html",
        story=story,
        case=case,
        owner_id=owner_id,
        to_do=to_do,
        why=words.why_words(story.why),
        lines=[line for step in story.steps for line in _lines(step)],
        missing=[words.missing_words(stage) for stage in Stage if stage in story.missing],
        title=_title(story),
        owner_url=page_of("desk.subscriber", owner_id=owner_id) if owner_id else "",
    )


def _title(story: Story) -> str:
    if story.top_up is not None:
        return story.top_up.reference
    return str(story.posting.number) if story.posting else story.name.key


def _lines(step: Step) -> list[Line]:
    of: Any = step.of
    where = words.stage_words(step.stage)
    match step.stage:
        case Stage.BEGUN:
            said = f"{of.number}, {words.top_up_word(of.state)}"
            if of.code:
                said = _("%(said)s, код %(code)s", said=said, code=of.code)
            return [Line(step.at, where, said, of.amount)]
        case Stage.NOTICE:
            told = ", ".join(filter(None, (words.notice_kind(of.kind), of.receipt)))
            answer = ": ".join(filter(None, (words.verdict_words(of.verdict), words.why_words(of.why))))
            return [
                Line(step.at, _("Уведомление"), told, of.amount),
                Line(step.at, _("Наш ответ"), answer, None),
            ]
        case Stage.POSTING:
            whose = f"K5-{of.owner_id}" if of.owner_id else _("на невыясненных")
            return [Line(step.at, where, f"№ {of.number}, {whose}", of.amount)]
        case Stage.REGISTER:
            return [Line(step.at, where, f"{of.line_no}: {words.line_words(of.verdict)}", of.amount)]
        case Stage.BANK | Stage.DOUBT:
            said = ", ".join(filter(None, (f"№ {of.document_no}", of.payer, of.purpose)))
            return [Line(step.at, where, said, of.amount)]
        case Stage.CLOSED:
            return [Line(step.at, where, f"{of.reason}, {of.actor}", None)]
        case Stage.BACK:
            return [Line(step.at, where, f"{of.name}, {of.actor}", of.amount)]
