"""What banks' programs really write: samples of the field in our own words, each with what it must come to."""

from dataclasses import dataclass
from typing import Protocol

from tests.bank_files import OURS, THEIRS

SECOND = "40702810100000000022"  # another account of ours
PAYER = "40817810400030269771"
HEAD = "Номер;Дата;Сумма;Счет плательщика;БИК плательщика;ИНН плательщика;Плательщик;Назначение платежа"
ROW = f"{{n}};27.11.2026;100,00;{PAYER};044525974;500100732259;Образцов;лицевой счет {{id}}"


class Made(Protocol):
    """A statement, made with these changes."""

    def __call__(self, *changes: tuple[str, str], coding: str = ..., totals: bool = ...) -> bytes: ...


@dataclass(frozen=True)
class Sample:
    """A file, and what it brings: to the subscriber, to suspense; or the words it is refused with."""

    name: str
    content: bytes
    credited: str = "100.00"
    suspended: str = "0.00"
    refused: str = ""
    is_doubted: bool = False  # nothing proves that it is whole
    own: tuple[str, ...] = (OURS,)

    def __str__(self) -> str:
        return self.name


def statement(*changes: tuple[str, str], coding: str = "cp1251", totals: bool = True, subscriber: int = 0) -> bytes:
    """Return a day's exchange file of one payment of 100.00, changed."""
    section = [f"РасчСчет={OURS}", "НачальныйОстаток=1000.00", "ВсегоПоступило=100.00", "ВсегоСписано=0.00"]
    section = ["СекцияРасчСчет", *section, "КонечныйОстаток=1100.00", "КонецРасчСчет"]
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", f"РасчСчет={OURS}"]
    lines += section if totals else []
    lines += ["СекцияДокумент=Платежное поручение", "Номер=1013", "Дата=27.11.2026", "Сумма=100.00"]
    lines += [f"ПлательщикСчет={PAYER}", "ДатаСписано=", "ПлательщикИНН=500100732259", "Плательщик1=Образцов Пётр"]
    lines += [
        "ПлательщикБИК=044525974",
        f"ПолучательСчет={OURS}",
        "ДатаПоступило=27.11.2026",
        "ПолучательБИК=044525225",
    ]
    lines += [f"НазначениеПлатежа=Пополнение лицевого счета {subscriber}. Без НДС", "КонецДокумента", "КонецФайла", ""]
    text = "\r\n".join(lines)
    for was, became in changes:
        assert was in text, was
        text = text.replace(was, became.replace("{id}", str(subscriber)))
    return text.encode(coding)


def document(number: str, amount: str, **fields: str) -> str:
    """Return one more document of the file: what goes out, unless the fields say otherwise."""
    told = {"Номер": number, "Дата": "27.11.2026", "Сумма": amount, "ПлательщикСчет": OURS, "ДатаСписано": "27.11.2026"}
    told |= {"ПолучательСчет": THEIRS, "ДатаПоступило": "", "НазначениеПлатежа": "Комиссия банка"} | fields
    return "\r\n".join(["СекцияДокумент=Банковский ордер", *(f"{k}={v}" for k, v in told.items()), "КонецДокумента"])


def _more(text: str, spent: str = "0.00", received: str = "100.00", closing: str = "") -> list[tuple[str, str]]:
    changes = [("КонецФайла", f"{text}\r\nКонецФайла"), ("ВсегоСписано=0.00", f"ВсегоСписано={spent}")]
    changes += [("ВсегоПоступило=100.00", f"ВсегоПоступило={received}")]
    return [*changes, ("КонечныйОстаток=1100.00", f"КонечныйОстаток={closing}")] if closing else changes


def samples(subscriber: int) -> list[Sample]:
    """Return the samples whose payments name this subscriber."""

    def made(*changes: tuple[str, str], coding: str = "cp1251", totals: bool = True) -> bytes:
        return statement(*changes, coding=coding, totals=totals, subscriber=subscriber)

    purpose = f"НазначениеПлатежа=Пополнение лицевого счета {subscriber}. Без НДС"
    return [
        *_texts(made, purpose),
        *_documents(made),
        *_letters(made),
        *_shapes(made),
        *_spellings(made),
        *_tables(subscriber),
        *_transfers(made),
    ]


def _texts(made: Made, purpose: str) -> list[Sample]:
    """Purposes over lines, keys and pieces."""
    n = "НазначениеПлатежа"

    def of(name: str, became: str) -> Sample:
        return Sample(name, made((purpose, became)))

    def nobodys(name: str, became: str) -> Sample:
        return Sample(name, made((purpose, became)), "0.00", "100.00")

    return [
        of("purpose on two lines", f"{n}=Пополнение лицевого счета {{id}}\r\nУслуги связи"),
        of("purpose by a repeated key", f"{n}=Пополнение лицевого счета {{id}}\r\n{n}=Услуги связи"),
        of("purpose in pieces alone", f"{n}1=Пополнение лицевого\r\n{n}2=счета {{id}}.\r\n{n}3=Без НДС"),
        of("first piece as the whole", f"{n}=Услуги связи\r\n{n}1=Услуги связи\r\n{n}2=лицевой счет {{id}}"),
        nobodys("number cut by a piece became longer", f"{n}1=По лицевому счету {{id}}\r\n{n}2=77. Без НДС"),
        nobodys("number cut by a line became longer", f"{n}=По лицевому счету {{id}}\r\n77. Без НДС"),
        nobodys("two accounts", f"{n}=лицевые счета {{id}}, 999999"),
        nobodys("foreign contract", f"{n}=Возврат по договору {{id}} от 11.03.2025 за аренду"),
        nobodys("no account", f"{n}=За связь, телефон 9160000203"),
        nobodys("control signs", f"{n}=нет счета \x1b[31mкрасный\x07"),
        nobodys("very long purpose", f"{n}=нет счета {'ъ' * 5000}"),
    ]


def _documents(made: Made) -> list[Sample]:
    """Documents that bring nothing, or lack a part."""
    out = {"spent": "50.00", "closing": "1050.00"}
    return [
        Sample("outgoing without payee's account", made(*_more(document("77", "50.00", ПолучательСчет=""), **out))),
        Sample("outgoing to a cash machine", made(*_more(document("78", "50.00", ПолучательСчет="0"), **out))),
        Sample("outgoing without a number", made(*_more(document("", "50.00"), **out))),
        Sample("outgoing without a day", made(*_more(document("79", "50.00", Дата=""), **out))),
        Sample(
            "incoming without payee's account", made((f"ПолучательСчет={OURS}", "Своё=1")), refused="payee's account"
        ),
        Sample("document of 0", made(*_more(document("5", "0.00", ПлательщикСчет=PAYER, ПолучательСчет=OURS)))),
        Sample("no day of coming, totals", made(("ДатаПоступило=27.11.2026\r\n", ""))),
        Sample("no day of coming", made(("ДатаПоступило=27.11.2026\r\n", ""), totals=False), is_doubted=True),
        Sample("empty number", made(("Номер=1013", "Номер="))),
        Sample("another currency", made(("Номер=1013", "Номер=1013\r\nВалютаПлатежа=USD")), refused="not in roubles"),
        Sample("a day of the next century", made(("27.11.2026", "27.11.2126")), refused="still to come"),
        Sample(
            "a huge sum", made(("Сумма=100.00", "Сумма=9999999999999.99"), totals=False), refused="K5_BANK_ASKS_ABOVE"
        ),
        Sample("a long number", made(("Номер=1013", "Номер=" + "7" * 300))),
    ]


def _letters(made: Made) -> list[Sample]:
    """Letters, and what the file says they are."""
    said = "Кодировка=Windows"
    words = ("windows-1251", "ANSI", "WINDOWS", "cp1251", "Windows;", "KOI8", "")
    utf = made().decode("cp1251").encode()
    return [
        Sample("no word about letters", made((f"{said}\r\n", ""))),
        *(Sample(f"the word '{word}'", made((said, f"Кодировка={word}"))) for word in words),
        *(
            Sample(f"{coding} that says {word}", made((said, f"Кодировка={word}"), coding=coding))
            for coding in ("cp1251", "cp866", "koi8_r", "utf-8", "utf-8-sig", "utf-16")
            for word in ("Windows", "DOS", "UTF-8")
        ),
        Sample("UTF-16 without a mark", utf.decode().encode("utf-16-le")),
        Sample("CR alone", made().replace(b"\r\n", b"\r")),
        Sample("LF alone", made().replace(b"\r\n", b"\n")),
        Sample("NUL at the end", made() + b"\x00" * 700),
        Sample("Ctrl-Z at the end", made() + b"\x1a"),
    ]


def _shapes(made: Made) -> list[Sample]:
    """Files that are not as the standard has them."""
    both = made().replace(b"1013", b"1405") + made(("1100.00", "1070.00"), ("=100.00", "=70.00"), ("1013", "1406"))
    return [
        Sample("spaces", made().replace(b"\r\n", b"  \r\n ")),
        Sample("capitals", made(("Секция", "СЕКЦИЯ"), ("Конец", "КОНЕЦ"))),
        Sample("no end", made(("КонецФайла", ""))),
        Sample("no end and no totals", made(("КонецФайла", ""), totals=False), refused="ends too early"),
        Sample("a comment", made(("ВерсияФормата=1.03", "# made by hand"))),
        Sample("several files in one", both, credited="170.00"),
        Sample("one file twice in one", made() + made(), credited="100.00"),
        Sample("one file twice, each in its letters", made() + made(coding="utf-8"), credited="100.00"),
        Sample("account twice in the head", made(("=1.03\r\nК", f"=1.03\r\nРасчСчет={SECOND}\r\nК"))),
        Sample("no totals", made(totals=False), is_doubted=True),
        Sample("a total of nothing", made(("ВсегоПоступило=100.00", "ВсегоПоступило=0.00")), refused="closing balance"),
        Sample("a missing total", made(("ВсегоПоступило=100.00\r\n", ""), ("=1100.00", "=1200.00")), refused="200.00"),
    ]


def _spellings(made: Made) -> list[Sample]:
    """Sums and days; without totals, which would be spelled likewise."""
    sums = {"100,5": "100.50", "1'000.00": "1000.00", "1 000,00": "1000.00", "+100.00": "100.00", "1,000.00": "1000.00"}
    sums |= {".50": "0.50", "100.": "100.00", "100-50": "100.50", "1.000,00": "1000.00", "100.5000": "100.50"}
    days = ("27.11.2026 10:15:00", "2026-11-27", "7.11.2026", "27/11/2026", "27.11.26", "00.00.0000", "  .  .    ")
    return [
        *(
            Sample(f"the sum {text}", made(("=100.00", f"={text}"), totals=False), sum_, is_doubted=True)
            for text, sum_ in sums.items()
        ),
        *(
            Sample(f"the sum {text}", made(("=100.00", f"={text}"), totals=False), refused="sum")
            for text in ("1 00.50", "100.000")
        ),
        *(
            Sample(
                f"the day {text}", made(("Поступило=27.11.2026", f"Поступило={text}"), totals=False), is_doubted=True
            )
            for text in days
        ),
    ]


def _tables(subscriber: int) -> list[Sample]:
    """Tables as banks and spreadsheets write them; most have no totals."""

    def of(
        name: str, *changes: tuple[str, str], coding: str = "utf-8", credited: str = "100.00", refused: str = ""
    ) -> Sample:
        text = f"{HEAD}\n{ROW}\n".format(n=5000, id=subscriber)
        for was, became in changes:
            assert was in text, was
            text = text.replace(was, became)
        is_doubted = "Итого" not in text
        return Sample(f"table: {name}", text.encode(coding), credited, refused=refused, is_doubted=is_doubted)

    row = f"{subscriber}\n"
    return [
        of("plain"),
        of("1251", coding="cp1251"),
        of("UTF-16", (";", "\t"), coding="utf-16"),
        of("a line end in quotes", ("лицевой счет ", '"лицевой счет\n'), (row, f'{row[:-1]}. Без НДС"\n')),
        of("sep=", (HEAD, f"sep=;\n{HEAD}")),
        of("lines above", (HEAD, f"Выписка по счету;{OURS};;;;;;\nПериод;27.11.2026;;;;;;\n{HEAD}")),
        of("commas", (";", ","), ("100,00", '"1,234.50"'), credited="1234.50"),
        of("ISO day", ("27.11.2026", "2026-11-27")),
        of("quotes and equals", (PAYER, f'="{PAYER}"'), ("044525974", '="044525974"')),
        of("apostrophes", (PAYER, f"'{PAYER}"), ("044525974", "'044525974")),
        of("account in groups", (PAYER, "408.17.810.4.00030269771")),
        of("account as a number", (PAYER, "4,08178E+19"), refused="a spreadsheet rounded it"),
        of("totals", (row, f"{row}Итого;;100,00;;;;;\n")),
        of("wrong totals", (row, f"{row}Итого;;999,00;;;;;\n"), refused="999.00 received"),
        of("wrong totals in words", (row, f"{row}Итого поступлений: 1;;999,00;;;;;\n"), refused="999.00 received"),
        of("wrong count", (row, f"{row}Итого поступлений: 2;;100,00;;;;;\n"), refused="2 documents"),
    ]


def _transfers(made: Made) -> list[Sample]:
    """Transfers between our accounts, told by one account's part or by both."""
    both, one = (OURS, SECOND), (OURS,)
    told = {"ПлательщикСчет": SECOND, "ПолучательСчет": OURS, "НазначениеПлатежа": "Перевод собственных средств"}
    whole = document("31", "500.00", ДатаПоступило="27.11.2026", **dict(told.items()))
    came = document("31", "500.00", **(told | {"ДатаСписано": "", "ДатаПоступило": "27.11.2026"}))
    went = document("31", "500.00", **told)
    section = ["СекцияРасчСчет", f"РасчСчет={SECOND}", "НачальныйОстаток=1000.00", "ВсегоПоступило=0.00"]
    there = "\r\n".join([*section, "ВсегоСписано=500.00", "КонечныйОстаток=500.00", "КонецРасчСчет"])

    def file(*texts: str) -> bytes:
        return made(*_more("\r\n".join(texts), received="600.00", closing="1600.00"))

    return [
        Sample("own transfer told once", file(there, whole), own=both),
        Sample("own transfer told twice", file(whole, there, whole), own=both),
        Sample("own transfer in halves", file(came, there, went), own=both),
        Sample("own transfer, halves turned", file(there, went, came), own=both),
        Sample("own transfer, one account ours", file(came, there, went), suspended="500.00", own=one),
        Sample("own transfer twice, one account ours", file(whole, there, whole), suspended="500.00", own=one),
    ]
