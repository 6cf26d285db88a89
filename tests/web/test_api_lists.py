"""The API's lists: calls, conversations and numbers of the token's owner alone, page by page. Promises: B7."""

import pytest
from sqlalchemy import insert, update

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import numbers
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.pbx import call_pages
from k5web.storage.tables import CallRow, ConversationLegRow, ConversationRow
from tests.services.accounts.stock import GO, A, fill, on
from tests.services.house import House
from tests.services.pbx.talks import record, with_files
from tests.web.programs import Program


@pytest.fixture
def k5(k5: House) -> House:
    """The house with the recorded files of its switch."""
    with_files(k5)
    return k5


def converse(k5: House, n: int, owner_id: int | None = None, call_n: int | None = None) -> str:
    owner, linked_id = owner_id or k5.caller.id, f"k5-1796117400.{n}"
    same = {"owner_id": owner, "switch": "k5", "linked_id": linked_id}
    talk = {"direction": "in", "number": "74951110002", "caller": "79161234567", "called": "74951110002"}
    leg = {"leg_uuid": f"{linked_id}1", "endpoint": "trunk-a", "started_at": k5.clock(), "call_n": call_n}
    with k5.ports.sessions.begin() as db:
        db.execute(insert(ConversationRow).values(**same, **talk, began_at=k5.clock(), outcome="missed"))
        db.execute(insert(ConversationLegRow).values(**same, **leg))
    return linked_id


def test_calls_come_newest_first_with_their_cost(program: Program, k5: House) -> None:
    first = k5.talk(k5.order(), "61")
    second = k5.order("+74957654321")
    page = program.get("/calls").get_json()
    assert [call["id"] for call in page["calls"]] == [second.id, first.id]
    assert page["next_before"] is None
    assert [call["kind"] for call in page["calls"]] == ["callback", "callback"]
    cost = page["calls"][1]
    assert cost["cost"]["amount"] == "4.40"
    assert cost == program.get(f"/calls/{first.id}").get_json()
    assert page["calls"][0]["cost"] is None


def test_a_paid_call_names_its_conversation(program: Program, k5: House) -> None:
    call = k5.talk(k5.order(), "61")
    linked_id = converse(k5, 1, call_n=1)
    row = {"kind": "in", "asked_by": f"{linked_id}1", "switch": "k5", "b_number": ""}
    with k5.ports.sessions.begin() as db:
        db.execute(update(CallRow).values(**row))
    for found in (program.get("/calls").get_json()["calls"][0], program.get(f"/calls/{call.id}").get_json()):
        assert (found["kind"], found["conversation"]) == ("in", f"k5/{linked_id}")
        assert found["b"]["number"] is None
    [talk] = program.get("/conversations").get_json()["conversations"]
    assert [leg["call"] for leg in talk["legs"]] == [call.id]


def test_calls_are_paged_by_the_last_one_shown(program: Program, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_pages, "PAGE", 2)
    ids = [k5.talk(k5.order(), "10").id for _ in range(5)]
    found, before = [], ""
    while before is not None:
        page = program.get(f"/calls{before and f'?before={before}'}").get_json()
        found += [call["id"] for call in page["calls"]]
        before = page["next_before"]
    assert found == ids[::-1]


def test_conversations_come_with_legs_and_recordings_page_by_page(
    program: Program, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_pages, "PAGE", 2)
    names = []
    for n in range(5):
        names.append(converse(k5, n))
        k5.clock.forward(seconds=n % 2)  # some at the same moment
    files = k5.ports.switch_tables["k5"]
    talk = record(k5, files, 4, linked_id=names[4])  # type: ignore[arg-type]
    found, before = [], ""
    while before is not None:
        page = program.get(f"/conversations{before and f'?before={before}'}").get_json()
        found += page["conversations"]
        before = page["next_before"]
    assert [one["id"] for one in found] == [f"k5/{name}" for name in names[::-1]]
    assert found[0]["recordings"] == [f"http://127.0.0.1:8000/me/recordings/k5/{talk.file}"]
    assert found[0]["legs"][0]["endpoint"] == "trunk-a"
    assert (found[0]["caller"], found[0]["outcome"], found[1]["recordings"]) == ("79161234567", "missed", [])


def test_numbers_that_are_rented_are_told(program: Program, k5: House) -> None:
    assert program.get("/numbers").get_json() == {"numbers": []}
    fill(k5.ports, A)
    tenant = on(k5.ports, GO, k5.caller)
    numbers.reserve(k5.ports, tenant, A)
    assert program.get("/numbers").get_json() == {"numbers": []}
    numbers.connect(k5.ports, tenant, A, "form", rub("0.00"))
    assert program.get("/numbers").get_json() == {"numbers": [{"number": f"+{A}", "since": "2026-12-01T09:00:00Z"}]}


def test_nobody_elses_are_told(program: Program, k5: House) -> None:
    other = add_subscriber(k5.ports, Msisdn("79270000001"), "correct horse", "Ольга")
    converse(k5, 1, owner_id=other.id)
    assert program.get("/conversations").get_json()["conversations"] == []
    assert program.get("/calls").get_json()["calls"] == []
    assert program.get(f"/calls?before={other.id}-1").status_code == 404


def test_what_is_no_place_in_a_list_is_refused(program: Program) -> None:
    moments = ("2026-12-01T09:00:00,a", "2026-12-01T09:00:00Z", "9999-12-31T23:59:59-23:00,a")
    for before in ("x", "2026-12-01,a", "9,a,b", *moments):
        answer = program.get(f"/conversations?before={before}")
        assert (answer.status_code, answer.get_json()["where"]) == (400, "before"), before
        assert program.get(f"/calls?before={before}").status_code == 404, before
