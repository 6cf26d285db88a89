"""A refusal becomes a page in the subscriber's language: what happened, whether money moved, what to do."""

import logging
import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from k5web.domain.accounts.subscriber import unserved
from k5web.domain.calls.own_limit import CALL, DAY
from k5web.domain.calls.risk import Risk
from k5web.domain.money import Money
from k5web.errors import K5Error, PasswordToChange, SubscriberBlocked, Unavailable
from k5web.web import language, problems
from k5web.web.accounts import account_words, number_words
from k5web.web.books import refusals
from k5web.web.contacts import words as contact_words
from k5web.web.context import current_subscriber, known_visit
from k5web.web.desk import refusals as desk_refusals
from k5web.web.messaging import words as message_words
from k5web.web.pbx import hook_words, people_words, rule_refusals
from k5web.web.prices import plan_refusals
from k5web.web.texts import _, ngettext
from k5web.web.words import clock, direction, money, own_limit_words, phone, price, when

logger = logging.getLogger(__name__)

Facts = Mapping[str, Any]

E = TypeVar("E", bound=HTTPException)
RETRY_AFTER_S = 60
_ALPHABET = "ABCDEFGHKMNPRSTUVWXYZ23456789"  # no letter that is read as another one aloud


def words(error: K5Error) -> str:
    """Return the subscriber's words for a refusal; an unknown code is our own fault."""
    return _WORDS.get(error.code, _fault)(error.facts)


def why_unserved() -> str:
    """Return why no service begins for whoever is logged in, "" where it does: the contract ended or is suspended."""
    refusal = unserved(current_subscriber())
    return words(refusal) if refusal else ""


def _fault(facts: Facts) -> str:
    return _("У нас поломка. Деньги в порядке. Попробуйте через минуту.")


def _no_rate(facts: Facts) -> str:
    return _(
        "Мы не звоним на номера +%(beginning)s… Проверьте код страны. Деньги не списаны.",
        beginning=str(facts["number"]).lstrip("+")[:4],
    )


def _too_many_calls(facts: Facts) -> str:
    return _("У вас уже идёт звонок на %(number)s.", number=phone(facts["live_number"]))


def _price_rose(facts: Facts) -> str:
    said = []
    if isinstance(facts["now"], Money):  # a program's limit for the first minute, with all that is taken
        was, now = price(facts["was"]), money(facts["now"])
        said.append(_("Первая минута стоит %(now)s, а вы согласились на %(was)s.", was=was, now=now))
    elif facts["now"].micro > facts["was"].micro:
        was, now = price(facts["was"]), price(facts["now"])
        said.append(_("Цена изменилась: была %(was)s, стала %(now)s за минуту.", was=was, now=now))
    if "fee" in facts:
        said.append(_("За соединение теперь %(fee)s.", fee=price(facts["fee"])))
    if "counts" in facts:
        said.append(_("Время теперь считается иначе."))
    if "rings" in facts:
        said.append(_("Звонок на ваш телефон теперь платный, даже если собеседник не ответит."))
    if not said:
        said.append(_("Условия изменились: одна из двух цен стала выше."))
    return " ".join([*said, _("Деньги не списаны.")])


def _direction_closed(facts: Facts) -> str:
    match facts["direction"]:
        case Risk.SATELLITE:
            what = _("Это спутниковый номер.")
        case Risk.PREMIUM:
            what = _("Это платная линия.")
        case _:
            what = _("Это короткий номер.")
    why = _("Такие звонки закрыты для защиты от мошенников. Чтобы открыть их, обратитесь к нам.")
    return " ".join((what, why, _("Деньги не списаны.")))


def _too_many_unanswered(facts: Facts) -> str:
    return ngettext(
        "Этот номер за час не ответил вам уже %(num)s раз. Позвоните ему после %(until)s.",
        "Этот номер за час не ответил вам уже %(num)s раза. Позвоните ему после %(until)s.",
        int(facts["times"]),
        until=clock(facts["until"]),
    )


def _daily_limit(facts: Facts) -> str:
    limit, left, needed = money(facts["most"]), money(facts["left"]), money(facts["needed"])
    if facts["is_costly"]:
        return _(
            "На дорогие звонки сегодня осталось %(left)s из %(limit)s, а минута стоит %(needed)s. "
            "Завтра можно снова. Деньги не списаны.",
            left=left, limit=limit, needed=needed,
        )  # fmt: skip
    return _(
        "На звонки сегодня осталось %(left)s из %(limit)s, а минута стоит %(needed)s. "
        "Завтра можно снова. Деньги не списаны.",
        left=left, limit=limit, needed=needed,
    )  # fmt: skip


def _own_limit(facts: Facts) -> str:
    key, where = facts["key"], own_limit_words(facts["key"])
    most, left, needed = money(facts["most"]), money(facts["left"]), money(facts["needed"])
    if key == CALL:
        said = _("Вы разрешили не больше %(most)s на один звонок, а минута стоит %(needed)s.", most=most, needed=needed)
    elif key != DAY and not facts["most"].minor:
        said = _("Вы сами закрыли такие звонки: %(where)s.", where=where)
    else:
        said = _(
            "Вы разрешили не больше %(most)s в день: %(where)s. Сегодня осталось %(left)s, а минута стоит %(needed)s.",
            most=most, where=where, left=left, needed=needed,
        )  # fmt: skip
    return " ".join((said, _("Изменить можно на странице «Лимиты». Деньги не списаны.")))


def _first_day_limit(facts: Facts) -> str:
    return _(
        "В первые сутки на звонки можно %(limit)s, осталось %(left)s, а минута стоит %(needed)s. "
        "Больше можно будет после %(until)s. Деньги не списаны.",
        limit=money(facts["most"]),
        left=money(facts["left"]),
        needed=money(facts["needed"]),
        until=when(facts["until"]),
    )


def _too_often(facts: Facts) -> str:
    wait_s = int(facts["wait_s"])
    if wait_s < 60:
        return ngettext(
            "Слишком часто. Подождите %(num)s секунду.", "Слишком часто. Подождите %(num)s секунды.", wait_s
        )
    return ngettext(
        "Слишком часто. Подождите %(num)s минуту.", "Слишком часто. Подождите %(num)s минуты.", -(-wait_s // 60)
    )


def _sum_outside_limits(facts: Facts) -> str:
    return _(
        "Пополнить так можно на сумму от %(minimum)s до %(maximum)s.",
        minimum=money(facts["minimum"]),
        maximum=money(facts["maximum"]),
    )


def _wrong_buyer(facts: Facts) -> str:
    match facts["key"]:
        case "name":
            return _("Напишите название организации: обычными буквами, не длиннее 160 знаков.")
        case "inn":
            return _("Такого ИНН не бывает, проверьте цифры: у организации их 10, у предпринимателя 12.")
        case "kpp":
            return _("КПП – это девять знаков, а у предпринимателя его нет.")
        case _:
            return _("Напишите адрес обычными буквами, не длиннее 200 знаков.")


def _currency_mismatch(facts: Facts) -> str:
    if "KGS" not in facts.values():
        return _fault(facts)
    return _("Для счёта в сомах цен на звонки пока нет. Деньги не списаны.")


_WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    **refusals.WORDS,
    **message_words.REFUSALS,
    **account_words.WORDS,
    **number_words.WORDS,
    **people_words.WORDS,
    **rule_refusals.WORDS,
    **plan_refusals.WORDS,
    **desk_refusals.WORDS,
    **hook_words.WORDS,
    **contact_words.WORDS,
    "no_rate": _no_rate,
    "too_many_calls": _too_many_calls,
    "price_rose": _price_rose,
    "currency_mismatch": _currency_mismatch,
    "sum_outside_limits": _sum_outside_limits,
    "wrong_buyer": _wrong_buyer,
    "refund_in_flight": lambda facts: _("Возврат этого платежа уже идёт. Дождитесь его."),
    "too_often": _too_often,
    "direction_closed": _direction_closed,
    "too_many_unanswered": _too_many_unanswered,
    "daily_limit": _daily_limit,
    "first_day_limit": _first_day_limit,
    "own_limit": _own_limit,
    "limit_raised": lambda facts: _(
        "Больше %(limit)s в день можно только через поддержку: введите меньше.", limit=money(facts["most"])
    ),
    "emergency_number": lambda facts: _(
        "Это номер экстренной службы. Мы туда не звоним: наберите его прямо с телефона, это бесплатно."
    ),
    "own_trunk_number": lambda facts: _("Это наш собственный номер, сюда мы не звоним. Деньги не списаны."),
    "number_stopped": lambda facts: _("На этот номер мы не звоним. Деньги не списаны."),
    "calls_stopped": lambda facts: _(
        "Исходящие звонки остановлены, чтобы защитить ваши деньги. Пополнять счёт можно. Обратитесь к нам."
    ),
    "phone_not_verified": lambda facts: _(
        "Ваш телефон ещё не подтверждён, поэтому мы на него не звоним. Обратитесь к нам. Деньги не списаны."
    ),
    "no_route": lambda facts: _(
        "На этот номер сейчас не дозвониться: связи с этим направлением у нас нет. Деньги не списаны и не отложены."
    ),
    "direction_blocked": lambda facts: _(
        "Сюда мы не звоним: «%(destination)s». Деньги не списаны.",
        destination=direction(facts["destination"], str(facts["number"]).lstrip("+")),
    ),
    "wrong_number": lambda facts: (
        _("Номер написан без кода страны. Если это %(meant)s, так его и напишите.", meant=facts["meant"])
        if "meant" in facts
        else _("Это не похоже на номер телефона. Напишите его так: +7 495 123-45-67.")
    ),
    "own_number": lambda facts: _("Это ваш собственный номер. Наберите номер собеседника. Деньги не списаны."),
    "account_closed": lambda facts: _("Счёт закрыт. Деньги не списаны."),
    "conflict": lambda facts: _("Это уже сделано раньше, но с другими данными. Деньги не списаны."),
    "not_found": lambda facts: _("Такой страницы нет."),
    "no_deck": lambda facts: _("Цены сейчас обновляются. Деньги не списаны. Попробуйте через минуту."),
    "wrong_money": lambda facts: _("Это не похоже на сумму. Напишите её так: 500 или 500,50."),
    "not_printable": lambda facts: _(
        "Знак «%(sign)s» в вашем имени нельзя напечатать. Напишите нам, и мы исправим имя.", sign=facts["sign"]
    ),
    "provider_refused": lambda facts: _("Платёжная система отказала. Деньги не списаны. Попробуйте другой способ."),
    "saved_card_gone": lambda facts: _("Эта карта больше не сохранена в банке. Деньги не списаны. Введите её заново."),
    "too_many_cards": lambda facts: _(
        "Сегодня уже слишком много попыток оплаты с разных карт. Деньги не списаны. "
        "Попробуйте завтра или другим способом."
    ),
    "too_many_open": lambda facts: _(
        "У вас уже начато платежей: %(limit)s, закрыть их сейчас нельзя. Оплатите один из них или подождите. "
        "Деньги не списаны.",
        limit=facts["limit"],
    ),
    "provider_unknown": lambda facts: _(
        "Платёжная система не ответила. Если деньги сняты, они придут на счёт сами: мы спросим её ещё раз."
    ),
    "wrong_name": lambda facts: _("Дайте название: от 1 до 60 знаков."),
    "too_many": lambda facts: _("Больше %(limit)s нельзя. Сначала удалите ненужное.", limit=facts["limit"]),
    "unreadable_text": lambda facts: _("В запросе есть знаки, каких в тексте не бывает. Ничего не сохранено."),
    "unknown_proxy": lambda facts: _(
        "Сайт ещё настраивают: он не видит, от кого пришёл запрос. Ничего не сохранено. Попробуйте позже."
    ),
    "wrong_request": lambda facts: _("Запрос не понят: %(where)s. Деньги не списаны.", where=facts["where"]),
    "key_reused": lambda facts: _("С этим ключом уже заказан звонок на другой номер. Деньги не списаны."),
    "called_too_late": lambda facts: _("Мы узнали о вызове поздно и не перезвонили. Деньги не списаны."),
    "not_assigned": lambda facts: _("За этим номером пока никто не закреплён."),
    "wrong_site": lambda facts: _("Это не похоже на адрес сайта: %(site)s. Пишите так: сайт.рф.", site=facts["site"]),
    "wrong_count": lambda facts: _("Напишите целое число от 1 до %(most)s.", most=facts["most"]),
    "not_for_visitors": lambda facts: _("На этот номер отсюда не звоним."),
    "widget_spent": lambda facts: _("На сегодня звонков с этого сайта больше нет. Попробуйте завтра."),
    "wrong_price": lambda facts: _("Напишите цену так: 5,00."),
    "busy": lambda facts: _("Сейчас слишком много желающих, это у нас. Деньги в порядке. Нажмите ещё раз чуть позже."),
    "password_needed": lambda facts: _(
        "С сохранённых карт за день без пароля можно взять %(limit)s, сегодня взято %(used)s. "
        "Чтобы взять больше, введите пароль. Деньги не списаны.",
        limit=money(facts["most"]),
        used=money(facts["used"]),
    ),
    "wrong_reason": lambda facts: _("Напишите одной строкой, зачем: от 1 до %(most)s знаков.", most=facts["most"]),
    "restored": lambda facts: _("Идут работы. Деньги в порядке, а звонки и платежи пока закрыты. Попробуйте позже."),
    "later": lambda facts: _("Сейчас не получается, это у нас. Деньги в порядке. Попробуйте через минуту."),
}


def refusal_page(error: K5Error) -> Response:
    """Return the page of a refusal in general, or its problem for a program."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("refused", extra={"code": error.code, "endpoint": request.endpoint})
    said = words(error)
    answer = problems.of_refusal(error, said) if problems.is_for_program() else _page(error.status, said)
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = str(error.facts.get("wait_s", RETRY_AFTER_S))
    return answer


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error  # a redirect of the URL map
    answer = _page(error.code, _http_words(error.code))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value  # Allow, Retry-After
    return answer


def _http_words(code: int) -> str:
    match code:
        case HTTPStatus.NOT_FOUND:
            return _("Такой страницы нет.")
        case HTTPStatus.FORBIDDEN:
            return _("Доступ запрещён. Деньги не списаны.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return _("Эта страница открывается кнопкой. Вернитесь и нажмите её ещё раз.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _("Слишком много данных. Ничего не сохранено.")
        case HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            return _("Запрос должен быть в формате JSON. Деньги не списаны.")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _("Слишком часто. Подождите минуту.")
        case _:
            return _("Запрос не понят. Деньги не списаны. Вернитесь и попробуйте ещё раз.")


def again(page: Callable[[E], ResponseReturnValue]) -> Callable[[E], ResponseReturnValue]:
    """Return the handler that shows a page again, as after an old form; where the page itself refuses, its words are
    said.

    Nobody else would say them: what is raised in a handler is a bug to Flask.
    """

    @wraps(page)
    def handle(error: E) -> ResponseReturnValue:
        try:
            return page(error)
        except K5Error as refusal:
            return _without_database(refusal_page)(refusal)
        except HTTPException as refusal:
            return _without_database(_http)(refusal)

    return handle


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    logger.info("form refused", extra={"reason": str(error.description)[:100], "endpoint": request.endpoint})
    return _page(HTTPStatus.BAD_REQUEST, _("Страница была открыта давно. Вернитесь и нажмите ещё раз."))


def _bug(error: Exception) -> ResponseReturnValue:
    name = "".join(secrets.choice(_ALPHABET) for _place in range(4))
    logger.exception("bug %s", name, exc_info=error, extra={"fault": name, "endpoint": request.endpoint})
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, _("У нас поломка, номер %(name)s. Деньги в порядке.", name=name))


def _page(status: int, text: str) -> Response:
    """Return a page that needs neither the database nor a second request; a program gets a problem."""
    if problems.is_for_program():
        return problems.of_status(status, text)
    return make_response(render_template("errors/error.html", text=text, is_blocked=False), status)


def _blocked_page(error: SubscriberBlocked) -> ResponseReturnValue:
    """Say so to a blocked subscriber, and let whoever shares the phone leave this account."""
    if problems.is_for_program():
        return refusal_page(error)
    is_blocked = known_visit() is not None
    return make_response(render_template("errors/error.html", text=words(error), is_blocked=is_blocked), error.status)


def _to_choose(error: PasswordToChange) -> ResponseReturnValue:
    """Lead to the page where the password is chosen; a script is refused."""
    return refusal_page(error) if problems.is_for_program() else redirect(url_for("recovery.new"), 303)


def _without_database(handler: Callable[[Any], ResponseReturnValue]) -> Callable[[Any], ResponseReturnValue]:
    def handle(error: Any) -> ResponseReturnValue:
        language.without_database()
        return handler(error)

    return handle


def register(app: Flask) -> None:
    """Attach the pages. Blueprints may have their own handler, to show their form again."""
    app.register_error_handler(SubscriberBlocked, _without_database(_blocked_page))
    app.register_error_handler(PasswordToChange, _without_database(_to_choose))
    app.register_error_handler(K5Error, _without_database(refusal_page))
    app.register_error_handler(CSRFError, _without_database(_stale_form))
    app.register_error_handler(HTTPException, _without_database(_http))
    app.register_error_handler(Exception, _without_database(_bug))
