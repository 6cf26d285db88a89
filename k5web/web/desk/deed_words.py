"""Words for money by hand: kinds, states, lines of what will happen, refusals."""

from k5web.domain.books.ledger import HOUSE, Posting
from k5web.domain.books.service import REVERSAL, charge_name
from k5web.domain.desk.proposal import ProposalState
from k5web.services.books.statements import StatementLine
from k5web.web.books import reasons
from k5web.web.context import ports
from k5web.web.texts import _


def kind_word(kind: str) -> str:
    """Return what a kind of money by hand is called; other kinds have their own name."""
    return {
        "correction": _("Исправить баланс"),
        "write_off": _("Списать долг"),
        "reversal": _("Отменить операцию"),
        "refund": _("Вернуть платёж вручную"),
        "provider_refund": _("Вернуть платёж тем же способом"),
        "chargeback": _("Платёж отозван банком"),
        "assign": _("Зачислить из невыясненных"),
        "take_back": _("Вернуть платёж в невыясненные"),
        "move": _("Перенести платёж другому абоненту"),
        "close_suspense": _("Закрыть невыясненный платёж"),
        "reopen_suspense": _("Открыть невыясненный платёж снова"),
        "credit_doubt": _("Зачислить сомнительный платёж"),
        "join_doubt": _("Сомнительный платёж уже зачислен"),
        "credit_top_up": _("Зачислить неясное пополнение"),
        "close_top_up": _("Закрыть неясное пополнение"),
        "credit_bank": _("Зачислить перевод, которого нет в выписке"),
        "credit_missing": _("Зачислить платёж из реестра"),
        "uphold_claim": _("Удовлетворить претензию"),
        "pay_claim": _("Деньги по претензии выплачены"),
        "pay_advance": _("Остаток аванса выплачен"),
        "deck.publish": _("Опубликовать прайс-лист"),
        "deck.withdraw": _("Отозвать прайс-лист"),
        "plan.publish": _("Опубликовать тариф"),
        "plan.withdraw": _("Отозвать тариф"),
    }.get(kind, kind)


def state_word(state: ProposalState) -> str:
    """Return where a proposal stands."""
    return {
        ProposalState.WAITING: _("ждёт второго человека"),
        ProposalState.DONE: _("проведено"),
        ProposalState.REFUSED: _("отклонено"),
        ProposalState.WITHDRAWN: _("отозвано автором"),
        ProposalState.EXPIRED: _("срок вышел"),
    }[state]


def line_word(line: Posting) -> str:
    """Return how a line will stand in the statement, or where the house keeps it."""
    if line.owner_id == HOUSE:
        return _("Невыясненные платежи")
    at = ports().clock()
    reverses = charge_name(line.name) if line.name.origin == REVERSAL else None
    return reasons.reason(StatementLine(line, None, None, at, at, reverses))


def counter_word(counter: str) -> str:
    """Return what a house account is."""
    return {
        "gift": _("подарки и жесты доброй воли"),
        "loss": _("убытки"),
        "cash.bank": _("деньги на счёте в банке"),
        "cash.own": _("свои деньги дома"),
        "refund": _("возвраты"),
    }.get(counter, counter)
