"""Drafts of price lists: checked, kept, published as they were shown and no other way."""

from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread

import pytest

from k5web.domain.prices.price_draft import DraftState, PriceDraft
from k5web.errors import (
    DeckStopped,
    DraftEnded,
    DraftOutdated,
    DraftTaken,
    DraftTooLong,
    K5Error,
    PastDay,
    WrongDeck,
)
from k5web.services.ports import Ports
from k5web.services.prices import deck_drafts, drafts, ratedecks, withdrawals
from k5web.services.prices.deck_drafts import DraftWish
from k5web.services.prices.deck_publishing import AS_IT_IS, ImportOptions
from k5web.services.prices.ratedecks import DeckFile, DeckImport
from k5web.storage.prices import draft_rows
from tests.conftest import Clock
from tests.services.prices.decks import prices, rejected

NEXT_MONTH = date(2027, 1, 1)
PLAIN = "7495,Москва,0.45\n79,Россия мобильный,1.75\n7343,Екатеринбург,0.52\n7861,Краснодар,0.91\n"
DEARER = PLAIN.replace("0.45", "0.50")
MEANT = ImportOptions(replace=True)
Upload = Callable[..., PriceDraft]


@pytest.fixture
def upload(ports: Ports, put: Callable[..., DeckImport]) -> Upload:
    """Upload a list for next month over the one in force."""
    put(PLAIN)

    def uploading(content: str = DEARER, day: date = NEXT_MONTH, options: ImportOptions = MEANT) -> PriceDraft:
        return deck_drafts.upload(ports, DraftWish("k5", day, DeckFile("new.csv", content.encode()), options), "anna")

    return uploading


def approve(ports: Ports, draft: PriceDraft, actor: str = "boris") -> int:
    with ports.sessions.begin() as db:
        return deck_drafts.publish_draft(ports, db, draft.id, actor).id


def test_a_draft_shows_what_the_import_would_do_and_publishes_nothing(upload: Upload, ports: Ports) -> None:
    draft = upload("7495,Москва,0.50\n79,Россия мобильный,1.70\n996,Бишкек,3\n7861,Краснодар,0.91\n")
    shown = draft.shown
    assert shown["counts"] == {
        "new": 1, "gone": 1, "dearer": 1, "cheaper": 1, "changed": 0, "overlaps": 0, "same": 1,
    }  # fmt: skip
    assert shown["rows"]["dearer"] == [["7495", "Москва", "0.45", "0.50"]]
    assert shown["rows"]["gone"] == [["7343", "Екатеринбург", "0.52", ""]]
    assert (shown["asks"], shown["month"], shown["effect"]["directions"]) == ([], "2026-11-01", [])
    assert len(ratedecks.versions(ports)) == 1


def test_a_wrong_row_is_named_by_its_line_and_no_draft_is_kept(upload: Upload, ports: Ports) -> None:
    with pytest.raises(WrongDeck) as refused:
        upload("7495,Москва,0.50\n79,Россия,x\n")
    assert [row.line for row in rejected(refused)] == [2]
    with ports.sessions.read() as db:
        assert draft_rows.listed(db, "deck", None, 10) == []


def test_approval_publishes_what_was_shown_and_it_takes_force_on_its_day(
    upload: Upload, ports: Ports, clock: Clock
) -> None:
    draft = upload()
    version = approve(ports, draft)
    with ports.sessions.read() as db:
        done = draft_rows.find(db, draft.id)
    assert (done.state, done.ended_by, done.version_id) == (DraftState.PUBLISHED, "boris", version)
    assert prices(ports.rates.table("k5"))["7495"] == "0.45"
    clock.forward(days=31)
    assert prices(ports.rates.table("k5"))["7495"] == "0.50"


def test_the_same_file_twice_is_one_draft_and_another_for_the_day_is_refused(upload: Upload) -> None:
    first = upload()
    assert upload().id == first.id
    with pytest.raises(DraftTaken) as refused:
        upload(PLAIN.replace("0.45", "0.49"))
    assert refused.value.facts["draft"] == first.id
    assert upload(PLAIN.replace("0.45", "0.49"), date(2027, 2, 1)).id != first.id


def test_a_draft_that_was_published_or_dropped_is_over(upload: Upload, ports: Ports) -> None:
    draft = upload()
    approve(ports, draft)
    for again in (
        lambda: approve(ports, draft),
        lambda: drafts.drop(ports, draft.id, "anna"),
        lambda: deck_drafts.check_again(ports, draft.id, AS_IT_IS),
    ):
        with pytest.raises(DraftEnded):
            again()
    assert len(ratedecks.versions(ports)) == 2


def test_a_dropped_draft_frees_its_day(upload: Upload, ports: Ports) -> None:
    first = upload()
    drafts.drop(ports, first.id, "anna")
    assert upload(PLAIN.replace("0.45", "0.49")).id != first.id
    with pytest.raises(DraftEnded):
        approve(ports, first)


def test_what_was_published_since_stops_the_approval_until_it_is_looked_at(
    upload: Upload, ports: Ports, put: Callable[..., DeckImport]
) -> None:
    draft = upload()
    put(PLAIN.replace("0.45", "0.47"), date(2026, 12, 20))
    with pytest.raises(DraftOutdated):
        approve(ports, draft)
    again = deck_drafts.check_again(ports, draft.id, ImportOptions(replace=True))
    assert again.shown["rows"]["dearer"] == [["7495", "Москва", "0.47", "0.50"]]
    approve(ports, again)


def test_what_the_import_asks_is_asked_here_and_an_answer_lets_it_through(upload: Upload, ports: Ports) -> None:
    draft = upload("7495,Москва,0.50\n79,Россия мобильный,1.75\n", options=AS_IT_IS)
    assert [answer for answer, _ in draft.shown["asks"]] == ["replace", "replace"]
    with pytest.raises(DeckStopped):
        approve(ports, draft)
    answered = deck_drafts.check_again(ports, draft.id, ImportOptions(replace=True))
    assert answered.shown["asks"] == []
    assert deck_drafts.options_of(answered) == ImportOptions(replace=True)
    approve(ports, answered)


def test_a_day_that_is_over_is_refused_at_upload_and_at_approval(upload: Upload, ports: Ports, clock: Clock) -> None:
    with pytest.raises(PastDay):
        upload(day=date(2026, 11, 30))
    draft = upload(PLAIN.replace("0.45", "0.40"), date(2026, 12, 2))
    clock.forward(days=2)
    with pytest.raises(PastDay):
        approve(ports, draft)


def test_a_list_too_long_for_a_draft_is_sent_to_the_command(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deck_drafts, "MOST_PRICES", 3)
    with pytest.raises(DraftTooLong):
        upload()


def test_a_carriers_columns_are_read_by_its_mapping_also_at_approval(ports: Ports) -> None:
    mapping = b'heading = 1\n[columns]\nprefix = "Code"\ndestination = "Name"\nper_minute = "Rate"\n'
    file = DeckFile("carrier.csv", b"Code,Name,Rate\n7495,Moscow,0.30\n", mapping, "carrier.toml")
    wish = DraftWish("carrier", NEXT_MONTH, file, ImportOptions(currency="RUB"))
    draft = deck_drafts.upload(ports, wish, "anna")
    approve(ports, draft)
    [(version, _)] = ratedecks.versions(ports)
    assert (version.name, version.row_count) == ("carrier", 1)


def race(*tasks: Callable[[], object]) -> list[str]:
    """Run tasks at once; return how each ended: "" or the code of its refusal."""
    start, ended = Barrier(len(tasks)), [""] * len(tasks)

    def run(n: int, task: Callable[[], object]) -> None:
        start.wait()
        try:
            task()
        except K5Error as error:
            ended[n] = error.code

    threads = [Thread(target=run, args=(n, task)) for n, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def test_two_approvals_at_once_publish_one_version(upload: Upload, ports: Ports) -> None:
    draft = upload()
    ended = race(lambda: approve(ports, draft), lambda: approve(ports, draft, "vera"))
    assert sorted(ended) == ["", "draft_ended"]
    assert len(ratedecks.versions(ports)) == 2


def test_two_uploads_for_a_day_at_once_are_one_draft(upload: Upload, ports: Ports) -> None:
    other = PLAIN.replace("0.45", "0.49")
    assert sorted(race(upload, lambda: upload(other))) == ["", "draft_taken"]
    with ports.sessions.read() as db:
        assert len(draft_rows.listed(db, "deck", None, 10)) == 1


def test_an_approval_beside_a_withdrawal_never_publishes_what_was_not_shown(
    upload: Upload, ports: Ports, put: Callable[..., DeckImport]
) -> None:
    before = put(PLAIN.replace("0.45", "0.47"), date(2026, 12, 20)).version
    assert before is not None
    draft = upload()

    def withdraw() -> None:
        with ports.sessions.begin() as db:
            withdrawals.withdraw_deck(ports, db, before.id, "vera", "ошибка")

    approved, withdrawn = race(lambda: approve(ports, draft), withdraw)
    assert withdrawn == ""
    assert approved in {"", "draft_outdated"}
    standing = [version.source for version, _ in ratedecks.versions(ports)]
    assert standing == (["list.csv", "new.csv"] if approved == "" else ["list.csv"])
