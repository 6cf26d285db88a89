"""Claims: «Что-то не так?» at a charge opens one; its page shows each step up to the answer and the money (B11)."""

import secrets
from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.accounts.ending import Requisites
from k5web.domain.bank.requisites import LONGEST, checked_receiver
from k5web.domain.books.claim import LONGEST_TEXT, Claim, ClaimForm, Outcome
from k5web.domain.money import Money
from k5web.errors import NotClaimable, WrongClaim, WrongMoney, WrongRefund
from k5web.services.accounts import devices
from k5web.services.books import claims, statements
from k5web.services.books.claims import Disputable
from k5web.web.accounts.accounts import REFUSED_PASSWORD, about_password, confirm_if_needed
from k5web.web.context import current_device, current_subscriber, login_required, ports
from k5web.web.errors import words
from k5web.web.forms import LONGEST_KEY
from k5web.web.payments.errands import LONGEST_SUM
from k5web.web.texts import _

bp = Blueprint("claims", __name__, url_prefix="/me/claims")

REQUISITES: Final = ("recipient", "account", "bank")

REASONS: Final[Mapping[str, Callable[[], str]]] = {
    "not_mine": lambda: _("Этого я не заказывал и не звонил"),
    "price": lambda: _("Цена не та"),
    "length": lambda: _("Время разговора не то"),
    "quality": lambda: _("Было плохо слышно"),
    "twice": lambda: _("Списано дважды"),
    "other": lambda: _("Другое"),
}
OF_CALLS: Final = ("length", "quality")


def state(claim: Claim) -> str:
    """Return where a claim stands: «… Рассматриваем, ответим до 29.12.2026»."""
    match claim.outcome:
        case None:
            return "… " + _("Рассматриваем, срок ответа – %(day)s", day=f"{claim.due_on:%d.%m.%Y}")
        case Outcome.REJECTED:
            return "✗ " + _("Отклонена")
        case Outcome.PARTLY:
            said = _("Удовлетворена частично")
        case Outcome.UPHELD:
            said = _("Удовлетворена")
    if claim.paid_at is not None:
        return f"✓ {said}. " + _("Деньги отправлены в банк.")
    if claim.pay_by is not None:
        return f"✓ {said}. " + _("Деньги в банк до %(day)s.", day=f"{claim.pay_by:%d.%m.%Y}")
    return f"✓ {said}"


def reason_word(reason: str) -> str:
    """Return what is wrong with a charge, in the words of the form."""
    return REASONS[reason]()


@bp.get("")
@login_required
def show_all() -> ResponseReturnValue:
    """List all claims, the newest first."""
    return render_template("claims/mine.html", claims=claims.of_owner(ports(), current_subscriber().id)[::-1])


@bp.get("/<int:n>")
@login_required
def show(n: int) -> ResponseReturnValue:
    """Show a claim: what was said, and each step."""
    owner_id = current_subscriber().id
    claim = claims.find(ports(), owner_id, n)
    line = statements.line(ports(), owner_id, claim.seq)
    return render_template("claims/show.html", claim=claim, line=line, is_late=claim.is_late(ports().today()))


@bp.get("/new/<int:seq>")
@login_required
def ask(seq: int) -> ResponseReturnValue:
    """Ask what is wrong with a charge; or say why it cannot be disputed."""
    found = claims.look(ports(), current_subscriber().id, seq)
    return _over(found) if found.refusal else _form(found)


@bp.post("/new/<int:seq>")
@login_required
def file(seq: int) -> ResponseReturnValue:
    """Open a claim; the same form leads to the same one. A bank account to pay to needs the password."""
    owner_id = current_subscriber().id
    found = claims.look(ports(), owner_id, seq)
    key = request.form.get("form_key", "")
    if not 0 < len(key) <= LONGEST_KEY:
        return _form(found, _("Нажмите ещё раз."), "sum", 400)
    try:
        made = claims.open_claim(ports(), owner_id, seq, _read(key), f"subscriber:{owner_id}")
    except NotClaimable:
        return _over(claims.look(ports(), owner_id, seq))
    except REFUSED_PASSWORD as error:
        return _form(found, about_password(error), "password", error.status)
    except WrongMoney as error:
        return _form(found, words(WrongClaim(key="sum", most=-found.posting.amount)), "sum", error.status)
    except (WrongClaim, WrongRefund) as error:
        return _form(found, words(error), str(error.facts["key"]), error.status)
    return redirect(url_for(".show", n=made.n), 303)


def _read(key: str) -> ClaimForm:
    """Return what was typed. Raises: WrongMoney, WrongClaim, WrongRefund, and what a refused password raises."""
    subscriber, typed = current_subscriber(), request.form
    disputed = Money.typed(typed.get("sum", "")[:LONGEST_SUM], subscriber.currency)
    reason = typed.get("reason", "")
    if reason not in REASONS:
        raise WrongClaim(key="reason", most=1)
    text = typed.get("text", "")
    if "to_bank" not in typed:
        return ClaimForm(disputed, reason, text, key)  # type: ignore[arg-type]  # one of REASONS
    wished = Requisites(*(typed.get(name, "")[: LONGEST + 1] for name in REQUISITES))
    to = checked_receiver(wished, subscriber.currency)
    confirm_if_needed()
    return ClaimForm(disputed, reason, text, key, to.recipient, to.account, to.bank)  # type: ignore[arg-type]  # as above


def _form(found: Disputable, wrong: str = "", field: str = "", status: int = 200) -> ResponseReturnValue:
    """Show the form with what was typed; a fresh one has the whole sum."""
    subscriber, typed = current_subscriber(), request.form
    is_call = found.posting.name.origin == "call"
    page = render_template(
        "claims/form.html",
        found=found,
        line=statements.line(ports(), subscriber.id, found.posting.seq),
        reasons=[each for each in REASONS if is_call or each not in OF_CALLS],
        sum=typed.get("sum", str(-found.posting.amount).replace(".", ","))[:LONGEST_SUM],
        reason=typed.get("reason", ""),
        text=typed.get("text", "")[:LONGEST_TEXT],
        to={name: typed.get(name, subscriber.name if name == "recipient" else "")[:LONGEST] for name in REQUISITES},
        is_to_bank="to_bank" in typed,
        longest=LONGEST_TEXT,
        form_key=typed.get("form_key", "")[:LONGEST_KEY] or secrets.token_urlsafe(12),
        is_confirmed=devices.is_confirmed(ports(), current_device()),
        wrong=wrong,
        field=field,
    )
    return page, status


def _over(found: Disputable) -> ResponseReturnValue:
    """Say why a movement cannot be disputed, and what else can be done."""
    assert found.refusal is not None
    line = statements.line(ports(), current_subscriber().id, found.posting.seq)
    page = render_template("claims/over.html", found=found, line=line, why=words(found.refusal))
    return page, found.refusal.status
