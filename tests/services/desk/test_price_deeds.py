"""What is carried out about prices: each kind by its name, and only what was seen."""

from datetime import date

from k5web.domain.prices.price_draft import NewDraft
from k5web.services.desk.carrying import CARRY_OUT
from k5web.services.desk.price_deeds import PRICES, seal
from k5web.services.prices import drafts
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors


def test_each_kind_is_carried_out_under_its_name() -> None:
    assert set(PRICES) == {"deck.publish", "deck.withdraw", "plan.publish", "plan.withdraw"}
    assert PRICES.items() <= CARRY_OUT.items()


def test_other_answers_or_other_prices_break_the_seal(sessions: Sessions, clock: Clock) -> None:
    ports = open_doors(sessions, clock)
    new = NewDraft("deck", "k5", date(2027, 1, 1), "new.csv", b"x", {"replace": True}, {"state": [1, 0]})
    draft = drafts.keep(ports, new, "staff:anna")
    seals = {seal(draft), seal(drafts.find(ports, draft.id))}
    assert len(seals) == 1
    for options, state in (({"replace": False}, [1, 0]), ({"replace": True}, [1, 1]), ({"replace": True}, [2, 0])):
        checked = NewDraft("deck", "k5", new.effective, new.file, new.content, options, {"state": state})
        seals.add(seal(drafts.show_again(ports, draft.id, checked)))
    assert len(seals) == 4
