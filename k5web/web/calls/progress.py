"""How a call's progress looks to its subscriber: two rows of a sign and a word, and what is said when it is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.money import Money
from k5web.domain.prices.call_cover import cost_with_covers
from k5web.domain.prices.rating import MICROSECONDS
from k5web.services.calls.ordering import CallView
from k5web.web.calls import kinds
from k5web.web.texts import _, ngettext
from k5web.web.words import money

WAIT, RING, DONE, FAIL = "s-wait", "s-ring", "s-done", "s-fail"  # ids of the signs in templates/calls/signs.svg

AHEAD_S, LEAST_AHEAD_S = 60, 25  # of a talk's costs a page is told; it asks every 10 s, so that two looks may fail
AT_ONCE = timedelta(seconds=2)  # where a line is free, an order leaves the queue sooner

BEFORE_A = {CallState.RESERVED, CallState.PLACING, CallState.CALLING_A}
OURS = {
    Outcome.A_ROUTE_FAILED,
    Outcome.B_ROUTE_FAILED,
    Outcome.FAULT,
    Outcome.NOT_PLACED,
    Outcome.LOST,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One phone's row: a sign, a word, and what its reader should do now."""

    sign: str
    word: str
    hint: str = ""


def waits_behind(view: CallView, now: datetime) -> int | None:
    """Return how many calls are placed before this one, None where it does not wait for a line, or only a moment."""
    place = view.queue_place
    return place if place or now - view.call.ordered_at >= AT_ONCE else None


def rows(call: CallOrder, ahead: int | None) -> tuple[Row, Row]:
    """Return the rows «Ваш телефон» and «Собеседник»; `ahead` as `waits_behind` tells."""
    return _own(call, ahead), _other(call)


def _own(call: CallOrder, ahead: int | None) -> Row:
    if call.outcome is not None or not call.state.is_live:
        return _own_at_end(call)
    if call.a_answered_at is not None and call.state in BEFORE_A:
        return Row(RING, _("ответил"), _("Нажмите 1 на телефоне"))
    if call.a_answered_at is not None or call.state not in BEFORE_A:
        return Row(DONE, _("ответил"))
    if call.state is CallState.RESERVED and not call.attempt and ahead is not None:
        waits = ngettext(
            "Перед вами %(num)s звонок. Наберём сами.", "Перед вами звонков: %(num)s. Наберём сами.", ahead
        )
        return Row(WAIT, _("в очереди"), waits if ahead else _("Вы первые. Наберём, как освободится линия."))
    return Row(RING, _("звоним"), _("Возьмите трубку"))


def _other(call: CallOrder) -> Row:
    if call.outcome is not None or not call.state.is_live:
        return _other_at_end(call)
    if call.state is CallState.TALKING:
        return Row(DONE, _("ответил"), _("Говорите"))
    if call.state is CallState.CALLING_B:
        return Row(RING, _("звоним"), _("Не кладите трубку"))
    if call.press_1:
        return Row(WAIT, _("ждём"), _("Позвоним, когда вы нажмёте 1"))
    return Row(WAIT, _("ждём"), _("Позвоним, когда вы возьмёте трубку"))


def _own_at_end(call: CallOrder) -> Row:
    if call.a_answered_at is not None:
        return Row(DONE, _("ответил"))
    words = {
        Outcome.A_BUSY: _("занято"),
        Outcome.A_NO_ANSWER: _("не отвечает"),
        Outcome.A_WRONG_NUMBER: _("нет такого номера"),
        Outcome.A_OFFLINE: _("не в сети"),
        Outcome.A_REFUSED: _("отклонил"),
        Outcome.A_BLOCKED: _("сеть не пропустила"),
        Outcome.CANCELLED: _("отменено"),
        Outcome.BLOCKED: _("не звонили"),
    }
    return Row(FAIL, words.get(call.outcome, _("нет связи")) if call.outcome else _("нет связи"))


def _other_at_end(call: CallOrder) -> Row:
    if call.b_answered_at is not None:
        return Row(DONE, _("ответил"))
    if call.a_answered_at is None or call.outcome is Outcome.A_NOT_CONFIRMED:
        return Row(WAIT, _("не звонили"))
    words = {
        Outcome.B_BUSY: _("занято"),
        Outcome.B_NO_ANSWER: _("не отвечает"),
        Outcome.B_WRONG_NUMBER: _("нет такого номера"),
        Outcome.B_OFFLINE: _("не в сети"),
        Outcome.B_REFUSED: _("отклонил"),
        Outcome.B_BLOCKED: _("сеть не пропустила"),
        Outcome.CANCELLED: _("отменено"),
        Outcome.A_GAVE_UP: _("не успел ответить"),
        Outcome.LIMIT: _("не успел ответить"),
    }
    return Row(FAIL, words.get(call.outcome, _("нет связи")) if call.outcome else _("нет связи"))


def verdict(call: CallOrder) -> str:
    """Return what happened, in one sentence; what moved on the account is said beside it."""
    if call.b_answered_at is not None:
        if call.outcome is Outcome.LIMIT:
            return _("Разговор окончен: вышло время, на которое хватало денег.")
        return _("Связь прервалась – сбой на нашей стороне.") if call.outcome in OURS else _("Разговор окончен.")
    if (told := kinds.verdict_of_pbx(call)) != "":
        return told
    if call.outcome in OURS:
        return _("Не получилось соединить – сбой на нашей стороне.")
    words = {
        Outcome.CANCELLED: _("Вы завершили звонок."),
        Outcome.BLOCKED: _("Звонок не начат: обслуживание приостановлено."),
        Outcome.A_GAVE_UP: _("Вы положили трубку раньше, чем собеседник ответил."),
        Outcome.A_BUSY: _("Ваш телефон занят. Положите трубку и нажмите ещё раз."),
        Outcome.A_NO_ANSWER: _("Ваш телефон не ответил. Возьмите его в руки и нажмите ещё раз."),
        Outcome.A_WRONG_NUMBER: _("До вашего телефона не дозвониться: сеть не знает такого номера."),
        Outcome.A_REFUSED: _("Звонок на ваш телефон отклонён. Нажмите ещё раз и возьмите трубку."),
        Outcome.A_OFFLINE: _(
            "Ваш телефон не в сети. Включите его или выйдите туда, где есть связь, и нажмите ещё раз."
        ),
        Outcome.A_BLOCKED: _("Сеть вашего телефона не пропустила наш звонок."),
        Outcome.A_NOT_CONFIRMED: _("На вашем телефоне не нажали 1, поэтому собеседнику не звонили."),
        Outcome.LIMIT: _("Собеседник не ответил за то время, на которое хватало денег."),
        Outcome.B_BUSY: _("У собеседника занято."),
        Outcome.B_WRONG_NUMBER: _("Такого номера нет. Проверьте номер."),
        Outcome.B_OFFLINE: _("Телефон собеседника не в сети."),
        Outcome.B_REFUSED: _("Собеседник отклонил звонок."),
        Outcome.B_BLOCKED: _("Сеть собеседника не пропустила звонок."),
    }
    return words.get(call.outcome, _("Собеседник не ответил.")) if call.outcome else ""


def advice(call: CallOrder) -> str:
    """Return what to do where it was our failure; elsewhere the verdict says it."""
    return _("Попробуйте через минуту.") if call.outcome in OURS and call.b_answered_at is None else ""


def outcome_word(call: CallOrder) -> str:
    """Return how a call went, in a word or two for a list."""
    if call.b_answered_at is not None and call.ended_at is not None:
        return span(talked_s(call, call.ended_at) or 0)
    if (told := kinds.outcome_of_pbx(call)) != "":
        return told
    words = {
        Outcome.CANCELLED: _("отменён"),
        Outcome.BLOCKED: _("не начат"),
        Outcome.A_GAVE_UP: _("отменён"),
        Outcome.A_BUSY: _("ваш телефон занят"),
        Outcome.A_NO_ANSWER: _("вы не ответили"),
        Outcome.A_WRONG_NUMBER: _("ваш номер не найден"),
        Outcome.A_OFFLINE: _("ваш телефон не в сети"),
        Outcome.A_REFUSED: _("вы отклонили"),
        Outcome.A_BLOCKED: _("сеть не пропустила"),
        Outcome.A_NOT_CONFIRMED: _("не нажали 1"),
        Outcome.B_BUSY: _("занято"),
        Outcome.B_NO_ANSWER: _("не ответил"),
        Outcome.B_WRONG_NUMBER: _("нет такого номера"),
        Outcome.B_OFFLINE: _("не в сети"),
        Outcome.B_REFUSED: _("отклонил"),
        Outcome.B_BLOCKED: _("сеть не пропустила"),
        Outcome.LIMIT: _("не ответил"),
    }
    return words.get(call.outcome, _("нет связи")) if call.outcome else _("идёт")


def talked_s(call: CallOrder, now: datetime) -> int | None:
    """Return the seconds both have talked so far, or None before they do. Whoever ended the call talks no more, though
    the switch has not said so yet."""
    if call.b_answered_at is None:
        return None
    return max(0, int(((call.ended_at or call.cancel_requested_at or now) - call.b_answered_at).total_seconds()))


def cost_so_far(call: CallOrder, now: datetime) -> Money:
    """Return what the talk has cost by now: both legs by their rules, never more than was reserved."""
    seconds = talked_s(call, now)
    return Money(0, call.hold.currency) if seconds is None else _cost_of(call, seconds)


def costs_ahead(call: CallOrder, now: datetime) -> list[tuple[int, str]]:
    """Return what the talk costs from which of its seconds on, now and until `costs_till_s`, for the page's clock.

    So the page need not know how sums are rounded. Nothing before both talk.
    """
    begin = talked_s(call, now)
    if begin is None:
        return []
    costs = [(second, _cost_of(call, second)) for second in range(begin, begin + AHEAD_S)]
    changes = costs[:1] + [after for before, after in pairwise(costs) if after[1] != before[1]]
    return [(second, money(cost)) for second, cost in changes]


def costs_till_s(call: CallOrder, now: datetime) -> int | None:
    """Return up to which second of the talk `costs_ahead` tells what it costs."""
    begin = talked_s(call, now)
    return None if begin is None else begin + AHEAD_S


def runs_out(call: CallOrder, now: datetime, till_s: int | None) -> bool:
    """Return whether a page that knows the costs up to this second of the talk needs the next ones."""
    begin = talked_s(call, now)
    return begin is not None and till_s is not None and till_s - begin < LEAST_AHEAD_S


def _cost_of(call: CallOrder, seconds: int) -> Money:
    a_us, b_us = (seconds + _head_s(call)) * MICROSECONDS, seconds * MICROSECONDS
    return min(cost_with_covers(call.quote, a_us, b_us, call.covers).main, call.hold)


def _head_s(call: CallOrder) -> int:
    """Return the seconds of leg A before the talk, where its plan counts ringing."""
    if call.a_leg_from == "a_answer" and call.a_answered_at and call.b_answered_at:
        return int(
            (call.b_answered_at - max(call.a_answered_at, call.a_free_until or call.a_answered_at)).total_seconds()
        )
    return 0


def span(seconds: int) -> str:
    """Return a length of time: «1 мин 05 с», «2 мин», «45 с»."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return _("%(rest)s с", rest=rest)
    if not rest:
        return _("%(minutes)s мин", minutes=minutes)
    return _("%(minutes)s мин %(rest)s с", minutes=minutes, rest=f"{rest:02d}")


def clock_face(seconds: int) -> str:
    """Return a talk's clock: «1:05»."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def seconds(duration_us: int) -> str:
    """Return talked time to a tenth of a second, never rounded up: «65,4 с»."""
    return _("%(seconds)s с", seconds=f"{duration_us // 1_000_000},{duration_us // 100_000 % 10}")
