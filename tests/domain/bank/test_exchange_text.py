"""The bank's exchange text: exact about what brings money, lenient and counted about the rest. Promises: B13."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from k5web.domain.bank.exchange_text import MOST_LINES, read_exchange
from k5web.domain.bank.statement import BankDocument, Direction, Lenience, Line, Notes, OtherDocument, Record
from k5web.domain.money import rub
from k5web.errors import WrongStatement
from tests.bank_files import OURS, THEIRS, Came, exchange

OWN = frozenset({OURS})


def numbered(text: str) -> Iterator[Line]:
    return enumerate(text.splitlines(), start=1)


def text(*payments: Came) -> str:
    return exchange(payments, ending="\n").decode("cp1251")


def read(content: str, notes: Notes | None = None) -> list[Record]:
    return list(read_exchange(numbered(content), OWN, Counter() if notes is None else notes))


def came(content: str) -> BankDocument:
    [found] = [record for record in read(content) if isinstance(record, BankDocument)]
    return found


def noted(content: str) -> set[Lenience]:
    """Return what was read leniently; the payment of the file is there all the same."""
    notes: Notes = Counter()
    records = read(content, notes)
    assert [one.amount for one in records if isinstance(one, BankDocument)] == [rub("500.00")]
    return {lenience for lenience, times in notes.items() if times}


def test_a_document_keeps_what_the_bank_said() -> None:
    found = came(text(Came("0017", payer_inn="7708789018", purpose="л/с 1 = 2")))
    assert (found.number, found.amount, found.payer_inn, found.purpose) == (
        "17",
        rub("500.00"),
        "7708789018",
        "л/с 1 = 2",
    )
    assert (found.received_on, found.spent_on, found.payee_account) == (found.day, None, OURS)
    assert (found.cells.number, found.cells.payer_account) == ("0017", THEIRS)


@pytest.mark.parametrize(
    ("told", "purpose", "apart"),
    [
        ("1=лицевой\n{}2=счет 8841", "лицевой счет 8841", ""),
        ("=Услуги\nлицевой счет 8841", "Услуги лицевой счет 8841", ""),
        ("=Услуги\n{}=лицевой счет 8841", "Услуги лицевой счет 8841", ""),
        ("=Услуги\n{}=Услуги", "Услуги", ""),
        ("=Услуги\n{}1=Услуги\n{}2=счет 8841", "Услуги счет 8841", ""),
        ("=Услуги счет 8841\n{}1=Услуги\n{}2=счет 8841", "Услуги счет 8841", ""),
        (
            "=Услуги счет 88\n{}1=Услуги счет 88\n{}2=41. Без НДС",
            "Услуги счет 8841. Без НДС",
            "Услуги счет 88 41. Без НДС",
        ),
        ("=За связь\n{}1=счет\n{}2=8841", "За связь счет 8841", ""),
        ("1=л/с 88\n{}2=41", "л/с 8841", "л/с 88 41"),
        ("1=л/с 88  \n{}2= 41", "л/с 8841", "л/с 88 41"),
        ("1=K5-8841\n{}2=-12", "K5-8841-12", "K5-8841 -12"),
        ("1=K5-\n{}2=8841", "K5-8841", "K5- 8841"),
        ("1=счет 12\n{}2=/2026", "счет 12/2026", "счет 12 /2026"),
        ("=л/с 88\n41", "л/с 8841", "л/с 88 41"),
        ("=л/с 88\n\n41", "л/с 8841", "л/с 88 41"),
        ("=л/с 88\n# 41", "л/с 88 # 41", ""),
    ],
)
def test_a_purpose_in_pieces_is_put_together(told: str, purpose: str, apart: str) -> None:
    """A number that a cut may have gone through is glued, and the other reading is kept beside it."""
    content = text(Came(purpose="X")).replace("Платежа=X", "Платежа" + told.replace("{}", "НазначениеПлатежа"))
    found = came(content)
    assert (found.purpose, found.purpose_apart) == (purpose, apart)


@pytest.mark.parametrize(
    ("was", "became", "line", "said"),
    [
        ("1CClientBankExchange", "1CClientBank", 1, "begins with"),
        ("Сумма=500.00", "Сумма=5e2", 19, "Сумма is not a sum"),
        ("Сумма=500.00", "Сумма=", 16, "sum above zero"),
        ("Сумма=500.00", "Сумма=-1.00", 16, "sum above zero"),
        ("Сумма=500.00", "Сумма=500.00\nСумма=5000.00", 20, "Сумма is there twice"),
        ("Дата=30.11.2026", "Дата=31.11.2026", 18, "Дата is not a day"),
        ("ДатаПоступило=30.11.2026", "ДатаПоступило=30.11.20266", 26, "ДатаПоступило is not a day"),
        (f"ПолучательСчет={OURS}", "ПолучательСчет=4070", 16, "payee's account"),
        (f"ПолучательСчет={OURS}\n", "", 16, "payee's account"),
        (f"ПлательщикСчет={THEIRS}", "ПлательщикСчет=4,07E+19", 20, "a spreadsheet rounded it"),
        ("ПлательщикБИК=044525593", "ПлательщикБИК=0445", 24, "not a BIC"),
        ("ДатаПоступило=30.11.2026", "ДатаПоступило=30.11.2026\nВалютаПлатежа=USD", 27, "not in roubles"),
        ("КонецДокумента", "", 29, "not ended before"),
        ("СекцияДокумент=Платежное поручение", "", 28, "ends nothing"),
        ("КонецФайла", "КонецФайла\nНомер=2", 30, "after КонецФайла"),
        ("Номер=1", "Номер=1\nНомер=2", 18, "twice"),
        ("Номер=1", "Номер 1", 17, "not ended before"),
        ("НачальныйОстаток=1000.00", "НачальныйОстаток=1e3", 11, "НачальныйОстаток is not a sum"),
        ("Плательщик1=ООО Ромашка", "Плательщик1=\udc98", 22, "letters"),
    ],
)
def test_damage_to_what_brings_money_is_refused_with_its_line(was: str, became: str, line: int, said: str) -> None:
    damaged = text(Came()).replace(was, became, 1).rstrip("\n")
    assert damaged != text(Came()).rstrip("\n")
    with pytest.raises(WrongStatement, match=f"line {line}: .*{said}"):
        read(damaged)


@pytest.mark.parametrize(
    ("was", "became", "lenience"),
    [
        ("СекцияДокумент", "СЕКЦИЯДОКУМЕНТ", Lenience.NAMES),
        ("КонецФайла", "конецфайла", Lenience.NAMES),
        ("Отправитель=Банк", "# made by hand", Lenience.LOOSE),
        ("КонецФайла", "КонецФайла\n\x00\x00\x1a", Lenience.PADDING),
        ("Номер=1", "Номер=", Lenience.NO_NUMBER),
        ("ДатаПоступило=30.11.2026", "", Lenience.UNTOLD_DAY),
        ("ДатаПоступило=30.11.2026", "ДатаПоступило=00.00.0000", Lenience.UNTOLD_DAY),
        ("Дата=30.11.2026", "Дата=", Lenience.UNTOLD_DAY),
        ("НазначениеПлатежа=", "НазначениеПлатежа=one\ntwo", Lenience.REPEATED),
    ],
)
def test_what_moves_no_money_is_read_leniently_and_counted(was: str, became: str, lenience: Lenience) -> None:
    assert lenience in noted(text(Came()).replace(was, became, 1))


@pytest.mark.parametrize(
    ("was", "became"),
    [
        ("СекцияДокумент=", " СекцияДокумент = "),
        ("Номер=1", " Номер =  1 "),
        ("\n", "\n\n"),
        ("КонецФайла", "\ufeffКонецФайла"),
        ("Номер=1", "Номер=1\nНомер=1"),
        ("Номер=1", "Номер=1\nСвоеПоле=a\nСвоеПоле=b"),
        ("\nСекцияРасчСчет", "\nРасчСчет=40702810100000000009\nСекцияРасчСчет"),
        (f"ПолучательСчет={OURS}", "ПолучательСчет=40702 810 9 38000017997"),
        (f"ПолучательСчет={OURS}", f"ПолучательРасчСчет={OURS}"),
        ("Кодировка=Windows\n", ""),
    ],
)
def test_what_every_bank_spells_in_its_own_way_is_no_news(was: str, became: str) -> None:
    assert noted(text(Came()).replace(was, became)) <= {Lenience.NAMES}


@pytest.mark.parametrize(
    ("was", "became", "lenience"),
    [
        (f"ПолучательСчет={THEIRS}", "ПолучательСчет=", Lenience.OTHER_SIDE),
        (f"ПолучательСчет={THEIRS}", "ПолучательСчет=0", Lenience.OTHER_SIDE),
        ("Номер=2", "Номер=", Lenience.INCOMPLETE),
        ("Номер=2\nДата=30.11.2026", "Номер=2\nДата=", Lenience.INCOMPLETE),
        ("Сумма=70.00", "Сумма=семьдесят", Lenience.INCOMPLETE),
        ("Сумма=70.00", "Сумма=0.00", Lenience.ZERO),
    ],
)
def test_a_document_that_went_out_may_lack_anything(was: str, became: str, lenience: Lenience) -> None:
    content = text(Came(), replace(Came("2"), amount=rub("70.00")).outgoing())
    assert lenience in noted(content.replace(was, became, 1))
    [other] = [record for record in read(content.replace(was, became, 1)) if isinstance(record, OtherDocument)]
    assert other.direction is (Direction.EMPTY if lenience is Lenience.ZERO else Direction.OUTGOING)


@pytest.mark.parametrize("damage", ["Номер 2", "Номер=2\nНомер=3", "Номер=\udc98", "ДатаСписано=никогда"])
def test_a_document_that_went_out_may_be_damaged(damage: str) -> None:
    noted(text(Came(), replace(Came("2"), amount=rub("70.00")).outgoing()).replace("Номер=2", damage, 1))


def test_a_document_without_a_sum_is_counted_and_left_out() -> None:
    content = text(Came(), replace(Came("2"), amount=rub("70.00"))).replace("Сумма=70.00", "Сумма=0,00")
    assert noted(content) == {Lenience.ZERO}


def test_a_section_without_an_end_is_bounded() -> None:
    long = text(Came()).replace("Номер=1", "Номер=1\n" + "Поле=1\n" * MOST_LINES)
    with pytest.raises(WrongStatement, match=f"has more than {MOST_LINES} lines"):
        read(long)


def test_several_exchange_files_in_one_are_parts() -> None:
    records = read(text(Came("1")) + text(Came("2")))
    assert [one.part for one in records if isinstance(one, BankDocument)] == [0, 1]
