"""Applications on paper, filled in as far as known: to end the contract, and for what is left of the advance (B12)."""

from typing import Final

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.accounts import ending as rules
from k5web.domain.accounts.ending import Ending, RefundApplication
from k5web.domain.accounts.undersigned import Undersigned
from k5web.domain.money import Money
from k5web.errors import NotFound
from k5web.paper import application as paper
from k5web.paper import pdf, svg
from k5web.paper.act import SIGNS
from k5web.paper.application import Application
from k5web.paper.sheet import Sheet
from k5web.paper.spelling import day_in_words, in_figures, in_words
from k5web.services.accounts import advances, endings, profiles
from k5web.web.context import current_subscriber, login_required, ports
from k5web.web.texts import _
from k5web.web.words import when

bp = Blueprint("applications", __name__, url_prefix="/me/documents")

LARGEST: Final = 2**31
COPY: Final = "Этот лист – его копия для архива: подписывать и приносить его не нужно."
BY_PAPER: Final = "Заявление можно подать и без бумаги: в личном кабинете, «Мой договор»."


def listed() -> list[tuple[str, str]]:
    """Return the act of reconciliation and these papers, as far as there are any: names and addresses."""
    if ports().payee is None:
        return []
    owner_id = current_subscriber().id
    found = [(_("Акт сверки"), url_for("reconciliation_acts.show"))]
    if _is_own(endings.standing(ports(), owner_id)):
        found.append((_("Заявление о расторжении договора"), url_for("applications.ending")))
    for each in advances.of_owner(ports(), owner_id):
        said = _("Заявление о возврате аванса от %(day)s", day=f"{ports().day_of(each.applied_at):%d.%m.%Y}")
        found.append((said, url_for("applications.refund", n=each.n)))
    if _may_ask_back(owner_id):
        found.append((_("Заявление о возврате аванса: бланк"), url_for("applications.refund_blank")))
    return found


@bp.get("/ending")
@login_required
def ending() -> ResponseReturnValue:
    """Show the application to end the contract: a copy of the one taken, or one to bring on paper."""
    return _page(_ending(), url_for(".ending_file"))


@bp.get("/ending.pdf")
@login_required
def ending_file() -> ResponseReturnValue:
    """Answer the same as a PDF."""
    return _file(_ending(), "zayavlenie-o-rastorzhenii")


@bp.get("/refund")
@login_required
def refund_blank() -> ResponseReturnValue:
    """Show an application for what is left, to bring on paper."""
    return _page(_refund(None), url_for(".refund_blank_file"))


@bp.get("/refund.pdf")
@login_required
def refund_blank_file() -> ResponseReturnValue:
    """Answer the same as a PDF."""
    return _file(_refund(None), "zayavlenie-o-vozvrate")


@bp.get(f"/refund/<int(min=1, max={LARGEST}):n>")
@login_required
def refund(n: int) -> ResponseReturnValue:
    """Show a copy of an application for what is left that was taken in the cabinet."""
    return _page(_refund(n), url_for(".refund_file", n=n))


@bp.get(f"/refund/<int(min=1, max={LARGEST}):n>.pdf")
@login_required
def refund_file(n: int) -> ResponseReturnValue:
    """Answer the same as a PDF."""
    return _file(_refund(n), f"zayavlenie-o-vozvrate-{n}")


def _page(drawn: Sheet, file: str) -> str:
    return render_template("applications/application.html", title=drawn.title, file=file, sheet=svg.draw(drawn))


def _file(drawn: Sheet, name: str) -> Response:
    answer = Response(pdf.draw(drawn), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _drawn(application: Application, signer: Undersigned) -> Sheet:
    operator = NotFound.unless(ports().payee, "such paper")
    return paper.sheet(application, operator, signer)


def _is_own(known: Ending | None) -> bool:
    """Return whether the contract ends by the subscriber's application, or goes on and may be ended so."""
    return known is None or known.why == "subscriber"


def _may_ask_back(owner_id: int) -> bool:
    """Return whether something is left after the contract that was not applied for yet."""
    known = endings.standing(ports(), owner_id)
    is_over = known is not None and known.done_at is not None
    return is_over and advances.unused(ports(), owner_id).minor > 0 and not _open(owner_id)


def _open(owner_id: int) -> list[RefundApplication]:
    return [each for each in advances.of_owner(ports(), owner_id) if each.is_open]


def _ending() -> Sheet:
    """Return the application to end the contract. Raises: NotFound where somebody else ended it."""
    owner_id = current_subscriber().id
    signer, known = profiles.undersigned(ports(), owner_id), endings.standing(ports(), owner_id)
    if not _is_own(known):
        raise NotFound(what="such paper")
    asked = f"Прошу расторгнуть {_contract(signer)}"
    facts = [("Лицевой счёт:", str(owner_id)), ("Последний день:", "")]
    if known is None:
        today = ports().today()
        note = (
            "Последний день договора – последний день месяца, если до него осталось не меньше "
            f"{rules.NOTICE_WORKING_DAYS} рабочих дней, иначе – последний день следующего месяца. Если заявление "
            f"придёт {today:%d.%m.%Y}, это {rules.last_day(today):%d.%m.%Y}. {BY_PAPER}"
        )
        return _drawn(Application("о расторжении договора", asked, facts, "", note), signer)
    facts[-1] = ("Последний день:", day_in_words(known.last_day))
    note = f"Заявление принято в личном кабинете {when(known.applied_at)}. {COPY}"
    day = f"{ports().day_of(known.applied_at):%d.%m.%Y}"
    return _drawn(Application("о расторжении договора", asked, facts, day, note), signer)


def _refund(n: int | None) -> Sheet:
    """Return an application for what is left: one that was taken, or a blank. Raises: NotFound."""
    owner_id = current_subscriber().id
    if n is None:
        if not _may_ask_back(owner_id):
            raise NotFound(what="such paper")
        return _asking(advances.unused(ports(), owner_id), ("", "", ""), "", BY_PAPER)
    found = next((each for each in advances.of_owner(ports(), owner_id) if each.n == n), None)
    known = NotFound.unless(found, f"application {n}")
    requisites = (known.to.recipient, known.to.account, known.to.bank)
    note = f"Заявление принято в личном кабинете {when(known.applied_at)}. {_became(known)} {COPY}"
    return _asking(known.amount, requisites, f"{ports().day_of(known.applied_at):%d.%m.%Y}", note)


def _asking(amount: Money, to: tuple[str, str, str], day: str, note: str) -> Sheet:
    signer = profiles.undersigned(ports(), current_subscriber().id)
    asked = (
        f"Прошу вернуть неиспользованный аванс, {in_figures(amount)} {SIGNS[amount.currency]} ({in_words(amount)}), "
        f"так как прекращён {_contract(signer)} Деньги прошу перечислить на счёт:"
    )
    facts = list(zip(("Получатель:", "Номер счёта:", "БИК банка:"), to, strict=True))
    return _drawn(Application("о возврате неиспользованного аванса", asked, facts, day, note), signer)


def _contract(signer: Undersigned) -> str:
    """Return the contract in words that end with a full stop: «… от 1 ноября 2026 г.»."""
    return f"договор об оказании услуг связи № {signer.contract} от {day_in_words(signer.contract_day)}"


def _became(known: RefundApplication) -> str:
    if known.paid_at:
        return f"Деньги возвращены {when(known.paid_at)}, документ: {known.document}."
    if known.declined_at:
        return f"Заявление закрыто {when(known.declined_at)}: {known.document}."
    return f"Деньги придут до {known.due_on:%d.%m.%Y}."
