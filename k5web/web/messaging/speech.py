"""What messages say, in the subscriber's language: by the worker, where no page is answered."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

from flask import Flask
from flask_babel import Babel

from k5web.domain.messaging.message import Wording
from k5web.domain.money import Money
from k5web.web import language as tongue
from k5web.web.language import TRANSLATIONS
from k5web.web.texts import _
from k5web.web.words import HYPHEN, MINUS, NBSP, money, month, phone

Facts = Mapping[str, Any]

_BOOK = Flask(__name__, static_folder=None)  # only holds the catalogues
_BOOK.config["BABEL_DEFAULT_LOCALE"] = "ru"
_BOOK.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
Babel(_BOOK)


def say(kind: str, facts: Facts, language: str | None) -> Wording:
    """Return the message in this language; what is not known is said in Russian."""
    with speaking(language):
        return _WORDS[kind](facts)


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Speak this language in the block, where no page is answered; Russian where it is not known."""
    with _BOOK.app_context(), tongue.speaking(language):
        yield


def plain(text: str) -> str:
    """Return a text for an SMS, without letters that the seven-bit alphabet lacks and that another one says as well:
    with a single one of them a part has 70 letters instead of 160. Cyrillic needs no other sign for the rouble."""
    text = text.replace(NBSP, " ").replace(HYPHEN, "-")
    return text if tongue.language() != "en" else text.replace("₽", "RUB").replace("₸", "KZT").replace(MINUS, "-")


def _sum(facts: Facts, name: str) -> str:
    return plain(money(Money(facts[name], facts["currency"])))


def _day(facts: Facts, name: str) -> str:
    return f"{date.fromisoformat(facts[name]):%d.%m.%Y}"


def _code(facts: Facts) -> Wording:
    return Wording(_("Код K5"), _("K5: код %(code)s. Никому его не говорите.", code=facts["code"]))


def _password(facts: Facts) -> Wording:
    if facts.get("is_new"):
        said = _("K5: вы участник. Пароль %(password)s, вход по номеру телефона.", password=facts["password"])
        return Wording(_("Вы участник K5"), said)
    return Wording(_("Пароль K5"), _("K5: новый пароль %(password)s", password=facts["password"]))


def _low_balance(facts: Facts) -> Wording:
    return Wording(
        _("На счёте мало денег"), _("K5: на счёте осталось %(sum)s. Пополните его.", sum=_sum(facts, "balance_minor"))
    )


def _payment(facts: Facts) -> Wording:
    said = _("K5: зачислено %(sum)s, на счёте %(left)s.", sum=_sum(facts, "minor"), left=_sum(facts, "balance_minor"))
    return Wording(_("Платёж зачислен"), said)


def _fee_not_taken(facts: Facts) -> Wording:
    said = _(
        "K5: не хватило денег на плату %(sum)s, услуга остановлена. Пополните счёт – она заработает сама. Отключить – "
        "в «Моём тарифе».",
        sum=_sum(facts, "minor"),
    )
    return Wording(_("Услуга приостановлена"), said)


def _resume(facts: Facts) -> Wording:
    said = _("K5: на счёте есть деньги, %(sum)s. Можно звонить.", sum=_sum(facts, "balance_minor"))
    return Wording(_("Можно звонить"), said)


def _plan_change(facts: Facts) -> Wording:
    day = _day(facts, "effective")
    if facts.get("is_dearer", True):
        said = _(
            "K5: с %(day)s ваш тариф станет дороже. Подробнее – в «Моём тарифе». Не согласны – возразите там до "
            "этого дня.",
            day=day,
        )
    else:
        said = _("K5: с %(day)s меняются условия вашего тарифа, дороже он не станет. Подробнее – в «Тарифах».", day=day)
    return Wording(_("Условия тарифа меняются"), said)


def _deck_change(facts: Facts) -> Wording:
    said = _(
        "K5: с %(day)s часть звонков подорожает. Новые цены – в «Моём тарифе». Не согласны – возразите там до этого "
        "дня.",
        day=_day(facts, "effective"),
    )
    return Wording(_("Цены звонков меняются"), said)


def _change_withdrawn(facts: Facts) -> Wording:
    day = _day(facts, "effective")
    said = _("K5: объявленное на %(day)s изменение цен отменено. Платите, как платили.", day=day)
    return Wording(_("Изменение цен отменено"), said)


def _contract_ended(facts: Facts) -> Wording:
    why = {
        "subscriber": _("K5: договор закончился по вашему заявлению."),
        "debt": _("K5: договор закончился: счёт больше двух месяцев ниже нуля."),
        "breach": _("K5: договор закончился: нарушение не исправлено."),
    }.get(facts.get("why", ""), _("K5: договор закончился: вы не согласились с новыми условиями."))
    if facts.get("why") == "debt":
        after = _("Долг нужно заплатить до %(day)s.", day=_day(facts, "until"))
    else:
        after = _("Остаток денег вернём по заявлению в кабинете.")
    return Wording(_("Договор закончился"), f"{why} {after}")


def _contract_ending(facts: Facts) -> Wording:
    said = _("K5: договор прекращается, последний день %(day)s. Подробности – в кабинете.", day=_day(facts, "last_day"))
    return Wording(_("Договор прекращается"), said)


def _offer_change(facts: Facts) -> Wording:
    said = _("K5: с %(day)s действует новая редакция договора. Прочитать – в кабинете.", day=_day(facts, "effective"))
    return Wording(_("Договор меняется"), said)


def _claim_answered(facts: Facts) -> Wording:
    n = facts["n"]
    if not facts["given_minor"]:
        said = _("K5: претензия № %(n)s отклонена. Почему – в кабинете.", n=n)
    elif "pay_by" in facts:
        day, given = _day(facts, "pay_by"), _sum(facts, "given_minor")
        said = _("K5: по претензии № %(n)s вернём %(sum)s в банк до %(day)s.", n=n, sum=given, day=day)
    else:
        said = _("K5: по претензии № %(n)s на счёт возвращено %(sum)s.", n=n, sum=_sum(facts, "given_minor"))
    return Wording(_("Ответ на претензию"), said)


def _claim_paid(facts: Facts) -> Wording:
    said = _("K5: по претензии № %(n)s отправили в банк %(sum)s.", n=facts["n"], sum=_sum(facts, "given_minor"))
    return Wording(_("Деньги по претензии"), said)


def _device(facts: Facts) -> Wording:
    said = _("K5: вход с нового устройства, %(browser)s. Это не вы? Смените пароль.", browser=facts["browser"])
    return Wording(_("Вход с нового устройства"), said)


def _card_removed(facts: Facts) -> Wording:
    said = _("K5: карта %(mask)s больше не сохранена.", mask=facts["mask"])
    return Wording(_("Карта удалена"), said)


def _act(facts: Facts) -> Wording:
    named = month(date.fromisoformat(facts["month"]))
    sums = {"month": named, "sum": _sum(facts, "minor")}
    if facts["version"] > 1:
        said = _("K5: исправленный акт за %(month)s на %(sum)s – в кабинете, в «Документах».", **sums)
        return Wording(_("Исправленный акт за %(month)s", month=named), said)
    said = _("K5: акт за %(month)s на %(sum)s – в кабинете, в «Документах».", **sums)
    return Wording(_("Акт за %(month)s", month=named), said)


def _suspended(facts: Facts) -> Wording:
    said = _(
        "K5: услуги приостановлены, нарушен договор. Что исправить до %(day)s – в кабинете.", day=_day(facts, "until")
    )
    return Wording(_("Услуги приостановлены"), said)


def _resumed(facts: Facts) -> Wording:
    return Wording(_("Услуги снова работают"), _("K5: нарушение исправлено, услуги снова работают."))


def _voicemail(facts: Facts) -> Wording:
    seconds = int(facts["seconds"])
    length, caller = f"{seconds // 60}:{seconds % 60:02}", str(facts["caller"])
    if caller.isdigit():
        said = _(
            "K5: голосовое сообщение от %(caller)s, %(length)s. Слушать – в «Записях разговоров».",
            caller=plain(phone(caller)),
            length=length,
        )
    else:
        said = _("K5: голосовое сообщение, номер скрыт, %(length)s. Слушать – в «Записях разговоров».", length=length)
    return Wording(_("Голосовое сообщение"), said)


def _hook_paused(facts: Facts) -> Wording:
    said = _(
        "K5: %(site)s не принимает уведомления, мы их остановили. Починили – включите в кабинете.",
        site=facts["site"],
    )
    return Wording(_("Вебхук остановлен"), said)


def _phones(facts: Facts) -> Wording:
    number = plain(phone(facts["digits"]))
    match facts["what"]:
        case "added":
            said = _("K5: добавлен ваш телефон %(number)s. Это не вы? Смените пароль.", number=number)
        case "removed":
            said = _("K5: удалён ваш телефон %(number)s. Это не вы? Смените пароль.", number=number)
        case _:
            said = _("K5: звонить будем на %(number)s. Это не вы? Смените пароль.", number=number)
    return Wording(_("Ваши телефоны"), said)


def _limit_raised(facts: Facts) -> Wording:
    said = _("K5: ваш лимит на звонки вырастет %(at)s. Это не вы? Смените пароль.", at=facts["at"])
    return Wording(_("Лимит вырастет"), said)


def _seal(facts: Facts) -> Wording:
    said = _(
        "Книги K5 закрыты за %(day)s.\nПечать дня: %(digest)s\nПечать дня до него: %(previous)s\n"
        "Сохраните это письмо: по нему видно, что записи закрытых дней с тех пор никто не изменил.",
        day=_day(facts, "day"),
        digest=facts["digest"],
        previous=facts["previous"] or "–",
    )
    return Wording(_("Печать за %(day)s", day=_day(facts, "day")), said)


def _export(facts: Facts) -> Wording:
    period = {"first": _day(facts, "first"), "last": _day(facts, "last"), "link": facts["link"]}
    if facts["paper"] == "calls":
        said = _("K5: детализация звонков с %(first)s по %(last)s готова, файл хранится 7 дней: %(link)s", **period)
        return Wording(_("Детализация звонков готова"), said)
    said = _("K5: выписка с %(first)s по %(last)s готова, файл хранится 7 дней: %(link)s", **period)
    return Wording(_("Выписка готова"), said)


_WORDS: Final[Mapping[str, Callable[[Facts], Wording]]] = {
    "code": _code,
    "password": _password,
    "low_balance": _low_balance,
    "payment": _payment,
    "fee_not_taken": _fee_not_taken,
    "resume": _resume,
    "plan_change": _plan_change,
    "deck_change": _deck_change,
    "change_withdrawn": _change_withdrawn,
    "contract_ended": _contract_ended,
    "contract_ending": _contract_ending,
    "offer_change": _offer_change,
    "claim_answered": _claim_answered,
    "claim_paid": _claim_paid,
    "device": _device,
    "phones": _phones,
    "limit_raised": _limit_raised,
    "card_removed": _card_removed,
    "act": _act,
    "voicemail": _voicemail,
    "hook_paused": _hook_paused,
    "suspended": _suspended,
    "resumed": _resumed,
    "seal": _seal,
    "export": _export,
}
