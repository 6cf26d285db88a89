"""Plans and services on the phone: two steps, the sum before the press, nothing by a careless tap."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from k5web.domain.money import rub
from k5web.services.prices import billing
from k5web.services.prices.deck_publishing import ImportOptions
from k5web.services.prices.plan_publishing import publish as publish_plan
from k5web.services.prices.ratedecks import import_deck
from tests.fakes.doors import SHIPPED
from tests.services.house import House, publish
from tests.web.conftest import Browser


def shown(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\N{NO-BREAK SPACE}", " ").split())


def form(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(form_key|sum|pieces|shown|version)" value="([^"]*)"', page))


def press(phone: Browser, k5: House, path: str, **forged: str) -> str:
    """Read the step for a while, then press its button."""
    fields = form(phone.get(path).text) | forged
    k5.clock.forward(seconds=2)
    answer = phone.press(path, path, None, **fields)
    return answer.headers.get("Location", answer.text)


def test_strangers_see_all_plans_and_the_price_of_a_direction(browser: Browser, k5: House) -> None:
    publish(k5.ports, {"74": ("Россия фикс.", "1.69"), "7495": ("Москва фикс.", "0.65")}, 2, name="clovertel")
    page = shown(browser.get("/plans?to=%2B74951234567").text)
    assert "GO 100 Кловертел 600,00 ₽ в месяц Минута на +7 495 123‑45‑67: 0,65 ₽" in page
    assert "K5 КСО Без абонентской платы Минута на +7 495 123‑45‑67: 0,45 ₽ и цена звонка на ваш телефон" in page
    assert "Это не похоже на номер телефона" in browser.get("/plans?to=abc").text


def test_the_step_names_the_sum_the_next_one_and_how_to_leave(phone: Browser, k5: House) -> None:
    k5.top_up("1000.00")
    page = shown(phone.get("/me/services/plan/go-100").text)
    assert "Спишется сейчас 600,00 ₽" in page
    assert "600,00 ₽ в месяц, следующий раз 01.01.2027" in page
    assert "Уйти с тарифа можно в любой день" in page
    assert "Подключить за 600,00 ₽" in page
    assert k5.balance() == rub("1000.00")


def test_the_step_names_what_begins_with_the_plan_with_its_fee_and_what_ends_by_its_name(
    phone: Browser, k5: House
) -> None:
    k5.top_up("1000.00")
    page = shown(phone.get("/me/services/plan/economny").text)
    assert "Вместе с тарифом включается: Включайся, 5,00 ₽ в день. Отключить можно в «Услугах»." in page
    assert "закончится" not in page
    press(phone, k5, "/me/services/plan/economny")
    press(phone, k5, "/me/services/option/sms-30")
    page = shown(phone.get("/me/services/option/sms-60").text)
    assert "Вместо этого сегодня закончится: SMS пакет 30. Уплаченное за это не возвращается." in page
    page = shown(phone.get("/me/services/plan/go").text)
    assert "закончится: Экономный, Включайся, SMS пакет 30. Уплаченное за это не возвращается." in page


def test_a_plan_beside_another_is_ended_among_the_services(phone: Browser, k5: House) -> None:
    k5.top_up("5000.00")
    press(phone, k5, "/me/services/plan/profi")
    page = shown(phone.get("/me/services/plan/prosto").text)
    assert "закончится" not in page
    assert "Отключить можно в любой день в «Услугах»" in page
    press(phone, k5, "/me/services/plan/prosto")
    page = phone.get("/me/services").text
    assert "Просто – 1 000,00 ₽ в месяц" in shown(page)
    assert "Профи –" not in shown(page)
    n = re.findall(r"/me/services/(\d+)/end", page)
    assert len(n) == 1
    phone.press("/me/services", f"/me/services/{n[0]}/end")
    assert "Работает до 01.01.2027, потом выключится." in shown(phone.get("/me/services").text)


def test_only_missing_money_leads_to_paying(phone: Browser, k5: House) -> None:
    k5.top_up("1000.00")
    page = phone.get("/me/services/plan/k5").text
    assert "Это у вас уже подключено." in shown(page)
    assert 'class="button" id="go"' not in page


def test_a_plan_is_connected_by_the_second_step(phone: Browser, k5: House) -> None:
    k5.top_up("1000.00")
    assert press(phone, k5, "/me/services/plan/go-100") == "/me/plan"
    page = shown(phone.get("/me/plan").text)
    assert "Тариф «GO 100»" in page
    assert "Минуты в подарок 100 из 100 мин. на этот месяц" in page
    assert "1-го числа следующего месяца 600,00 ₽" in page
    assert k5.balance() == rub("400.00")


def test_the_second_tap_of_two_connects_nothing(phone: Browser, k5: House) -> None:
    k5.top_up("1000.00")
    path = "/me/services/plan/go-100"
    phone.press(path, path, None, **form(phone.get(path).text))
    assert k5.balance() == rub("1000.00")


def test_a_changed_sum_or_none_connects_nothing(phone: Browser, k5: House) -> None:
    k5.top_up("1000.00")
    path = "/me/services/plan/go-100"
    for sum_ in ("1", "", "٦٠٠٠٠", "-1", "9" * 20):
        fields = form(phone.get(path).text) | {"sum": sum_}
        k5.clock.forward(seconds=2)
        phone.press(path, path, None, **fields)
    assert k5.balance() == rub("1000.00")


def test_too_little_money_says_so_and_leads_to_paying(phone: Browser, k5: House) -> None:
    k5.top_up("10.00")
    page = shown(phone.get("/me/services/plan/go-100").text)
    assert "Подключить за" not in page
    assert "600,00 ₽" in page


def test_an_option_is_ended_kept_and_runs_to_its_day(phone: Browser, k5: House) -> None:
    k5.top_up("200.00")
    press(phone, k5, "/me/services/plan/economny")
    press(phone, k5, "/me/services/option/sms-30")
    page = shown(phone.get("/me/services").text)
    assert "SMS пакет 30 – 40,00 ₽ в месяц Следующая плата 01.01.2027." in page
    phone.press("/me/services", "/me/services/3/end")
    assert "Работает до 01.01.2027, потом выключится." in shown(phone.get("/me/services").text)
    phone.press("/me/services", "/me/services/3/keep")
    assert "Следующая плата 01.01.2027." in shown(phone.get("/me/services").text)


def test_of_a_service_fewer_pieces_go_on_and_that_is_taken_back(phone: Browser, k5: House) -> None:
    k5.top_up("2000.00")
    press(phone, k5, "/me/services/plan/go-100")
    press(phone, k5, "/me/services/service/extra_user?pieces=3")
    assert "Сколько оставить с 01.01.2027" in shown(phone.get("/me/services").text)
    action = re.search(r"/me/services/\d+/pieces", phone.get("/me/services").text)
    assert action
    for typed in ("3", "0", "много", ""):
        refused = phone.press("/me/services", action[0], None, pieces=typed)
        assert refused.status_code == 400
        assert "Напишите, сколько оставить: меньше, чем 3." in shown(refused.text)
    assert phone.press("/me/services", action[0], None, pieces="1").status_code == 303
    assert "С 01.01.2027 останется 1: 110,00 ₽ в месяц." in shown(phone.get("/me/services").text)
    phone.press("/me/services", action[0].replace("pieces", "keep"))
    assert "Сколько оставить" in shown(phone.get("/me/services").text)
    assert phone.press("/me/services", "/me/services/99/pieces", None, pieces="1").status_code == 404


def test_what_stopped_says_how_it_comes_back(phone: Browser, k5: House) -> None:
    k5.top_up("600.00")
    press(phone, k5, "/me/services/plan/go-100")
    k5.clock.forward(days=31)
    billing.run(k5.ports)
    assert "«GO 100» остановлен: на плату не хватило денег." in shown(phone.get("/me/plan").text)


def test_the_last_month_is_priced_on_another_plan(phone: Browser, k5: House) -> None:
    publish(k5.ports, {"74": ("Россия фикс.", "1.69")}, 2, name="clovertel")
    k5.top_up("100.00")
    k5.talk(k5.order("+74951234567"), "61")
    k5.clock.forward(days=31)
    page = shown(phone.get("/me/plan/go-100/month").text)
    assert "Звонков 1 Вы заплатили за них 4,40 ₽ На «GO 100» они стоили бы 0,00 ₽ Абонентская плата 600,00 ₽" in page
    assert "Разница +595,60 ₽" in page


def test_what_is_not_there_is_no_page(phone: Browser) -> None:
    for path in ("/me/services/plan/nope", "/me/services/option/sms-30", "/me/services/service/x", "/me/plan/no/month"):
        assert phone.get(path).status_code == 404


def test_a_dearer_plan_may_be_objected_to_before_its_day(phone: Browser, k5: House) -> None:
    """B2: the day is named, and what follows from saying no."""
    text = SHIPPED.text("k5")
    shorter = replace(text, plan=text.plan.replace("longest_minutes = 60", "longest_minutes = 30"))
    publish_plan(k5.ports, shorter, k5.ports.today() + timedelta(days=12), "staff:test")
    page = shown(phone.get("/me/plan").text)
    assert "С 13.12.2026 тариф станет дороже." in page
    assert "договор закончится" in page
    for _ in range(2):
        assert phone.press("/me", "/me/plan/object").headers["Location"] == "/me/plan"
    said = "Вы не согласились с новой ценой тарифа. Договор закончится 13.12.2026, если мы не договоримся иначе."
    assert said in shown(phone.get("/me/plan").text)


def test_a_dearer_price_list_may_be_objected_to_before_its_day(phone: Browser, k5: House, tmp_path: Path) -> None:
    """B2: as a plan; a form that names another change than the page does nothing."""
    path, day = tmp_path / "k5.csv", k5.ports.today() + timedelta(days=12)
    path.write_text("prefix,destination,per_minute,currency\n79,Россия моб.,9.00,RUB\n")
    done = import_deck(k5.ports, path, "k5", day, options=ImportOptions(changes=True, replace=True))
    assert done.version
    page = phone.get("/me/plan").text
    assert "С 13.12.2026 звонки станут дороже." in shown(page)
    assert "Тариф с тем же прайс-листом договор не сохранит." in shown(page)
    assert f'name="change" value="deck-{done.version.id}"' in page
    assert phone.press("/me", "/me/plan/object", change="plan-1").headers["Location"] == "/me/plan"
    assert "не согласились" not in shown(phone.get("/me/plan").text)
    phone.press("/me", "/me/plan/object", change=f"deck-{done.version.id}")
    said = "Вы не согласились с новыми ценами звонков. Договор закончится 13.12.2026, если мы не договоримся иначе."
    assert said in shown(phone.get("/me/plan").text)


def test_what_a_published_version_will_change_stands_on_the_page_of_all_plans(browser: Browser, k5: House) -> None:
    """B2: whoever is told of a day finds what changes on it, strangers too."""
    assert "условия меняются" not in shown(browser.get("/plans").text)
    text = SHIPPED.text("go")
    dearer = text.plan.replace("470.00", "480.00").replace("calls_at_once = 3", "calls_at_once = 2")
    publish_plan(k5.ports, replace(text, plan=dearer), k5.ports.today() + timedelta(days=12), "staff:test")
    k5.clock.forward(seconds=1)
    page = shown(browser.get("/plans").text)
    assert "С 13.12.2026 условия меняются Абонентская плата 470,00 ₽ в месяц → 480,00 ₽ в месяц" in page
    assert "Меняются и другие условия" in page
    k5.clock.forward(days=12)
    assert "условия меняются" not in shown(browser.get("/plans").text)


def test_an_objection_asks_for_a_password_that_is_not_fresh(phone: Browser, k5: House) -> None:
    """It ends the contract."""
    k5.clock.forward(minutes=16)
    assert phone.press("/me", "/me/plan/object").headers["Location"].startswith("/confirm")


def test_without_anything_dearer_there_is_nothing_to_object_to(phone: Browser) -> None:
    assert "станет дороже" not in shown(phone.get("/me/plan").text)
    assert phone.press("/me", "/me/plan/object").headers["Location"] == "/me/plan"
    assert "не согласились" not in shown(phone.get("/me/plan").text)


def test_a_form_cannot_bear_the_name_of_another_order(phone: Browser, k5: House) -> None:
    """Names with a colon or a space are K5's own: of a number's fee, of an option that begins with a plan."""
    k5.top_up("1000.00")
    for key in ("number 74950000101 x", "form:vklyuchaysya", "", "x" * 65):
        answer = press(phone, k5, "/me/services/plan/go-100", form_key=key)
        assert "Подключить за 600,00 ₽" in shown(answer), key
    assert k5.balance() == rub("1000.00")
