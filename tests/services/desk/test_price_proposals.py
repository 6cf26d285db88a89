"""Prices need two persons, always: who proposes never approves (S26), and what was seen is what is published."""

from datetime import date
from pathlib import Path

import pytest

from k5web.domain.desk.proposal import Proposal, ProposalState
from k5web.domain.prices.price_draft import DraftState, PriceDraft
from k5web.errors import DeckStopped, DraftEnded, DraftOutdated, InForceAlready, NotWaiting, OwnProposal
from k5web.services.desk import price_proposals, proposals
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import deck_drafts, drafts, plan_drafts, ratedecks
from k5web.services.prices.deck_drafts import DraftWish
from k5web.services.prices.deck_publishing import AS_IT_IS, ImportOptions
from k5web.services.prices.plan_drafts import PlanFile
from k5web.services.prices.ratedecks import DeckFile, import_deck
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import SHIPPED, open_doors
from tests.services.prices.decks import prices
from tests.services.prices.test_deck_drafts import DEARER, MEANT, PLAIN, race

ANNA, BORIS, VERA = "staff:anna", "staff:boris", "staff:vera"
DAY = date(2027, 1, 1)
WHY = "прайс-лист на январь"


@pytest.fixture
def ports(sessions: Sessions, clock: Clock, tmp_path: Path) -> Ports:
    house = open_doors(sessions, clock)
    (tmp_path / "list.csv").write_text(PLAIN)
    import_deck(house, tmp_path / "list.csv", "k5", date(2026, 12, 1))
    return house


def uploaded(ports: Ports, text: str = DEARER, options: ImportOptions = MEANT) -> PriceDraft:
    return deck_drafts.upload(ports, DraftWish("k5", DAY, DeckFile("new.csv", text.encode()), options), ANNA)


def proposed(ports: Ports, draft: PriceDraft, actor: str = ANNA) -> Proposal:
    return price_proposals.propose_draft(ports, draft.id, actor, "form-12345678", WHY)


def published(ports: Ports) -> int:
    draft = uploaded(ports)
    proposals.approve(ports, proposed(ports, draft).id, BORIS)
    return drafts.find(ports, draft.id).version_id or 0


def test_s26_nobody_approves_their_own_prices(ports: Ports) -> None:
    """S26."""
    proposal = proposed(ports, uploaded(ports))
    for same in (ANNA, "staff:ANNA"):
        with pytest.raises(OwnProposal):
            proposals.approve(ports, proposal.id, same)
    assert len(ratedecks.versions(ports)) == 1


def test_the_second_person_publishes_a_deck_for_its_day(ports: Ports, clock: Clock) -> None:
    draft = uploaded(ports)
    proposal = proposed(ports, draft)
    assert proposal.wish.shown["counts"]["dearer"] == 1
    done = proposals.approve(ports, proposal.id, BORIS)
    assert (done.state, done.words) == (ProposalState.DONE, "k5: version 2")
    assert drafts.find(ports, draft.id).ended_by == BORIS
    clock.now = start_of_day(DAY)
    assert prices(ports.rates.table("k5"))["7495"] == "0.50"


def test_a_draft_that_was_checked_in_another_way_since_is_not_what_was_proposed(ports: Ports) -> None:
    proposal = proposed(ports, draft := uploaded(ports))
    deck_drafts.check_again(ports, draft.id, ImportOptions(replace=True, without_notice="так решили"))
    with pytest.raises(DraftOutdated):
        proposals.approve(ports, proposal.id, BORIS)
    assert proposals.find(ports, proposal.id).state is ProposalState.WAITING


def test_what_the_check_asks_is_answered_before_anything_is_proposed(ports: Ports) -> None:
    draft = uploaded(ports, "7495,Москва,0.50\n", AS_IT_IS)
    with pytest.raises(DeckStopped):
        proposed(ports, draft)
    drafts.drop(ports, draft.id, ANNA)
    with pytest.raises(DraftEnded):
        proposed(ports, draft)


def test_two_approvals_at_once_publish_once(ports: Ports) -> None:
    proposal = proposed(ports, uploaded(ports))
    ended = race(*(lambda who=who: proposals.approve(ports, proposal.id, who) for who in (BORIS, VERA)))
    assert sorted(ended) == ["", NotWaiting.code]
    assert len(ratedecks.versions(ports)) == 2


def test_a_version_is_taken_back_by_two_persons(ports: Ports, clock: Clock) -> None:
    version = published(ports)
    wish = price_proposals.propose_withdrawal(ports, "deck", version, BORIS, "form-87654321", "ошибка в цене")
    with pytest.raises(OwnProposal):
        proposals.approve(ports, wish.id, BORIS)
    assert proposals.approve(ports, wish.id, ANNA).words == f"k5: version {version}"
    clock.now = start_of_day(DAY)
    assert prices(ports.rates.table("k5"))["7495"] == "0.45"


def test_what_took_force_meanwhile_is_not_taken_back(ports: Ports, clock: Clock) -> None:
    version = published(ports)
    clock.now = start_of_day(date(2026, 12, 29))
    wish = price_proposals.propose_withdrawal(ports, "deck", version, BORIS, "form-87654321", "ошибка в цене")
    clock.now = start_of_day(DAY)
    with pytest.raises(InForceAlready):
        proposals.approve(ports, wish.id, ANNA)
    with pytest.raises(InForceAlready):
        price_proposals.propose_withdrawal(ports, "deck", version, BORIS, "form-87654322", "ошибка в цене")


def test_an_approval_beside_a_withdrawal_publishes_what_was_shown_or_nothing(ports: Ports) -> None:
    version = published(ports)
    other = DraftWish("k5", date(2027, 2, 1), DeckFile("feb.csv", PLAIN.encode()), MEANT)
    publish = proposed_later(ports, deck_drafts.upload(ports, other, ANNA))
    back = price_proposals.propose_withdrawal(ports, "deck", version, ANNA, "form-87654321", "ошибка в цене")
    approved, withdrawn = race(
        lambda: proposals.approve(ports, publish.id, BORIS), lambda: proposals.approve(ports, back.id, BORIS)
    )
    assert withdrawn == ""
    assert approved in {"", DraftOutdated.code}


def proposed_later(ports: Ports, draft: PriceDraft) -> Proposal:
    return price_proposals.propose_draft(ports, draft.id, ANNA, "form-22222222", WHY)


@pytest.mark.parametrize("approver", [BORIS])
def test_a_plan_is_published_and_taken_back_by_two_persons(ports: Ports, clock: Clock, approver: str) -> None:
    before = ports.plans.current("start")
    text = SHIPPED.text("start").plan.replace('price = "5.00 RUB/min"', 'price = "6.00 RUB/min"')
    draft = plan_drafts.upload(ports, PlanFile("start.toml", text.encode()), DAY, ANNA)
    proposal = proposed(ports, draft)
    with pytest.raises(OwnProposal):
        proposals.approve(ports, proposal.id, ANNA)
    proposals.approve(ports, proposal.id, approver)
    done = drafts.find(ports, draft.id)
    assert (done.state, done.ended_by) == (DraftState.PUBLISHED, approver)
    back = price_proposals.propose_withdrawal(ports, "plan", done.version_id or 0, ANNA, "form-87654321", "ошибка")
    proposals.approve(ports, back.id, approver)
    clock.now = start_of_day(DAY)
    assert ports.plans.current("start") == before
