"""How a person pays through a QIWI terminal, site or app, and by a bill made here."""

from typing import Final

from k5web.domain.payments.payment_way import Fact, Path, Payer, Way
from k5web.domain.phrase import phrase

NO_COMMISSION: Final = phrase("Платите через личный кабинет QIWI: терминал берёт комиссию, кабинет – нет.")
MERCHANT, PAYER = phrase("ID ТСП"), phrase("ID Участника/Покупателя")  # as the provider's screens name them


def to_account(title: str, merchant_id: str, payer: Payer | None) -> Way:
    """Return how a payment to an account of ours is made. Source: the operator's leaflet, «Как пополнить счёт?»."""
    phone = payer.phone.digits[1:] if payer and payer.phone and payer.phone.digits.startswith("7") else ""
    facts = [Fact(MERCHANT, merchant_id)] if merchant_id else []
    if phone:
        facts.append(Fact(PAYER, phone))
    elif payer:
        facts.append(Fact(PAYER, str(payer.id)))
    steps = (
        phrase(
            "В личном кабинете QIWI или на терминале откройте «Оплата услуг», «Электронные деньги», «Мобильные деньги»."
        ),
        phrase("В поле «ID ТСП» введите число, которое стоит выше.")
        if merchant_id
        else phrase("В поле «ID ТСП» введите наш номер: его назовёт оператор."),
        phrase("В поле «ID Участника/Покупателя» введите свой номер телефона без первой 8: только 10 цифр."),
        phrase("Введите сумму и оплатите. Деньги приходят за минуту."),
    )
    return Way(
        title=title,
        lead=phrase("Терминалы, сайт и приложение QIWI."),
        facts=tuple(facts),
        paths=(Path(phrase("Как заплатить"), steps),),
        notes=(NO_COMMISSION,),
        account=phone or str(payer.id) if payer else "",
    )


def by_bill(title: str) -> Way:
    """Return how a bill that was made here is paid."""
    steps = (
        phrase("Впишите сумму и нажмите «Пополнить»."),
        phrase("Мы выставим счёт и откроем его страницу."),
        phrase("Оплатите его там и вернитесь: деньги придут на счёт сами."),
    )
    lead = phrase("Счёт с уже вписанной суммой.")
    return Way(title=title, lead=lead, paths=(Path(phrase("Как проходит оплата"), steps),))
