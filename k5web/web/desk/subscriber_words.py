"""Words for the desk's pages of one subscriber: accounts, stops, messages, papers."""

from typing import Final

from k5web.domain.accounts.contract import Acceptance, DocumentVersion
from k5web.domain.accounts.subscriber import Block
from k5web.domain.books.ledger import Purpose
from k5web.domain.messaging.notice import KINDS
from k5web.domain.money import CURRENCIES, Money
from k5web.domain.pbx.switch_tables import AheadKey
from k5web.domain.prices.call_cover import Cover
from k5web.web import words
from k5web.web.calls.progress import span
from k5web.web.messaging.notices import kind_words
from k5web.web.texts import _

SECONDS: Final = "SEC"


def purpose_word(purpose: Purpose) -> str:
    """Return what an account is for: «основной», «пакет gift-minutes»."""
    if purpose == "main":
        return _("основной")
    kind, _colon, code = purpose.partition(":")
    return _("пакет %(code)s", code=code) if kind == "allowance" else purpose


def amount(sum_: Money) -> str:
    """Return a sum of an account, whatever its unit: «12,00 ₽», «−1 мин 05 с», «20 SMS»."""
    if sum_.currency in CURRENCIES:
        return words.money(sum_)
    minus = "−" if sum_.minor < 0 else ""
    size = abs(sum_.minor)
    return minus + (span(size) if sum_.currency == SECONDS else f"{words.whole(size)} {sum_.currency}")


def ahead_word(key: AheadKey) -> str:
    """Return for which call money is held that may come while K5 is silent."""
    if key.kind == "in":
        return _("впрок: на звонок на %(number)s, пока K5 не отвечает", number=words.phone(key.number))
    return _("впрок: на переадресацию на %(number)s, пока K5 не отвечает", number=words.masked(key.number))


def cover_word(cover: Cover) -> str:
    """Return what an allowance paid of a call: «gift-minutes – 1 мин»."""
    return f"{cover.code} – {amount(Money(cover.units, cover.unit))}"


def block_word(block: Block) -> str:
    """Return what was done to stop a subscriber or to let them be."""
    return {
        ("block", True): _("остановлен"),
        ("block", False): _("остановка снята"),
        ("breach", True): _("услуги приостановлены за нарушение"),
        ("breach", False): _("нарушение исправлено"),
    }[block.kind, block.is_blocked]


def kind_word(kind: str) -> str:
    """Return what a message is about."""
    own = {
        "code": _("Код"),
        "password": _("Пароль"),
        "phones": _("Телефоны изменены"),
        "limit_raised": _("Предел вырастет"),
    }
    return kind_words(kind) if kind in KINDS else own.get(kind, kind)


def sending_word(state: str) -> str:
    """Return what became of a message."""
    return {
        "waiting": _("ждёт"),
        "sending": _("отправляется"),
        "accepted": _("принято к отправке"),
        "delivered": _("доставлено"),
        "refused": _("не принято"),
        "failed": _("не доставлено"),
        "unknown": _("неизвестно"),
        "dropped": _("не отправлено: устарело или не нужно"),
    }.get(state, state)


def document_word(version: DocumentVersion) -> str:
    """Return which document a version is of: «Договор № 2»."""
    name = {"offer": _("Договор"), "terms": _("Правила услуг")}.get(version.document.kind, version.document.kind)
    return f"{name} № {version.document.number}"


def accepted_word(accepted: Acceptance) -> str:
    """Return when and how a version was accepted, as staff read it."""
    how = {"registration": _("при регистрации"), "use": _("воспользовался услугой"), "payment": _("заплатил")}
    return f"{words.moment(accepted.at)}, {how[accepted.way]}"
