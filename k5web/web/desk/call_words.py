"""Words of the desk about calls: how they ended, what is unsure and what to do, signs of fraud, sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.calls.endings import Ending
from k5web.domain.calls.fraud import Alarm, AlarmKind
from k5web.domain.calls.quality import CANCELLED, Margin
from k5web.domain.calls.stops import StopKind
from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money
from k5web.services.calls.staff_view import Line, TrunkLine
from k5web.web.texts import _
from k5web.web.words import NBSP, masked, money

NOTHING: Final = "–"
WHOLE_NUMBER: Final = 10  # digits
STUCK: Final = "stuck"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the rules of recovery could not settle for certain: what happened, what to do."""

    what: str
    advice: str


def doubts() -> Mapping[str, Doubt]:
    """Return what may be unsure about a call, by its name."""
    return {
        STUCK: Doubt(
            _("неизвестно, звонит ли телефон"),
            _("Коммутатор молчит. Заново не набираем: K5 сам закроет звонок по записям или как не начатый."),
        ),
        IncidentKind.HOLD_EXPIRED: Doubt(
            _("удержание истекло, записи о звонке нет"),
            _("Деньги уже свободны. Проверьте, читаются ли записи коммутатора; поздний расчёт отметят."),
        ),
        IncidentKind.SETTLED_WITHOUT_HOLD: Doubt(
            _("запись пришла после конца удержания"),
            _("Остаток мог стать меньше нуля. Найдите, что задержало записи: обработчик, файл записей, база."),
        ),
        IncidentKind.COST_ABOVE_HOLD: Doubt(
            _("стоил больше, чем удержано"),
            _("Списано только удержанное. Посмотрите нагрузку и часы коммутатора в это время."),
        ),
        IncidentKind.LATE_RECORD: Doubt(
            _("запись пришла после закрытия"),
            _("По ней ничего не списано. Сверьте со счётом оператора связи."),
        ),
        IncidentKind.CALL_LOST: Doubt(
            _("не все записи коммутатора пришли"),
            _("Списано то, что они доказывают. Больше не списывайте, пока оператор связи не докажет разговор."),
        ),
        IncidentKind.CALL_FAULT: Doubt(
            _("сбой K5 в этом звонке"),
            _("Передайте ошибку из журнала обработчика тем, кто ведёт K5. Звонок пробуют закрыть снова сами."),
        ),
        IncidentKind.SWITCH_FAULT: Doubt(
            _("коммутатор бросил трубку, не позвонив собеседнику"),
            _("Абонент не платит, оператор связи возьмёт. Держите число звонков ниже предела коммутатора."),
        ),
    }  # fmt: skip


def state(call: CallOrder) -> str:
    """Return where a call stands."""
    words = {
        CallState.RESERVED: _("ждёт линии"),
        CallState.PLACING: _("отдан коммутатору"),
        CallState.CALLING_A: _("звоним абоненту"),
        CallState.CALLING_B: _("звоним собеседнику"),
        CallState.TALKING: _("говорят"),
        CallState.ENDED: _("окончен, ждёт расчёта"),
        CallState.SETTLED: _("рассчитан"),
        CallState.NOT_PLACED: _("не начат"),
    }
    if call.cancel_requested_at is not None and call.state.is_live:
        return _("велено закончить")
    return words[call.state]


def outcome(ended: Outcome) -> str:
    """Return how a call ended, as staff say it."""
    return {
        Outcome.DONE_A: _("разговор, положил абонент"),
        Outcome.DONE_B: _("разговор, положил собеседник"),
        Outcome.LIMIT: _("вышло время"),
        Outcome.CANCELLED: _("завершён отсюда"),
        Outcome.A_GAVE_UP: _("абонент не дождался"),
        Outcome.A_NO_ANSWER: _("абонент не ответил"),
        Outcome.A_BUSY: _("абонент занят"),
        Outcome.A_WRONG_NUMBER: _("номера абонента нет"),
        Outcome.A_OFFLINE: _("абонент не в сети"),
        Outcome.A_REFUSED: _("абонент отклонил"),
        Outcome.A_BLOCKED: _("к абоненту не пропустила сеть"),
        Outcome.A_NOT_CONFIRMED: _("абонент не нажал 1"),
        Outcome.A_ROUTE_FAILED: _("сбой пути к абоненту"),
        Outcome.B_NO_ANSWER: _("собеседник не ответил"),
        Outcome.B_BUSY: _("собеседник занят"),
        Outcome.B_WRONG_NUMBER: _("номера собеседника нет"),
        Outcome.B_OFFLINE: _("собеседник не в сети"),
        Outcome.B_REFUSED: _("собеседник отклонил"),
        Outcome.B_BLOCKED: _("к собеседнику не пропустила сеть"),
        Outcome.B_ROUTE_FAILED: _("сбой пути к собеседнику"),
        Outcome.FAULT: _("сбой коммутатора"),
        Outcome.LOST: _("потерян"),
        Outcome.NOT_PLACED: _("не начат"),
        Outcome.BLOCKED: _("не начат: абонента остановили"),
    }[ended]


def failure(name: str) -> str:
    """Return why legs were not answered."""
    return {
        CANCELLED: _("отменены"),
        Ending.NO_ANSWER: _("не ответили"),
        Ending.BUSY: _("занято"),
        Ending.WRONG_NUMBER: _("нет номера"),
        Ending.OFFLINE: _("не в сети"),
        Ending.REFUSED: _("отклонили"),
        Ending.BLOCKED: _("не пропустила сеть"),
        Ending.ROUTE_FAILED: _("сбой пути"),
    }[name]


def sign(alarm: Alarm) -> str:
    """Return what an alarm saw, with its numbers."""
    seen, least = alarm.facts["seen"], alarm.facts["least"]
    if alarm.kind is AlarmKind.RISK:
        unit = alarm.facts["unit"]
        return _(
            "Рискованные направления за сутки: %(sum)s, звонков %(calls)s (тревога с %(least)s)",
            sum=money(Money(seen, unit)), calls=alarm.facts["calls"], least=money(Money(least, unit)),
        )  # fmt: skip
    return {
        AlarmKind.VELOCITY: _("Звонков за 10 минут: %(seen)s (тревога с %(least)s)", seen=seen, least=least),
        AlarmKind.NIGHT: _("Звонков ночью за час: %(seen)s (тревога с %(least)s)", seen=seen, least=least),
        AlarmKind.WEEKEND: _("Звонков в выходной за час: %(seen)s (тревога с %(least)s)", seen=seen, least=least),
        AlarmKind.SHORT: _("Разговоров до 10 секунд за час: %(seen)s (тревога с %(least)s)", seen=seen, least=least),
        AlarmKind.FIRST_DAY: _("Отказов предела первых суток: %(seen)s (тревога с %(least)s)", seen=seen, least=least),
    }[alarm.kind]


def stop_kind(kind: StopKind) -> str:
    """Return what an entry of the stop-list is about."""
    return {
        StopKind.TO: _("никто не звонит на"),
        StopKind.FROM: _("не принимаем звонки с"),
        StopKind.SUBSCRIBER: _("не принимаем звонки абонента"),
    }[kind]


def stopped(what: str) -> str:
    """Return a prefix of the stop-list, or as much of a whole number as everybody at the desk may know."""
    return masked(what) if len(what) >= WHOLE_NUMBER else f"+{what}"


def number(value: Decimal | None, unit: str = "") -> str:
    """Return a decimal as people write it, a dash for none."""
    if value is None:
        return NOTHING
    return f"{value:.1f}".replace(".", ",") + (f"{NBSP}{unit}" if unit else "")


def seconds(us: int | None) -> str:
    """Return a time to a tenth of a second, a dash for none."""
    return NOTHING if us is None else number(Decimal(us // 100_000) / 10, _("с"))


def health(line: Line) -> str:
    """Return how a switch or trunk is."""
    if isinstance(line, TrunkLine) and line.off:
        return _("выключен: %(reason)s (%(actor)s)", reason=line.off.reason, actor=line.off.actor)
    if isinstance(line, TrunkLine) and not line.is_on:
        return _("выключен в настройках")
    if line.trouble is None:
        return _("в порядке")
    stand = _("отдыхает") if line.rests else _("на испытании")
    return _(
        "%(stand)s: сбоев подряд %(failures)s, сомнений %(doubts)s, последний %(reason)s",
        stand=stand, failures=line.trouble.failures, doubts=line.trouble.doubts, reason=line.trouble.reason,
    )  # fmt: skip


def sums(of: Mapping[str, Money]) -> str:
    """Return sums of several currencies, a dash for none."""
    return "; ".join(money(each) for each in of.values()) or NOTHING


def revenue(of: Mapping[str, Margin]) -> str:
    """Return what calls earned."""
    return "; ".join(money(each.revenue) for each in of.values()) or NOTHING


def cost(of: Mapping[str, Margin]) -> str:
    """Return what carriers take, as far as that is known."""
    return "; ".join(_at_least(each) for each in of.values()) or NOTHING


def margin(of: Mapping[str, Margin]) -> str:
    """Return what is left; a loss is said in words."""
    return "; ".join(_left(each) for each in of.values()) or NOTHING


def _at_least(each: Margin) -> str:
    return _("не меньше %(sum)s", sum=money(each.cost)) if each.unknown else money(each.cost)


def _left(each: Margin) -> str:
    if each.is_loss:
        return _("убыток %(sum)s", sum=money(each.cost - each.revenue))
    return _("неизвестна") if each.margin is None else money(each.margin)
