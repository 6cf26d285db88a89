"""A call in words: whatever the simulated switch tells has a sentence."""

import re
from pathlib import Path

import pytest

from connectors.incoming.story import PROMPTS, sentence, told
from k5web.telephony.simulator.pbx_call import Step

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step(1, "heard", "greeting"), f"Вы слышите: «{PROMPTS['greeting']}»"),
        (Step(1, "heard", "o/8841/ab12"), "Вы слышите: «o/8841/ab12!»"),
        (Step(1, "pressed", "201"), "Вы нажали 201."),
        (Step(1, "rings", "201,202"), "Звонят 201, 202."),
        (Step(1, "rings_out", "79160000200"), "Звонят на +79160000200."),
        (Step(1, "answered", "201"), "Ответил 201: вы разговариваете."),
        (Step(1, "answered", "79160000200"), "Ответил +79160000200: вы разговариваете."),
        (Step(1, "no_answer", "BUSY"), "Занято."),
        (Step(1, "no_answer", "CHANUNAVAIL"), "Не дозвонились."),
        (Step(1, "not_paid", "funds"), "Платная часть не начата: не хватило денег."),
    ],
)
def test_a_step_is_a_sentence(step: Step, said: str) -> None:
    assert sentence(step, lambda path: f"{path}!") == said


def test_every_word_of_the_switch_is_known() -> None:
    places = [ROOT / "k5web/telephony/simulator" / name for name in ("dialplan.py", "pbx_line.py")]
    texts = " ".join(path.read_text("utf-8") for path in places)
    words = set(re.findall(r'\.tell\("([a-z_]+)"', texts)) | {"open", "closed", "paid", "not_paid"}
    assert len(words) > 15
    assert {word for word in words if sentence(Step(1, word, "1"), str) == word} == set()


def test_the_house_s_prompts_are_spoken_as_they_are_shown() -> None:
    made = (ROOT / "deploy/asterisk/sounds/make").read_text("utf-8")
    spoken = dict(re.findall(r'^say ([a-z-]+) "(.*)"$', made, re.MULTILINE))
    assert {name: PROMPTS.get(name) for name in spoken} == spoken


def test_seconds_count_from_the_beginning() -> None:
    steps = [Step(5_000_000, "in", "8841"), Step(8_900_000, "over")]
    assert list(told(steps, str)) == [(0, "Звонок пришёл на номер."), (3, "Звонок окончен.")]
