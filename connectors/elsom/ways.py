"""How a person pays by the wallet: four roads to our service, as its instruction for payers describes them."""

from typing import Final

from k5web.domain.payments.payment_way import Fact, Path, Payer, Way

SERVICE: Final = "DosTek group"
ACCOUNT: Final = "14-значный ИНН вашей компании"
CHECK: Final = "Кошелёк покажет ИНН, чей это счёт и сумму. Проверьте их."
CALLS: Final = (Fact("Оператор DosTek group", "0312 960 888"), Fact("Кошелёк ЭЛСОМ", "0312 986 000"))

PATHS: Final = (
    Path(
        "С любого телефона: *900#, без интернета (Megacom, Beeline)",
        (
            "Наберите *900#.",
            "Выберите 3 «Платежи/Комм.услуги».",
            "Выберите 3 «Оплатить счёт».",
            "Выберите 14 «Другие услуги».",
            "Выберите 14 «Достэк».",
            f"Введите лицевой счёт: {ACCOUNT}.",
            "Введите сумму в сомах.",
            f"{CHECK} Введите свой PIN.",
            "Придёт SMS с кодом платежа. Сохраните его: по нему мы найдём платёж.",
        ),
    ),
    Path(
        "На сайте elsom.kg (Megacom, Beeline, O!)",
        (
            "Впишите номер кошелька, то есть номер мобильного телефона, и нажмите «Войти».",
            "При первом входе впишите почту, придумайте пароль и нажмите «Зарегистрироваться».",
            "В разделе «Услуги» выберите «Другие».",
            f"Выберите «{SERVICE}». В поле номера услуги впишите {ACCOUNT}, ниже — сумму. Нажмите «Далее».",
            f"{CHECK} Нажмите «Оплатить»; если есть ошибка — «Назад».",
            "Откроется подтверждение, и придёт SMS.",
        ),
    ),
    Path(
        "В мобильном приложении ЭЛСОМ (Megacom, Beeline, O!)",
        (
            "Установите приложение из Google Play или App Store.",
            f"Откройте «Другие услуги», раздел «Другие», услугу «{SERVICE}».",
            f"Впишите {ACCOUNT} и сумму, проверьте и оплатите.",
        ),
    ),
    Path(
        "Кошелька ещё нет: откройте его за минуту (Megacom, Beeline)",
        (
            "Наберите *900# и выберите язык.",
            "Наберите 1, чтобы зарегистрироваться.",
            "Введите имя и фамилию, затем свой личный ИНН из ID-карты.",
            "Наберите 1, чтобы подтвердить данные, и ещё раз 1, чтобы принять договор оферты с сайта elsom.kg.",
            "Придёт SMS с PIN. Смените его: *900#, 8 «Баланс/Настройки», 3 «Замена PIN».",
            "Положите деньги: в отделении банка KICB, в терминалах KICB, Мобильник, QIWI.",
        ),
    ),
)


def to_account(title: str, payer: Payer | None) -> Way:
    """Return how the wallet pays to an account of ours."""
    return Way(
        title=title,
        lead="Мобильный кошелёк Кыргызстана. Деньги в сомах приходят сразу.",
        facts=(Fact("Лицевой счёт", str(payer.id)),) if payer else (),
        paths=PATHS,
        notes=("Вместо ИНН подходит и лицевой счёт из этого кабинета.",) if payer else (),
        calls=CALLS,
        account=str(payer.id) if payer else "",
    )


def by_code(title: str) -> Way:
    """Return how a sum that was asked for here is paid by a code, or on the wallet's page."""
    steps = (
        "Впишите сумму и нажмите «Пополнить».",
        "Мы покажем код или откроем страницу кошелька.",
        "Введите код в кошельке до времени под кодом и подтвердите оплату своим PIN.",
    )
    lead = "Сумма и счёт уже вписаны: остаётся подтвердить в кошельке."
    return Way(title=title, lead=lead, paths=(Path("Как проходит оплата", steps),), calls=CALLS)
