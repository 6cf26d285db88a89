"""Claims: what a subscriber disputes, the charge explained, and the answer; what it would do is shown first."""

import secrets
from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.books.claim import LONGEST_ANSWER, Claim
from k5web.domain.desk.action import Action
from k5web.domain.desk.proposal import Proposal, ProposalState, Wish
from k5web.domain.money import Money
from k5web.domain.reason import LONGEST_REASON
from k5web.errors import K5Error, WrongReason
from k5web.services.accounts import staff_access
from k5web.services.accounts.staff_access import Reader
from k5web.services.books import claims, statements
from k5web.services.desk import by_hand
from k5web.services.desk.by_hand import Foreseen
from k5web.services.desk.claim_answers import uphold_wish
from k5web.web.context import ports
from k5web.web.desk.door import allowed, bp, current_staff, staff_may
from k5web.web.desk.work_words import to
from k5web.web.errors import words
from k5web.web.texts import _

_CLAIM = "/claims/<int:owner_id>/<int:n>"


@bp.get("/claims")
@staff_may(Action.SEE_MONEY)
def claim_list() -> ResponseReturnValue:
    """Show the claims that wait for an answer or a payment, the nearest deadline first."""
    today = ports().today()
    only_late = request.args.get("late") == "1"
    found = [each for each in claims.waiting(ports()) if each.is_late(today) or not only_late]
    return render_template("desk/claims.html", claims=found, today=today, only_late=only_late)


@bp.get(_CLAIM)
@staff_may(Action.SEE_MONEY)
def claim(owner_id: int, n: int) -> ResponseReturnValue:
    """Show a claim; with a sum in the address also what an answer with it would do."""
    return _page(claims.find(ports(), owner_id, n))


@bp.post(f"{_CLAIM}/uphold")
@staff_may(Action.ANSWER_CLAIMS)
def claim_uphold(owner_id: int, n: int) -> ResponseReturnValue:
    """Give back what is disputed or a part of it; a large sum is proposed to a second person."""
    found = claims.find(ports(), owner_id, n)
    wish = _wish(found, request.form, request.form.get("reason", ""))
    made = by_hand.submit(ports(), current_staff().actor, wish, request.form.get("mark", ""))
    return _led_on(made, owner_id, n)


@bp.post(f"{_CLAIM}/reject")
@staff_may(Action.ANSWER_CLAIMS)
def claim_reject(owner_id: int, n: int) -> ResponseReturnValue:
    """Answer that the charge is right, and why."""
    claims.reject(ports(), owner_id, n, request.form.get("reason", ""), current_staff().actor)
    return redirect(url_for("desk.claim", owner_id=owner_id, n=n), 303)


@bp.post(f"{_CLAIM}/paid")
@staff_may(Action.ANSWER_CLAIMS)
def claim_paid(owner_id: int, n: int) -> ResponseReturnValue:
    """Note the bank's document by which the money left."""
    said, key = request.form.get("reason", ""), request.form.get("form_key") or secrets.token_urlsafe(12)
    wish = Wish("pay_claim", key, {"n": n, "document": said}, said, said, owner_id)
    return _led_on(by_hand.submit(ports(), current_staff().actor, wish), owner_id, n)


def _led_on(made: Proposal, owner_id: int, n: int) -> ResponseReturnValue:
    """Lead to what waits for a second person, or back to the claim."""
    if made.state is ProposalState.WAITING:
        return redirect(url_for("desk.proposal", n=made.id), 303)
    return redirect(url_for("desk.claim", owner_id=owner_id, n=n), 303)


def _page(found: Claim) -> str:
    asked = request.args
    foreseen, refusal = None, ""
    if "sum" in asked and found.answered_at is None and allowed(Action.ANSWER_CLAIMS):
        try:
            foreseen = _foreseen(found)
        except K5Error as error:
            refusal = words(error)
    return render_template(
        "desk/claim.html",
        claim=found,
        line=statements.line(ports(), found.owner_id, found.seq),
        is_late=found.is_late(ports().today()),
        movement=to("desk.movement", owner_id=found.owner_id, seq=found.seq),
        subscriber=to("desk.subscriber", owner_id=found.owner_id),
        requisites=_requisites(found),
        foreseen=foreseen,
        refusal=refusal,
        form_key=secrets.token_urlsafe(12),
        longest=(LONGEST_ANSWER, LONGEST_REASON),
    )


def _foreseen(found: Claim) -> Foreseen:
    return by_hand.foresee(ports(), current_staff().actor, _wish(found, request.args, _("ответ на претензию")))


def _wish(found: Claim, said: Mapping[str, str], answer: str) -> Wish:
    """Return what the form asks for. Raises: WrongMoney, WrongReason."""
    given = Money.typed(said.get("sum", ""), found.charged.currency)
    key = said.get("form_key") or secrets.token_urlsafe(12)
    return uphold_wish(found, given, said.get("to_bank") == "1", answer, key)


def _requisites(found: Claim) -> tuple[str, str, str] | None:
    """Return where the money is wished; whole to whoever answers claims and says what for, which is written down."""
    if not found.wants_money:
        return None
    purpose = request.args.get("purpose", "").strip()
    if not purpose or not allowed(Action.ANSWER_CLAIMS):
        return "", f"…{found.account[-4:]}", ""
    if not purpose.isprintable():
        raise WrongReason(most=staff_access.LONGEST_PURPOSE)
    staff_access.note(ports(), [found.owner_id], Reader(current_staff().actor, "desk.claim", purpose))
    return found.recipient, found.account, found.bank
