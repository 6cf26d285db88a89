"""What is said about a subscriber's particulars: labels of their fields, and what is wrong with one."""

from collections.abc import Iterator
from dataclasses import dataclass

from k5web.domain.accounts.profile import FIELDS, Field, Kind, Profile
from k5web.web.texts import _, ngettext


@dataclass(frozen=True, slots=True)
class Labelled:
    """A field with its label, a hint, and what the browser may fill it with."""

    field: Field
    label: str
    hint: str = ""
    autocomplete: str = "off"
    is_digits: bool = False


def fields(kind: Kind) -> list[Labelled]:
    """Return the fields of a form in their order."""
    return [_labelled(field) for field in FIELDS[kind]]


def labels(profile: Profile) -> Iterator[tuple[str, str]]:
    """Return the particulars as a page shows them: label and text, of an identity document the number's end alone."""
    shown = profile.shown()
    for one in fields(profile.kind):
        if text := shown.get(one.field.name):
            yield one.label.partition(",")[0], documents()[text] if one.field.name == "document" else text


def _labelled(field: Field) -> Labelled:
    match field.name:
        case "surname":
            return Labelled(field, _("Фамилия"), autocomplete="family-name")
        case "given_name":
            return Labelled(field, _("Имя"), autocomplete="given-name")
        case "patronymic":
            return Labelled(field, _("Отчество, если есть"), autocomplete="additional-name")
        case "address":
            return Labelled(field, _("Адрес"), _("Индекс, город, улица, дом, квартира"), "street-address")
        case "document":
            return Labelled(field, _("Документ, если хотите указать"))
        case "document_number":
            return Labelled(field, _("Серия и номер документа"), is_digits=False)
        case "document_issued":
            return Labelled(field, _("Кем и когда выдан"))
        case "organisation":
            return Labelled(field, _("Организация или предприниматель"), _("Например: ООО «Ромашка»"), "organization")
        case "legal_address":
            return Labelled(field, _("Юридический адрес"), autocomplete="street-address")
        case "postal_address":
            return Labelled(field, _("Почтовый адрес, если другой"))
        case "inn":
            return Labelled(field, _("ИНН"), _("10 цифр, у предпринимателя 12, в Киргизии 14"), is_digits=True)
        case "kpp":
            return Labelled(field, _("КПП, если есть"), _("9 знаков; у предпринимателя его нет"))
        case _:
            return Labelled(field, _("ОГРН или ОГРНИП"), _("13 цифр, у предпринимателя 15"), is_digits=True)


def documents() -> dict[str, str]:
    """Return the kinds of identity documents."""
    return {
        "": _("не указывать"),
        "passport_ru": _("паспорт России"),
        "passport": _("паспорт другой страны"),
        "residence": _("вид на жительство"),
        "other": _("другой документ"),
    }


def looked(times: int) -> str:
    """Return how often staff read a subscriber's data."""
    return ngettext("Сотрудники читали ваши данные %(num)s раз.", "Сотрудники читали ваши данные %(num)s раза.", times)


def ways() -> dict[str, str]:
    """Return how a consent may be given or withdrawn."""
    return {"invitation": _("по приглашению"), "sms": _("сообщением SMS"), "page": _("на сайте")}


def wrong(name: str, rule: str) -> str:
    """Return what is wrong with a field, and what to do."""
    match rule:
        case "missing":
            return {
                "surname": _("Напишите фамилию."),
                "given_name": _("Напишите имя."),
                "address": _("Напишите адрес."),
                "document_number": _("Напишите серию и номер документа."),
                "organisation": _("Напишите название организации."),
                "legal_address": _("Напишите юридический адрес."),
                "inn": _("Напишите ИНН."),
            }.get(name, _("Напишите ОГРН или ОГРНИП."))
        case "long":
            return _("Слишком длинно: оставьте главное.")
        case "signs":
            return _("Здесь есть знаки, которых в тексте не бывает. Наберите заново.")
        case "inn":
            return _("В ИНН ошибка: проверьте цифры. Их 10, у предпринимателя 12, в Киргизии 14.")
        case "kpp":
            return _("В КПП ошибка: это 9 знаков, например 772401001.")
        case "kpp_of_entrepreneur":
            return _("У предпринимателя нет КПП: оставьте поле пустым.")
        case "not_in_kyrgyzstan":
            return _("При ИНН Киргизии это поле оставьте пустым.")
        case "ogrn":
            return _("В ОГРН ошибка: проверьте цифры. Их 13, у предпринимателя 15.")
        case "ogrn_of_another":
            return _("ОГРН и ИНН разного вида: у организации 13 и 10 цифр, у предпринимателя 15 и 12.")
        case "document":
            return _("Выберите, что это за документ, или сотрите его номер.")
        case _:
            return _("У паспорта России 4 цифры серии и 6 цифр номера.")


def obstacle(name: str) -> str:
    """Return what must be ended before the data can be erased, and how."""
    return {
        "contract": _("Договор действует, данные нужны для него. Закончите его на странице «Договор»."),
        "ending": _("Договор прекращается. Дождитесь его последнего дня."),
        "refund": _("Заявление о возврате остатка ещё не закрыто. Дождитесь ответа оператора."),
        "claim": _("На претензию ещё не ответили, или деньги по ней ещё не отправлены. Дождитесь этого."),
        "money": _("На счёте есть деньги или долг. Потратьте остаток, верните его по заявлению или погасите долг."),
        "calls": _("Идёт звонок. Дождитесь его конца."),
        "payments": _("Начат платёж. Завершите или отмените его."),
        "numbers": _("У вас есть подключённые номера. Верните их."),
        "services": _("Тариф с платой или услуги ещё действуют. Перейдите на тариф без платы и отключите услуги."),
    }[name]


def erase_word() -> str:
    """Return the word that is typed to have one's data erased, in capitals."""
    return _("УДАЛИТЬ")


def word_to_type(word: str) -> str:
    """Return how to say that the step is meant."""
    return _("Напишите слово %(word)s, если действительно хотите удалить данные.", word=word)
