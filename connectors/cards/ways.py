"""How a person pays by a bank card."""

from k5web.domain.payments.payment_way import Path, Way
from k5web.domain.phrase import phrase


def by_card(title: str) -> Way:
    """Return how a payment by card goes."""
    steps = (
        phrase("Впишите сумму и нажмите «Пополнить»."),
        phrase("Откроется страница банка. Номер карты вводится только там: мы его не видим."),
        phrase("Подтвердите оплату кодом из SMS, если банк его спросит."),
        phrase("Вернитесь сюда или закройте страницу: деньги придут на счёт сами."),
    )
    return Way(
        title=title,
        lead=phrase("Любая банковская карта. Деньги приходят сразу."),
        paths=(Path(phrase("Как проходит оплата"), steps),),
    )
