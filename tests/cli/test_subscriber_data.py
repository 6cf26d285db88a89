"""`k5 subscriber profile|accesses`."""

import json

from click.testing import CliRunner

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
