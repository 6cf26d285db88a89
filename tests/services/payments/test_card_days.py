"""What saved cards give in a day without the password, from however many tabs at once, on both databases."""

import threading
from dataclasses import replace

from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import K5Error, PasswordNeeded, ProviderUnknown
from k5web.services.payments import topups
from tests.services.payments.shop import Shop
from tests.services.visits import refusal


def charge(shop: Shop, key: str, sum: str, **more: bool) -> str:
    """Charge the saved card as a page does; return the refusal's code, or nothing."""
    wish = replace(shop.wish(key, sum), saved_card_id="bind-1", **more)  # type: ignore[arg-type]
    try:
        topups.begin(shop.ports, shop.caller, wish)
    except K5Error as refused:
        return refused.code
    return ""


def test_of_two_tabs_at_once_only_what_fits_the_day_is_charged(shop: Shop) -> None:
    barrier = threading.Barrier(4)
    outcomes: list[str] = []

    def tab(n: int) -> None:
        barrier.wait()
        outcomes.append(charge(shop, f"tab-{n}", "600.00"))

    threads = [threading.Thread(target=tab, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["", "password_needed", "password_needed", "password_needed"]
    assert len(shop.connector.started) == 1


def test_an_attempt_whose_end_is_not_known_counts_until_it_is(shop: Shop) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out")] * 2
    assert charge(shop, "form-1", "600.00") == "provider_unknown"
    assert charge(shop, "form-2", "600.00") == "password_needed"
    begun = topups.find(shop.ports, f"K5-{shop.caller.id}-1")
    shop.provider_says(begun.number, TopUpState.DECLINED)
    topups.look(shop.ports, begun.reference)
    assert charge(shop, "form-2", "600.00") == ""


def test_what_was_taken_by_itself_counts_and_is_not_counted_out(shop: Shop) -> None:
    assert charge(shop, "auto-1", "600.00", is_automatic=True) == ""
    assert charge(shop, "form-1", "600.00") == "password_needed"
    assert charge(shop, "auto-2", "600.00", is_automatic=True) == "", "its own cap is its own"
    assert charge(shop, "form-1", "600.00", is_confirmed=True) == ""


def test_the_refusal_says_how_much_was_taken_and_may_be(shop: Shop) -> None:
    charge(shop, "form-1", "600.00")
    wish = replace(shop.wish("form-2", "500.00"), saved_card_id="bind-1")
    refused = refusal(lambda: topups.begin(shop.ports, shop.caller, wish))
    assert isinstance(refused, PasswordNeeded)
    assert refused.facts == {"most": rub("1000.00"), "used": rub("600.00")}


def test_the_day_is_the_operators_day(shop: Shop) -> None:
    shop.clock.forward(hours=11, minutes=59)  # 23:59 in Moscow
    assert charge(shop, "form-1", "1000.00") == ""
    assert charge(shop, "form-2", "10.00") == "password_needed"
    shop.clock.forward(minutes=1)
    assert charge(shop, "form-3", "1000.00") == ""
