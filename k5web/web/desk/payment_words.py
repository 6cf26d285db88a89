"""Words about a payment for staff: what became of it, what to do, and what each of its traces says."""

from k5web.domain.desk.payment_case import PaymentCase
from k5web.domain.payments.notice import Refusal
from k5web.domain.payments.register import RegisterVerdict
from k5web.domain.payments.top_up import TopUpState
from k5web.services.desk.payment_story import Stage
from k5web.web.texts import _


def case_words(case: PaymentCase) -> tuple[str, str]:
    """Return what became of a payment, and what to do now."""
    return _cases()[case]


def _cases() -> dict[PaymentCase, tuple[str, str]]:
    return _not_come() | _at_the_bank() | _differing() | _on_the_account()


def _not_come() -> dict[PaymentCase, tuple[str, str]]:
    return {
        PaymentCase.NEVER_CAME: (
            _("Платёж к нам не приходил"),
            _(
                "Попросите квитанцию с номером и датой. Деньги у того, кому заплатили: пусть плательщик идёт туда. "
                "Если там говорят, что передали, дождитесь реестра за этот день."
            ),
        ),
        PaymentCase.ONLY_ASKED: (
            _("Спрашивали, можно ли заплатить, но платежа не было"),
            _("Плательщик не довёл платёж до конца или терминал его отменил. Пусть обратится туда, где платил."),
        ),
        PaymentCase.REFUSED: (
            _("Мы отказали в платеже"),
            _("Деньги вернёт тот, кому заплатили. Исправьте с абонентом причину отказа и попросите заплатить снова."),
        ),
        PaymentCase.PUT_OFF: (
            _("Мы попросили прислать платёж позже"),
            _("Платёж придёт сам: его повторят. Если через час его нет, скажите инженеру."),
        ),
        PaymentCase.BARRED: (
            _("Платёж отменили раньше, чем он пришёл"),
            _("Он не зачислится никогда. Деньги вернёт тот, кому заплатили; платить надо снова."),
        ),
        PaymentCase.BEGUN: (
            _("Пополнение начато и ждёт денег"),
            _("Если плательщик говорит, что заплатил, подождите: мы спрашиваем оператора платежа сами."),
        ),
        PaymentCase.UNCLEAR: (
            _("Ответы оператора платежа противоречат друг другу"),
            _("Спросите у него судьбу заказа по номеру ниже и закройте пополнение вручную."),
        ),
        PaymentCase.NOT_PAID: (
            _("Пополнение кончилось без денег"),
            _("Деньги не списаны или уже возвращены. Пусть абонент начнёт новое; если списаны, нужна выписка банка."),
        ),
    }


def _at_the_bank() -> dict[PaymentCase, tuple[str, str]]:
    return {
        PaymentCase.DOUBTFUL: (
            _("Сомнительный: возможно, этот платёж уже зачислен"),
            _("Сравните с известным платежом и решите: другой — зачислить, тот же — соединить."),
        ),
        PaymentCase.JOINED: (
            _("Человек решил: это уже известный платёж"),
            _("Второй раз он не зачисляется. Найдите первый по сумме и дню."),
        ),
        PaymentCase.SUSPENSE: (
            _("Деньги пришли, но неизвестно чьи"),
            _("Они ждут на невыясненных. Узнайте владельца по плательщику и назначению и передайте их ему."),
        ),
        PaymentCase.CLOSED: (
            _("Деньги пришли, но это не платёж абонента"),
            _("Кто и почему так решил, сказано ниже. Если это ошибка, отмените закрытие и передайте деньги владельцу."),
        ),
        PaymentCase.GIVEN: (
            _("Деньги ждали на невыясненных и переданы владельцу"),
            _("Если передали не тому, верните их на невыясненные."),
        ),
    }


def _differing() -> dict[PaymentCase, tuple[str, str]]:
    return {
        PaymentCase.CONFLICT: (
            _("Тот же номер пришёл с другой суммой или счётом"),
            _("Зачислен первый. Спросите у оператора платежа, который верен, и поправьте вручную."),
        ),
        PaymentCase.ONLY_THEIRS: (
            _("Платёж есть в реестре, но у нас не зачислен"),
            _("Зачислите его под тем же номером: тогда позднее уведомление не зачислит его второй раз."),
        ),
        PaymentCase.ONLY_OURS: (
            _("Зачислен у нас, но в реестре этого дня его нет"),
            _("Сам он не списывается. Спросите у оператора платежа; реестр соседнего дня может его содержать."),
        ),
        PaymentCase.SUMS_DIFFER: (
            _("В реестре другая сумма"),
            _("Спросите у оператора платежа, какая верна, и разберите расхождение на странице сверки."),
        ),
    }


def _on_the_account() -> dict[PaymentCase, tuple[str, str]]:
    return {
        PaymentCase.CREDITED: (_("Зачислен"), _("Делать ничего не надо: деньги на счёте.")),
        PaymentCase.REVERSED: (
            _("Был зачислен и отменён целиком"),
            _("Кто отменил, сказано ниже. Деньги вернёт тот, кому заплатили."),
        ),
        PaymentCase.REFUNDED: (_("Возвращён целиком"), _("Деньги ушли плательщику; срок зависит от его банка.")),
        PaymentCase.PART_REFUNDED: (_("Возвращён частично"), _("Остаток платежа на счёте.")),
        PaymentCase.CHARGED_BACK: (
            _("Банк плательщика забрал деньги назад"),
            _("Спор ведёт банк. Проверьте, не остался ли счёт в минусе."),
        ),
    }


def stage_words(stage: Stage) -> str:
    """Return where a trace was left."""
    return {
        Stage.BEGUN: _("Пополнение начато"),
        Stage.NOTICE: _("Уведомление и наш ответ"),
        Stage.POSTING: _("Проводка"),
        Stage.REGISTER: _("Строка реестра"),
        Stage.BANK: _("Строка банковской выписки"),
        Stage.DOUBT: _("Строка выписки под вопросом"),
        Stage.CLOSED: _("Закрыт на невыясненных"),
        Stage.BACK: _("Деньги назад"),
    }[stage]


def verdict_words(verdict: str) -> str:
    """Return what we answered to a notice."""
    return {
        "ok": _("принято"),
        "repeat": _("повтор, прежний ответ"),
        "conflict": _("отказ: под этим номером другое"),
        "refused": _("отказ"),
        "malformed": _("отказ: не прочитано"),
        "forged": _("отказ: подпись не та"),
    }.get(verdict, verdict)


def notice_kind(kind: str) -> str:
    """Return what a provider said."""
    return {
        "check": _("можно ли платить"),
        "paid": _("заплачено"),
        "cancelled": _("отмена"),
        "query": _("что с платежом"),
        "order_paid": _("заказ оплачен"),
        "order_ended": _("заказ не оплачен"),
        "look": _("заказ изменился, спросим, что с ним"),
    }.get(kind, kind)


def why_words(why: str) -> str:
    """Return why a notice was not followed."""
    told: dict[str, str] = {
        Refusal.ACCOUNT_FORMAT: _("счёт написан не так"),
        Refusal.ACCOUNT_UNKNOWN: _("такого счёта нет"),
        Refusal.ACCOUNT_INACTIVE: _("счёт остановлен или закрыт"),
        Refusal.CLOSED: _("этот способ оплаты закрыт"),
        Refusal.SUM_TOO_SMALL: _("сумма меньше наименьшей"),
        Refusal.SUM_TOO_LARGE: _("сумма больше наибольшей"),
        Refusal.WRONG_CURRENCY: _("не та валюта"),
        Refusal.CONFLICT: _("под этим номером другой платёж"),
        Refusal.MALFORMED: _("уведомление не прочитано"),
        Refusal.FORGED: _("подпись не та"),
        Refusal.UNKNOWN_PAYMENT: _("такого платежа нет"),
        Refusal.CANCELLED_BEFORE: _("платёж отменён раньше"),
        Refusal.CANNOT_CANCEL: _("отменить нельзя: деньги потрачены"),
        Refusal.LATER: _("у нас были неполадки, просили повторить"),
        "no_date": _("без даты оператора платежа"),
    }
    return told.get(why, why)


def line_words(verdict: RegisterVerdict) -> str:
    """Return what a register's line was when it was first read."""
    return {
        RegisterVerdict.CONFIRMED: _("сходится"),
        RegisterVerdict.MISSING_HERE: _("у нас не было"),
        RegisterVerdict.MISSING_THERE: _("только у нас"),
        RegisterVerdict.SUM_MISMATCH: _("суммы разные"),
        RegisterVerdict.DUPLICATE: _("повторена в реестре"),
        RegisterVerdict.LATE: _("с опозданием"),
    }[verdict]


def missing_words(stage: Stage) -> str:
    """Return which trace is not there."""
    return {
        Stage.NOTICE: _("уведомления оператора платежа"),
        Stage.POSTING: _("проводки на счёте"),
        Stage.REGISTER: _("строки в реестре оператора платежа"),
        Stage.BANK: _("строки в банковской выписке"),
    }[stage]


def top_up_word(state: str) -> str:
    """Return where a top-up stands."""
    return {
        TopUpState.NEW: _("начато"),
        TopUpState.WAITING: _("ждёт оплаты"),
        TopUpState.HELD: _("деньги карты удержаны"),
        TopUpState.UNCLEAR: _("неясно"),
        TopUpState.DECLINED: _("отклонено"),
        TopUpState.EXPIRED: _("время вышло"),
        TopUpState.CANCELLED: _("отменено плательщиком"),
        TopUpState.PAID: _("оплачено"),
        TopUpState.PART_REFUNDED: _("возвращено частично"),
        TopUpState.REFUNDED: _("возвращено"),
    }[TopUpState(state)]
