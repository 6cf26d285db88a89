"""The wallet's menu behind *900#: what the phone shows after each key, as the instruction for payers describes it."""

import re
from dataclasses import dataclass
from typing import Protocol

INN = re.compile(r"[0-9]{14}", re.ASCII)
SUM = re.compile(r"[0-9]{1,5}(?:[.,][0-9]{1,2})?", re.ASCII)
PIN = re.compile(r"[0-9]{4}", re.ASCII)

LANGUAGES = "Тилди тандаңыз / Выберите язык\n1. Кыргызча\n2. Русский"
MAIN = "ЭЛСОМ\n1. Перевод\n2. Снять наличные\n3. Платежи/Комм.услуги\n8. Баланс/Настройки"
SETTINGS = "Баланс/Настройки\n1. Баланс\n3. Замена PIN"
PAYMENTS = "Платежи/Комм.услуги\n1. Мобильная связь\n2. Интернет\n3. Оплатить счёт"
BILLS = "Оплатить счёт\n1. Коммунальные\n2. Кредиты\n14. Другие услуги"
OTHERS = "Другие услуги\n1. Такси\n14. Достэк"


@dataclass(frozen=True, slots=True)
class Screen:
    """What the phone shows; `is_last` ends the dialogue."""

    text: str
    is_last: bool = False


class Phone(Protocol):
    """The wallet behind the menu."""

    pin: str  # empty: not registered yet

    def register(self, name: str, inn: str) -> str:
        """Open the wallet and return the PIN that comes by SMS."""

    def refusal(self, pin: str) -> str:
        """Return why this PIN does not open the wallet, nothing where it does."""

    def change_pin(self, pin: str) -> None:
        """Change the PIN."""

    def balance(self) -> str:
        """Return the balance in soms."""

    def check(self, account: str, amount: str) -> tuple[bool, str]:
        """Return whether the account may be paid and its owner's name, or why not."""

    def pay(self, account: str, amount: str) -> tuple[bool, str]:
        """Pay; return whether it went through and what the SMS says."""


def screen(phone: Phone, keys: list[str]) -> Screen:
    """Return the screen after these answers of the person, from the first menu on."""
    return _member(phone, keys) if phone.pin else _newcomer(phone, keys)


def _newcomer(phone: Phone, keys: list[str]) -> Screen:
    asks = [
        LANGUAGES,
        "Вы не зарегистрированы.\n1. Зарегистрироваться",
        "Введите имя и фамилию",
        "Введите Ваш ИНН (14 цифр, в ID-карте)",
    ]
    if len(keys) < len(asks):
        return Screen(asks[len(keys)])
    name, inn = keys[2], keys[3]
    if keys[1] != "1" or not INN.fullmatch(inn):
        return Screen("Неверный ввод. Наберите *900# ещё раз.", is_last=True)
    steps = [f"{name}\nИНН {inn}\n1. Подтвердить", "Договор публичной оферты — на сайте кошелька.\n1. Принимаю"]
    agreed = keys[4:]
    if any(key != "1" for key in agreed):
        return Screen("Регистрация отменена.", is_last=True)
    if len(agreed) < len(steps):
        return Screen(steps[len(agreed)])
    return Screen(f"SMS: кошелёк открыт, Ваш PIN {phone.register(name, inn)}. Смените его: *900#, 8, 3.", is_last=True)


def _member(phone: Phone, keys: list[str]) -> Screen:
    match keys:
        case []:
            return Screen(LANGUAGES)
        case [_language]:
            return Screen(MAIN)
        case [_language, "8"]:
            return Screen(SETTINGS)
        case [_language, "8", "1"]:
            return Screen(f"На кошельке {phone.balance()} сом", is_last=True)
        case [_language, "8", "3"]:
            return Screen("Введите нынешний PIN")
        case [_language, "8", "3", pin, *new]:
            return _change_pin(phone, pin, new)
        case [_language, "3"]:
            return Screen(PAYMENTS)
        case [_language, "3", "3"]:
            return Screen(BILLS)
        case [_language, "3", "3", "14"]:
            return Screen(OTHERS)
        case [_language, "3", "3", "14", "14", *payment]:
            return _payment(phone, payment)
    return Screen("Такого пункта нет. Наберите *900# ещё раз.", is_last=True)


def _change_pin(phone: Phone, pin: str, new: list[str]) -> Screen:
    if refused := phone.refusal(pin):
        return Screen(refused, is_last=True)
    if not new:
        return Screen("Введите новый PIN, 4 цифры")
    if len(new) > 1 or not PIN.fullmatch(new[0]):
        return Screen("PIN — это 4 цифры. Наберите *900# ещё раз.", is_last=True)
    phone.change_pin(new[0])
    return Screen("PIN изменён.", is_last=True)


def _payment(phone: Phone, keys: list[str]) -> Screen:
    match keys:
        case []:
            return Screen("Достэк\nЛицевой счёт (14-значный ИНН вашей компании)")
        case [_account]:
            return Screen("Сумма для оплаты, сом")
        case [account, amount, *rest]:
            money = in_soms(amount)
            if money is None:
                return Screen("Сумма неверна. Наберите *900# ещё раз.", is_last=True)
            return _confirm(phone, account, money, rest)
    return Screen("Наберите *900# ещё раз.", is_last=True)


def _confirm(phone: Phone, account: str, amount: str, rest: list[str]) -> Screen:
    if not rest:
        is_possible, said = phone.check(account, amount)
        if not is_possible:
            return Screen(f"Оплата невозможна: {said}", is_last=True)
        return Screen(f"ИНН {account}\n{said}\nСумма {amount} сом\nВведите PIN")
    if refused := phone.refusal(" ".join(rest)):
        return Screen(refused, is_last=True)
    _is_paid, said = phone.pay(account, amount)
    return Screen(said, is_last=True)


def in_soms(text: str) -> str | None:
    """Return a typed sum with two decimals, None where it is none."""
    if not SUM.fullmatch(text):
        return None
    whole, _, rest = text.replace(",", ".").partition(".")
    return f"{int(whole)}.{rest.ljust(2, '0')}" if int(whole) or rest.strip("0") else None
