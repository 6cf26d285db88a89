"""What is said about log-ins, passwords and stopped subscribers when something is refused."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from k5web.web.context import help_phone
from k5web.web.texts import _, ngettext
from k5web.web.words import phone

Facts = Mapping[str, Any]


def _wrong_login(facts: Facts) -> str:
    left = facts["attempts_left"]
    said = _("Номер или пароль не подходят.")
    return " ".join((said, _("Осталось попыток: %(left)s.", left=left))) if left else said


def _login_paused(facts: Facts) -> str:
    wait_s = int(facts["wait_s"])
    if wait_s < 60:
        return ngettext(
            "Слишком много неверных паролей. Подождите %(num)s секунду.",
            "Слишком много неверных паролей. Подождите %(num)s секунды.",
            wait_s,
        )
    return ngettext(
        "Слишком много неверных паролей. Подождите %(num)s минуту.",
        "Слишком много неверных паролей. Подождите %(num)s минуты.",
        -(-wait_s // 60),
    )


def _weak_password(facts: Facts) -> str:
    match facts.get("rule"):
        case "short":
            return _("Пароль короткий: нужно не меньше 8 знаков.")
        case "long":
            return _("Пароль слишком длинный: не больше 128 знаков.")
        case "own":
            return _("Пароль не должен быть вашим именем или номером. Возьмите три-четыре слова, никак не связанных.")
        case "digits":
            return _("Пароль из одних цифр подбирают быстро. Возьмите три-четыре слова, никак не связанных.")
        case _:
            return _("Такой пароль легко угадать. Возьмите три-четыре слова, никак не связанных.")


def _blocked(facts: Facts) -> str:
    said = _("Обслуживание по этому договору приостановлено. Деньги на счёте целы.")
    contact = help_phone()
    if contact:
        how = _("Почему и что делать, скажем по телефону %(contact)s.", contact=phone(contact))
    else:
        how = _("Почему и что делать, скажем, когда вы к нам обратитесь.")
    return f"{said} {how}"


def _wrong_refund(facts: Facts) -> str:
    known = {
        "recipient": _("Напишите, кто получит деньги: имя, как в банке."),
        "account": _("Счёт получателя – 20 цифр; они не подходят к БИК или набраны с ошибкой."),
        "bank": _("БИК банка – 9 цифр, начинается с 04."),
    }
    return known.get(str(facts["key"]), _("Проверьте, куда вернуть деньги."))


WORDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "invitation_over": lambda facts: _("Ссылка больше не действует. Попросите у пригласившего новую."),
    "document_order": lambda facts: _("Эта редакция документа не опубликована: номер или день не подходит."),
    "unknown_particular": lambda facts: _("Документ не опубликован: не хватает сведений об операторе."),
    "contract_ended": lambda facts: _("Договор закончился. Остаток денег можно вернуть по заявлению в кабинете."),
    "contract_not_ended": lambda facts: _("Остаток возвращается после окончания договора."),
    "not_overdue": lambda facts: _("Договор пока нельзя прекратить: срок не прошёл."),
    "nothing_to_refund": lambda facts: _("Возвращать нечего."),
    "wrong_refund": _wrong_refund,
    "wrong_login": _wrong_login,
    "login_paused": _login_paused,
    "weak_password": _weak_password,
    "blocked": _blocked,
    "suspended": lambda facts: _(
        "Услуги приостановлены: нарушены условия договора. Что исправить, написано на странице «Мой счёт». "
        "Деньги на счёте целы."
    ),
    "wrong_profile": lambda facts: _("В данных ошибка: проверьте поля."),
    "not_erasable": lambda facts: _("Удалить данные пока нельзя: сначала закончите то, что ещё открыто."),
    "erased": lambda facts: _("Данные этого абонента удалены навсегда."),
    "no_consent": lambda facts: _("Без согласия на обработку данных сохранить их нельзя."),
    "not_your_phone": lambda facts: _(
        "Этого телефона нет среди ваших, поэтому мы на него не звоним. Деньги не списаны."
    ),
    "toll_free_phone": lambda facts: _("Это бесплатная линия организации: SMS на неё не приходят. Введите свой номер."),
    "phone_is_rung": lambda facts: _("На этот телефон мы звоним. Сначала выберите для звонков другой."),
    "password_to_change": lambda facts: _("Сначала придумайте новый пароль."),
    "login_locked": lambda facts: _(
        "Слишком много неверных паролей за день. Пароль заработает завтра, новый по SMS – сразу. "
        "На телефонах, где вы уже вошли, звонить можно."
    ),
    "device_reused": lambda facts: _(
        "Вход с этого телефона закрыт: его использовали на двух устройствах. "
        "Войдите снова и, если это не вы, смените пароль."
    ),
    "wrong_token": lambda facts: _("Этот ключ не подходит."),
    "token_may_not_call": lambda facts: _("Этот ключ даёт только смотреть, звонить им нельзя. Деньги не списаны."),
}
