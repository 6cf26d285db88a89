"""How a person pays by a bank card."""

from k5web.domain.payments.payment_way import Path, Way


def by_card(title: str) -> Way:
    """Return how a payment by card goes."""
    steps = (
        "Впишите сумму и нажмите «Пополнить».",
        "Откроется страница банка. Номер карты вводится только там: мы его не видим.",
        "Подтвердите оплату кодом из SMS, если банк его спросит.",
        "Вернитесь сюда или закройте страницу: деньги придут на счёт сами.",
    )
    return Way(
        title=title, lead="Любая банковская карта. Деньги приходят сразу.", paths=(Path("Как проходит оплата", steps),)
    )
