"""How a person pays by the wallet: four roads to our service, as its instruction for payers describes them."""

from typing import Final

from k5web.domain.payments.payment_way import Fact, Path, Payer, Way
from k5web.domain.phrase import phrase

SERVICE: Final = "DosTek group"
CALLS: Final = (
    Fact(phrase("Оператор DosTek group"), "0312 960 888"),
    Fact(phrase("Кошелёк ЭЛСОМ"), "0312 986 000"),
)

PATHS: Final = (
    Path(
        phrase("С любого телефона: *900#, без интернета (Megacom, Beeline)"),
        (
            phrase("Наберите *900#."),
            phrase("Выберите 3 «Платежи/Комм.услуги»."),
            phrase("Выберите 3 «Оплатить счёт»."),
            phrase("Выберите 14 «Другие услуги»."),
            phrase("Выберите 14 «Достэк»."),
            phrase("Введите лицевой счёт: 14-значный ИНН вашей компании."),
            phrase("Введите сумму в сомах."),
            phrase("Кошелёк покажет ИНН, чей это счёт и сумму. Проверьте их. Введите свой PIN."),
            phrase("Придёт SMS с кодом платежа. Сохраните его: по нему мы найдём платёж."),
        ),
    ),
    Path(
        phrase("На сайте elsom.kg (Megacom, Beeline, O!)"),
        (
            phrase("Впишите номер кошелька, то есть номер мобильного телефона, и нажмите «Войти»."),
            phrase("При первом входе впишите почту, придумайте пароль и нажмите «Зарегистрироваться»."),
            phrase("В разделе «Услуги» выберите «Другие»."),
            phrase(
                "Выберите «%(service)s». В поле номера услуги впишите 14-значный ИНН вашей компании, ниже – сумму. "
                "Нажмите «Далее».",
                service=SERVICE,
            ),
            phrase(
                "Кошелёк покажет ИНН, чей это счёт и сумму. Проверьте их. Нажмите «Оплатить», при ошибке – «Назад»."
            ),
            phrase("Откроется подтверждение, и придёт SMS."),
        ),
    ),
    Path(
        phrase("В мобильном приложении ЭЛСОМ (Megacom, Beeline, O!)"),
        (
            phrase("Установите приложение из Google Play или App Store."),
            phrase("Откройте «Другие услуги», раздел «Другие», услугу «%(service)s».", service=SERVICE),
            phrase("Впишите 14-значный ИНН вашей компании и сумму, проверьте и оплатите."),
        ),
    ),
    Path(
        phrase("Кошелька ещё нет: откройте его за минуту (Megacom, Beeline)"),
        (
            phrase("Наберите *900# и выберите язык."),
            phrase("Наберите 1, чтобы зарегистрироваться."),
            phrase("Введите имя и фамилию, затем свой личный ИНН из ID-карты."),
            phrase("Наберите 1, чтобы подтвердить данные, и ещё раз 1, чтобы принять договор оферты с сайта elsom.kg."),
            phrase("Придёт SMS с PIN. Смените его: *900#, 8 «Баланс/Настройки», 3 «Замена PIN»."),
            phrase("Положите деньги: в отделении банка KICB, в терминалах KICB, Мобильник, QIWI."),
        ),
    ),
)


def to_account(title: str, payer: Payer | None) -> Way:
    """Return how the wallet pays to an account of ours."""
    return Way(
        title=title,
        lead=phrase("Мобильный кошелёк Кыргызстана. Деньги в сомах приходят сразу."),
        facts=(Fact(phrase("Лицевой счёт"), str(payer.id)),) if payer else (),
        paths=PATHS,
        notes=(phrase("Вместо ИНН подходит и лицевой счёт из этого кабинета."),) if payer else (),
        calls=CALLS,
        account=str(payer.id) if payer else "",
    )


def by_code(title: str) -> Way:
    """Return how a sum that was asked for here is paid by a code, or on the wallet's page."""
    steps = (
        phrase("Впишите сумму и нажмите «Пополнить»."),
        phrase("Мы покажем код или откроем страницу кошелька."),
        phrase("Введите код в кошельке до времени под кодом и подтвердите оплату своим PIN."),
    )
    lead = phrase("Сумма и счёт уже вписаны: остаётся подтвердить в кошельке.")
    return Way(title=title, lead=lead, paths=(Path(phrase("Как проходит оплата"), steps),), calls=CALLS)
