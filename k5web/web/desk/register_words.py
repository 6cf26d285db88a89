"""Russian words of registers, statements and jobs of the desk: what each thing is called, and what to do about it."""

from k5web.domain.books.bill_check import BillFault
from k5web.domain.desk.job import JobState
from k5web.domain.payments.register import RegisterVerdict
from k5web.domain.payments.register_day import HowResolved, RegisterPair
from k5web.web.texts import _


def kind_word(kind: str) -> str:
    """Return what a job does."""
    return {
        "register": _("Реестр платёжной системы"),
        "statement": _("Выписка банка"),
        "deck": _("Прайс-лист"),
        "plan": _("Тариф"),
        "approval": _("Публикация прайс-листа"),
    }.get(kind, kind)


def state_word(state: JobState) -> str:
    """Return where a job stands."""
    return {
        JobState.WAITING: _("ждёт своей очереди"),
        JobState.RUNNING: _("идёт"),
        JobState.ASKING: _("ждёт вашего ответа"),
        JobState.DONE: _("сделано"),
        JobState.REFUSED: _("не принято"),
        JobState.FAILED: _("не удалось"),
    }[state]


def step_word(step: str) -> str:
    """Return the step that a job's progress counts."""
    return {
        "reading": _("чтение"),
        "comparing": _("сверка"),
        "comparing_prices": _("сравнение с прежними ценами"),
        "past_month": _("пересчёт прошлого месяца"),
        "publishing": _("публикация"),
    }.get(step, step)


def verdict_word(verdict: str) -> str:
    """Return how a payment of a register was judged."""
    return {
        RegisterVerdict.CONFIRMED.value: _("сошлось"),
        RegisterVerdict.MISSING_HERE.value: _("только у них"),
        RegisterVerdict.MISSING_THERE.value: _("только у нас"),
        RegisterVerdict.SUM_MISMATCH.value: _("суммы разные"),
        RegisterVerdict.DUPLICATE.value: _("дважды в реестре"),
        RegisterVerdict.LATE.value: _("зачислено поздно"),
    }.get(verdict, verdict)


def bank_why(why: str) -> str:
    """Return why nobody was found for a payment."""
    return {
        "nobody": _("счёт не назван"),
        "unknown": _("такого счёта нет"),
        "several": _("названо несколько счетов"),
        "inactive": _("счёт закрыт или остановлен"),
        "currency": _("счёт в другой валюте"),
    }.get(why, why)


def how_word(how: HowResolved) -> str:
    """Return what was done about a difference."""
    return {
        HowResolved.CREDITED: _("зачислено под именем платежа"),
        HowResolved.CONFLICT: _("расхождение сумм разобрано"),
        HowResolved.CLARIFIED: _("выяснено"),
    }[how]


def what_to_do(pair: RegisterPair) -> str:
    """Return what a person does about a difference before it is resolved."""
    if pair.name.is_back:
        return _("Это возврат. Спросите платёжную систему, затем отметьте, чем кончилось; деньги отсюда не двигаются.")
    return {
        RegisterVerdict.MISSING_HERE: _(
            "Деньги пришли, у нас их нет: зачислите абоненту. Позднее уведомление не зачислит второй раз."
        ),
        RegisterVerdict.MISSING_THERE: _(
            "У нас зачислено, у них нет. Само не снимается: спросите платёжную систему и напишите, что выяснилось."
        ),
        RegisterVerdict.SUM_MISMATCH: _(
            "Спросите, чья сумма верна. Их – сделайте исправление на странице абонента; наша – попросите новый реестр. "
            "Затем отметьте здесь."
        ),
        RegisterVerdict.DUPLICATE: _(
            "Зачислено один раз. Спросите, один это платёж или два, и напишите, что выяснилось."
        ),
    }.get(pair.name.verdict, "")


def bill_fault(fault: BillFault) -> str:
    """Return what is wrong with a call's charge, and what to do."""
    return {
        BillFault.NOT_IN_LEDGER: _("Начислено, но в книге операции нет: проверьте звонок и проведите начисление."),
        BillFault.ONLY_IN_LEDGER: _("В книге операция есть, звонка нет: верните деньги, когда это доказано."),
        BillFault.LEDGER_DIFFERS: _("В книге другая сумма: сторнируйте её и проведите верную."),
        BillFault.CDR_DIFFERS: _("По записям станции цена другая: сверьте плечи звонка и исправьте списание."),
    }[fault]
