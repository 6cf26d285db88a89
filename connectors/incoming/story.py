"""What a caller of the simulated switch lives through, in words: what is heard, who is rung, why it ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

PROMPTS: Final[Mapping[str, str]] = {  # the house's own voice, as deploy/asterisk/sounds/make speaks it
    "recorded": "Разговор записывается.",
    "greeting": "Здравствуйте! Вы позвонили в организацию. Наберите добавочный номер или подождите ответа.",
    "enter-id": "Наберите номер организации.",
    "no-money": "На счёте недостаточно денег для этого звонка.",
    "leave-message": "Оставьте сообщение после сигнала.",
    "not-now": "Сейчас мы не работаем. Позвоните, пожалуйста, позже.",
    "wait-operator": "Подождите, пожалуйста, вам ответят.",
    "invalid": "Такого номера нет.",
    "pbx-invalid": "Такого номера нет.",
}
_SILENCE: Final[Mapping[str, str]] = {
    "funds": "не хватило денег",
    "limit": "исчерпан предел",
    "stop_list": "туда звонить нельзя",
    "closed": "направление закрыто",
    "silent": "K5 не ответил",
}
_NO_ANSWER: Final[Mapping[str, str]] = {"BUSY": "Занято.", "NOANSWER": "Не ответили."}
_SENTENCES: Final[Mapping[str, str]] = {
    "unknown_number": "Этот номер никто не снял: занято.",
    "black_list": "Ваш номер в чёрном списке: звонок не пропущен.",
    "no_account": "Такого телефона станция не знает.",
    "in": "Звонок пришёл на номер.",
    "fault": "Правило номера выполнить не удалось: звонят все телефоны.",
    "nothing_pressed": "Вы ничего не нажали.",
    "open": "Сейчас рабочее время.",
    "closed": "Сейчас нерабочее время.",
    "waits": "Вы ждёте в очереди.",
    "unreachable": "Телефоны не в сети.",
    "paid": "K5 зарезервировал деньги на платную часть.",
    "recorded": "Разговор записывается.",
    "leaves_message": "После сигнала вы наговариваете сообщение.",
    "over": "Звонок окончен.",
}


class Step(Protocol):
    """Something that happened to a call. Units: `at_us` microseconds since the epoch."""

    @property
    def at_us(self) -> int:
        """When."""

    @property
    def what(self) -> str:
        """A word of the simulated switch."""

    @property
    def about(self) -> str:
        """What it is about."""


def told(steps: Sequence[Step], titled: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    """Yield the seconds since the beginning and a sentence for each step. `titled`: a prompt of an organisation's own
    by its path."""
    for step in steps:
        yield (step.at_us - steps[0].at_us) // 1_000_000, sentence(step, titled)


def sentence(step: Step, titled: Callable[[str], str]) -> str:
    """Return what happened, as the caller would say it."""
    match step.what:
        case "heard":
            return f"Вы слышите: «{PROMPTS.get(step.about) or titled(step.about)}»"
        case "pressed":
            return f"Вы нажали {step.about}."
        case "rings":
            return f"Звонят {step.about.replace(',', ', ')}."
        case "rings_out":
            return f"Звонят на +{step.about}."
        case "answered":
            who = f"+{step.about}" if len(step.about) > 6 else step.about
            return f"Ответил {who}: вы разговариваете."
        case "no_answer":
            return _NO_ANSWER.get(step.about, "Не дозвонились.")
        case "not_paid":
            return f"Платная часть не начата: {_SILENCE.get(step.about, step.about)}."
        case _:
            return _SENTENCES.get(step.what, step.what)
