"""A payee for tests: an invented name over sample numbers that pass every check."""

from k5web.domain.bank.payee import Payee

ROMASHKA = Payee(
    name="ООО «Ромашка»",
    inn="7708789018",
    account="40702810938000017997",
    bank="ПАО Сбербанк г. Москва",
    bic="044525225",
    correspondent="30101810400000000225",
    kpp="772401001",
)
