"""Statements as banks write them: exchange text and tables, for the tests of their import."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from k5web.domain.money import Money, rub

OURS = "40702810938000017997"
THEIRS = "40702810500000000001"
BIC = "044525593"


@dataclass(frozen=True)
class Came:
    """A payment as its statement tells it."""

    number: str = "1"
    amount: Money = field(default_factory=lambda: rub("500.00"))
    purpose: str = ""
    day: str = "30.11.2026"
    received: str = ""  # the same day
    payer_account: str = THEIRS
    payer_inn: str = ""
    payer: str = "ООО Ромашка"
    payee_account: str = OURS
    bic: str = BIC

    def outgoing(self) -> "Came":
        """The same money on its way out of our account."""
        return replace(self, payer_account=OURS, payee_account=THEIRS)


def exchange(
    payments: Sequence[Came],
    coding: str = "cp1251",
    said: str | None = None,
    received: str | None = None,
    ending: str = "\r\n",
    account: str = OURS,
) -> bytes:
    """Return a 1C exchange file. `received`: what the totals say, where not the truth."""
    said = said or {"cp1251": "Windows", "cp866": "DOS", "utf-8": "UTF-8"}[coding]
    came = sum(one.amount.minor for one in payments if one.payee_account == account)
    went = sum(one.amount.minor for one in payments if one.payer_account == account)
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", f"Кодировка={said}", "Отправитель=Банк"]
    lines += ["ДатаНачала=30.11.2026", "ДатаКонца=01.12.2026", f"РасчСчет={account}", "СекцияРасчСчет"]
    lines += ["ДатаНачала=30.11.2026", f"РасчСчет={account}", "НачальныйОстаток=1000.00"]
    lines += [f"ВсегоПоступило={received or Money(came)}", f"ВсегоСписано={Money(went)}"]
    lines += [f"КонечныйОстаток={Money(100_000 + came - went)}" if received is None else "", "КонецРасчСчет"]
    for one in payments:
        lines += _document(one)
    return (ending.join([*lines, "КонецФайла"]) + ending).encode(coding)


def _document(one: Came) -> list[str]:
    moved = one.received or one.day
    return [
        "СекцияДокумент=Платежное поручение",
        f"Номер={one.number}",
        f"Дата={one.day}",
        f"Сумма={one.amount}",
        f"ПлательщикСчет={one.payer_account}",
        f"ДатаСписано={moved}" if one.payer_account == OURS else "ДатаСписано=",
        f"Плательщик1={one.payer}",
        f"ПлательщикИНН={one.payer_inn}",
        f"ПлательщикБИК={one.bic}",
        f"ПолучательСчет={one.payee_account}",
        f"ДатаПоступило={moved}" if one.payee_account == OURS else "ДатаПоступило=",
        f"НазначениеПлатежа={one.purpose}",
        "КонецДокумента",
    ]


def table(payments: Sequence[Came], coding: str = "utf-8", delimiter: str = ";", total: str | None = None) -> bytes:
    """Return the same as CSV; `total` makes a last row of totals."""
    columns = ["Номер", "Дата", "Дата поступления", "Сумма", "Счет плательщика", "БИК плательщика", "ИНН плательщика"]
    rows = [[*columns, "Плательщик", "Назначение платежа"]]
    for one in payments:
        amount = str(one.amount).replace(".", ",")
        sign = "-" if one.payer_account == OURS else ""
        row = [one.number, one.day, one.received or one.day, sign + amount, one.payer_account, one.bic, one.payer_inn]
        rows.append([*row, one.payer, one.purpose])
    if total is not None:
        rows.append(["Итого", "", "", total, "", "", "", "", ""])
    quoted = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    return ("\n".join(quoted) + "\n").encode(coding)
