"""The switch's question read strictly, and answers that its dialplan can read."""

import re
from pathlib import Path

import pytest

from k5web.domain.calls.call import CallKind
from k5web.domain.calls.routing import MOST_TRIES
from k5web.domain.pbx.question import No, caller_of, no, read_question, yes

DIALPLAN = Path(__file__).parents[3] / "deploy/asterisk/extensions_pbx.conf"
ASKED = {
    "switch": "k5", "channel": "k5-1795866191.77/k5-1795866191.78", "n": "2", "kind": "forward", "owner": "8841",
    "did": "74951110002", "from": "+79161234567", "to": "79160000200", "user": "trunk-a",
}  # fmt: skip


def test_a_question_is_read_field_by_field() -> None:
    question = read_question(ASKED)
    assert (question.linked_id, question.leg_uuid, question.n) == ("k5-1795866191.77", "k5-1795866191.78", 2)
    assert (question.kind, question.owner_id) == (CallKind.FORWARD, 8841)
    assert (question.did, question.caller, question.called) == ("74951110002", "79161234567", "79160000200")
    assert question.form_key == "switch:k5:k5-1795866191.78:2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("switch", ""), ("switch", "k5\n"), ("channel", "one"), ("channel", "a/b/c"), ("channel", "a/" + "b" * 90),
        ("n", "0"), ("n", "-1"), ("n", "12345"), ("kind", "callback"), ("kind", "IN"), ("owner", "0"),
        ("owner", "8841x"), ("owner", "٨"), ("did", "+7495"), ("did", "7" * 16), ("from", "'; drop"),
        ("from", "7" * 50), ("to", ""), ("to", "112x"), ("user", ""), ("user", "trunk a"),
    ],
)  # fmt: skip
def test_what_is_no_question_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}'"):
        read_question(ASKED | {name: value})
    with pytest.raises(ValueError, match=f"'{name}'"):
        read_question({key: field for key, field in ASKED.items() if key != name})


@pytest.mark.parametrize(
    ("shown", "caller"),
    [
        ("+79161234567", "79161234567"), ("79161234567", "79161234567"), ("89161234567", "79161234567"),
        ("9161234567", "79161234567"), ("", ""), ("0", ""), ("123", ""), ("112", ""), ("u8841-1", "u8841-1"),
    ],
)  # fmt: skip
def test_a_caller_is_who_the_carrier_shows_or_nobody(shown: str, caller: str) -> None:
    assert caller_of(shown) == caller


def test_answers_are_those_of_the_dialplan() -> None:
    assert yes("8841-117", 59000, 107, ["trunk-a", "trunk-b"], "74951110001", is_recorded=True) == (
        "yes|8841-117|59000|107|trunk-a,trunk-b|74951110001|rec"
    )
    assert yes("8841-117", 59000, 107, ["trunk-a"], "", is_recorded=False) == "yes|8841-117|59000|107|trunk-a||"
    assert [no(why) for why in No] == ["no|funds", "no|limit", "no|stop_list", "no|closed"]


def test_what_the_dialplan_could_not_read_is_no_answer() -> None:
    for trunks in ([], ["trunk a"], ["t" * 201]):
        with pytest.raises(ValueError, match="would not read"):
            yes("1-1", 59000, 107, trunks, "", is_recorded=False)


def test_trunks_of_every_name_that_settings_allow_fit_into_an_answer_that_the_dialplan_reads() -> None:
    [pattern] = re.findall(r'REGEX\("(\^yes.*?\$)" ', DIALPLAN.read_text("utf-8"))
    trunks = [f"{letter}_-".ljust(40, letter) for letter in "Ab9Z"[:MOST_TRIES]]
    for is_recorded in (True, False):
        assert re.search(pattern, yes("8841-117", 59000, 107, trunks, "74951110001", is_recorded=is_recorded))
