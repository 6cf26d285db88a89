"""What the simulated bank writes: one payment as the statement of the payee's account, in the 1C exchange text."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from k5web.domain.money import Money

BIC: Final = "044525593"
PERSONS, COMPANYS = "40817810404000000017", "40702810302000000017"  # accounts at this bank, their keys are true
CODING: Final = "cp1251"  # «Windows»; what it has no letter for becomes «?», as at banks
LONGEST: Final = 210  # characters of a purpose and of a name in a payment order


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment order that the bank carried out. Its texts are clean."""

    number: str
    day: date
    amount: Money
    payer: str
    inn: str  # of the payer; 10 digits are a company's, "" a person's who told none
    purpose: str

    @property
    def texts(self) -> tuple[str, str, str]:
        """Return what the payer typed beside the sum."""
        return self.payer, self.inn, self.purpose


def clean(text: str) -> str:
    """Return the text on one line, without signs that cannot be seen: a line of the file is one field."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:LONGEST]


def write(payment: Payment, account: str, opening: Money) -> bytes:
    """Return the statement of the payee's account, which had this balance before the payment came."""
    day, paid_from = f"{payment.day:%d.%m.%Y}", COMPANYS if len(payment.inn) == 10 else PERSONS
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "Отправитель=Учебный банк"]
    lines += [f"ДатаНачала={day}", f"ДатаКонца={day}", f"РасчСчет={account}"]
    lines += ["СекцияРасчСчет", f"ДатаНачала={day}", f"ДатаКонца={day}", f"РасчСчет={account}"]
    lines += [f"НачальныйОстаток={opening}", f"ВсегоПоступило={payment.amount}", "ВсегоСписано=0.00"]
    lines += [f"КонечныйОстаток={opening + payment.amount}", "КонецРасчСчет"]
    lines += ["СекцияДокумент=Платежное поручение", f"Номер={payment.number}", f"Дата={day}"]
    lines += [f"Сумма={payment.amount}", f"ПлательщикСчет={paid_from}", f"ДатаСписано={day}"]
    lines += [f"Плательщик1={payment.payer}", f"ПлательщикИНН={payment.inn}", f"ПлательщикБИК={BIC}"]
    lines += [f"ПолучательСчет={account}", f"ДатаПоступило={day}", f"НазначениеПлатежа={payment.purpose}"]
    return "\r\n".join([*lines, "КонецДокумента", "КонецФайла", ""]).encode(CODING, "replace")
