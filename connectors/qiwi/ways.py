"""How a person pays through a QIWI terminal, site or app, and by a bill made here."""

from typing import Final

from k5web.domain.payments.payment_way import Fact, Path, Payer, Way

NO_COMMISSION: Final = "Платите через личный кабинет QIWI: терминал берёт комиссию, кабинет – нет."


def to_account(title: str, merchant_id: str, payer: Payer | None) -> Way:
    """Return how a payment to an account of ours is made. Source: the operator's leaflet, «Как пополнить счёт?»."""
    phone = payer.phone.digits[1:] if payer and payer.phone and payer.phone.digits.startswith("7") else ""
    facts = [Fact("ID ТСП", merchant_id)] if merchant_id else []
    if phone:
        facts.append(Fact("ID Участника/Покупателя", phone))
    elif payer:
        facts.append(Fact("ID Участника/Покупателя", str(payer.id)))
    steps = (
        "В личном кабинете QIWI или на терминале откройте «Оплата услуг», «Электронные деньги», «Мобильные деньги».",
        "В поле «ID ТСП» введите число, которое стоит выше."
        if merchant_id
        else "В поле «ID ТСП» введите наш номер: его назовёт оператор.",
        "В поле «ID Участника/Покупателя» введите свой номер телефона без первой 8: только 10 цифр.",
        "Введите сумму и оплатите. Деньги приходят за минуту.",
    )
    return Way(
        title=title,
        lead="Терминалы, сайт и приложение QIWI.",
        facts=tuple(facts),
        paths=(Path("Как заплатить", steps),),
        notes=(NO_COMMISSION,),
        account=phone or str(payer.id) if payer else "",
    )


def by_bill(title: str) -> Way:
    """Return how a bill that was made here is paid."""
    steps = (
        "Впишите сумму и нажмите «Пополнить».",
        "Мы выставим счёт и откроем его страницу.",
        "Оплатите его там и вернитесь: деньги придут на счёт сами.",
    )
    return Way(title=title, lead="Счёт с уже вписанной суммой.", paths=(Path("Как проходит оплата", steps),))
