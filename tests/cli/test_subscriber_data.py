"""`k5 subscriber profile|accesses`."""

import json

from click.testing import CliRunner, Result

from k5web.cli import main
from k5web.services.accounts import profiles
from tests.services.house import House

PERSON = {"surname": "Сидорова", "given_name": "Анна", "address": "Москва, Тверская, 1"}


def test_staff_read_the_particulars_with_every_earlier_version(house: House, line: CliRunner) -> None:
    profiles.save(house.ports, house.caller.id, "person", PERSON, consents_now=True)
    house.clock.forward(days=1)
    profiles.save(house.ports, house.caller.id, "person", PERSON | {"surname": "Иванова"}, consents_now=False)
    shown = line.invoke(main, ["subscriber", "profile", "100001", "--history"]).output
    assert "surname:          Иванова\n" in shown
    assert "consent:          version 1, 2020-01-06 12:00:00, page\n" in shown
    assert "2020-01-06 12:00:00  person by subscriber: address Москва, Тверская, 1" in shown
    told = json.loads(line.invoke(main, ["subscriber", "profile", "100001", "--json", "--history"]).output)
    assert (told["surname"], told["email"], [each["surname"] for each in told["history"]]) == (
        "Иванова", None, ["Сидорова", "Иванова"],
    )  # fmt: skip


def test_who_read_is_listed_with_the_command_and_what_for(house: House, line: CliRunner) -> None:
    assert line.invoke(main, ["subscriber", "accesses", "100001"]).output == "no staff has read these data\n"
    line.invoke(main, ["subscriber", "profile", "100001", "--for", "claim 12"], env={"K5_STAFF": "olga"})
    listed = line.invoke(main, ["subscriber", "accesses", "100001"]).output
    assert "  staff:olga  " in listed
    assert listed.endswith("subscriber profile  claim 12\n")
    [row] = json.loads(line.invoke(main, ["subscriber", "accesses", "100001", "--json"]).output)["accesses"]
    assert (row["actor"], row["for"]) == ("staff:olga", "claim 12")


def test_an_erasure_names_the_account_twice_and_happens_once(house: House, line: CliRunner) -> None:
    def erase(confirm: str) -> Result:
        return line.invoke(main, ["subscriber", "erase", "100001", "--confirm", confirm])

    assert "has the account 100001, not 100002" in erase("100002").output
    assert "the data cannot be erased yet: money must be ended first" in erase("100001").output
    house.top_up("10.00")  # 110.00 are fifty minutes
    house.talk(house.order(), "2999")
    assert erase("100001").output == "100001: the personal data are erased\n"
    assert erase("100001").output == "100001 was erased before\n"
    told = json.loads(line.invoke(main, ["subscriber", "export", "100001"]).output)
    assert (told["subscriber"][0]["phone"], told["subscriber"][0]["name"]) == (None, "")
    assert told["block"][0]["kind"] == "block"
    assert line.invoke(main, ["ledger", "verify"]).exit_code == 0
