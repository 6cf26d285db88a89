"""Strangers, callers from outside and accounts that are over: nobody spends what is not theirs."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from k5web.domain.pbx.switch_tables import SipLogin
from tests.processes import PATIENCE_S, ROOT, do_without, foreign_environ, wait_for
from tests.telephony.pbx import sip
from tests.telephony.pbx.lab import PASSWORD, PHONES_HOST, Lab, Organisation

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]

TALKS_ON = "79160000200"
FILTER = ROOT / "deploy" / "fail2ban" / "filter.d" / "k5-asterisk.conf"
FAIL2BAN = Path.home() / ".cache" / "k5" / "fail2ban"  # where ./test unpacks it


def ringing(lab: Lab) -> Organisation:
    """An organisation whose number rings both of its people."""
    made = lab.organisation()
    made.rule(start=f"ring|u{made.owner_id}-1&u{made.owner_id}-2|20|||")
    return made


def test_a_caller_from_outside_cannot_transfer(lab: Lab) -> None:
    """Neither by keys nor by REFER: the owner would pay."""
    shop, caller = ringing(lab), lab.outside()
    person = shop.phone(1)
    assert caller.call(shop.number) == 200
    caller.press("#1" + TALKS_ON)
    wait_for(lambda: not caller.keys_left, "the keys are pressed")
    assert caller.refer(TALKS_ON) == 603
    assert (person.state, caller.state) == ("up", "up")
    caller.bye()
    told = lab.told()
    assert (told.said["K5_HOLD"], told.said["K5_XFER"], lab.side.asked) == ([], [], [])


def test_a_person_transfers_by_keys(lab: Lab) -> None:
    shop, caller = ringing(lab), lab.outside()
    first, second = shop.phone(1), shop.phone(2)
    second.on_invite = "ring"
    assert caller.call(shop.number) == 200
    second.wait("over")
    second.on_invite = "answer"
    first.press("#1202")
    second.wait("up")
    caller.bye()
    [xfer] = lab.told().said["K5_XFER"]
    assert xfer.startswith(f"{shop.owner_id}|202|")


def test_a_phones_redirection_to_a_number_outside_is_not_followed(lab: Lab) -> None:
    shop, caller = ringing(lab), lab.outside()
    shop.phone(1).on_invite, shop.phone(1).name = 302, TALKS_ON  # its Contact names the number
    shop.phone(2).on_invite = 486
    assert caller.call(shop.number) == 486
    told = lab.told()
    assert (told.paid, lab.side.asked) == ([], [])


def test_a_person_picks_up_what_rings_at_another_phone(lab: Lab) -> None:
    shop, caller = lab.organisation(), lab.outside()
    shop.rule(start=f"ring|u{shop.owner_id}-1|30|||")
    first, second = shop.phone(1), shop.phone(2)
    first.on_invite = "ring"
    stranger = ringing(lab).phone(1)
    caller.call_without_waiting(shop.number)
    first.wait("ringing")
    assert stranger.call("*8") != 200  # of another organisation
    assert second.call("*8") == 200
    caller.wait("up")
    caller.bye()


def test_a_carriers_call_in_the_name_of_an_account_is_no_account(lab: Lab) -> None:
    shop = ringing(lab)
    shop.phone(1)
    assert lab.outside(f"u{shop.owner_id}-1").call(TALKS_ON) == 401
    assert lab.side.asked == []


def test_a_wrong_password_and_an_unknown_name_look_the_same(lab: Lab) -> None:
    shop = ringing(lab)
    users = lab.switch.users_address
    wrong = lab.phone(users, f"u{shop.owner_id}-1", "wrong", PHONES_HOST)
    unknown = lab.phone(users, f"u{shop.owner_id}-99", "wrong", PHONES_HOST)
    assert wrong.register() == unknown.register() == 401
    assert wrong.call(TALKS_ON) == unknown.call(TALKS_ON) == 401


def test_a_new_password_counts_at_once_and_a_removed_account_is_none(lab: Lab) -> None:
    shop = ringing(lab)
    person = shop.phone(1)
    login = SipLogin(person.user, sip.digest(person.user, "another password"), "phone")
    shop.write(shop.image.entries, [login, shop.image.logins[1]])
    assert person.register() == 401
    person.password = "another password"
    assert person.register() == 200
    shop.write(shop.image.entries, [shop.image.logins[1]])
    assert person.register() == 401
    assert person.call("202") == 401
    caller = lab.outside()
    shop.phone(2)
    assert caller.call(shop.number) == 200  # the removed phone does not ring
    assert person.invites == 0
    caller.bye()


def test_an_account_whose_time_is_over_may_not_dial_though_k5_is_dead(lab: Lab) -> None:
    shop = ringing(lab)
    person = shop.phone(1)
    until = datetime.now(UTC)
    for moment, code in ((until - timedelta(seconds=1), 403), (until + timedelta(hours=1), 200)):
        login = SipLogin(person.user, sip.digest(person.user, PASSWORD), "phone", until=moment)
        shop.write(shop.image.entries, [login, shop.image.logins[1]])
        assert person.call(TALKS_ON) == code
    person.bye()
    assert len(lab.side.asked) == 1


def test_an_account_that_is_bound_to_networks_registers_from_them_alone(lab: Lab) -> None:
    shop = lab.organisation()
    name = f"u{shop.owner_id}-1"
    shop.write(shop.image.entries, [SipLogin(name, sip.digest(name, PASSWORD), "phone", ("127.0.0.3/32",))])
    assert lab.phone(lab.switch.users_address, name, PASSWORD, "127.0.0.2").register() in {401, 403}
    assert lab.phone(lab.switch.users_address, name, PASSWORD, "127.0.0.3").register() == 200


@pytest.mark.parametrize("number", ["101", "102", "103", "104", "112"])
def test_emergency_numbers_are_free_and_unasked_where_a_trunk_is_named(lab: Lab, number: str) -> None:
    shop = lab.organisation()
    person = shop.phone(1)
    assert person.call(number) == 403
    lab.name_emergency_trunk("trunk-c")
    try:
        assert person.call(number) == 200
        person.bye()
        told = lab.told()
        assert (lab.side.asked, told.said["K5_HOLD"], told.paid) == ([], [], [])
        assert lab.carrier.dialled == number
        assert f"sip:{lab.switch.settings.caller_id}@" in lab.carrier.called_by
    finally:
        lab.name_emergency_trunk("")


def test_another_organisations_extension_is_not_ones_own(lab: Lab) -> None:
    shop, other = ringing(lab), ringing(lab)
    other.write({**other.image.entries, f"ext/{other.owner_id}/250": f"u{other.owner_id}-1"})
    person = other.phone(1)
    assert shop.phone(1).call("250") == 200  # a number outside: K5 was asked, and said yes
    shop.phone(1).bye()
    assert (person.invites, len(lab.side.asked)) == (0, 1)


def test_the_firewalls_filter_knows_who_guessed_and_nobody_else(lab: Lab, tmp_path: Path) -> None:
    """The filter over what the switch writes itself; by fail2ban where this machine has it."""
    shop = ringing(lab)
    good = shop.phone(1)
    log = lab.recorded("x").parents[2] / "log" / "security"
    before = log.stat().st_size if log.exists() else 0
    users = lab.switch.users_address
    lab.phone(users, good.user, "wrong", "127.0.0.7").register()
    lab.phone(users, "u1-1", "guess", "127.0.0.8").register()
    assert good.register() == 200

    def lines() -> list[str]:
        with log.open("rb") as file:
            file.seek(before)
            return file.read().decode().splitlines()

    wait_for(lambda: sum("127.0.0.8" in line for line in lines()) > 1, "the switch writes who came")
    [pattern] = re.findall(r"^failregex = (.+)$", FILTER.read_text("utf-8"), re.MULTILINE)
    failed = re.compile(pattern.replace("<HOST>", r"(?P<host>[0-9a-f.:]+)"))
    hosts = {found["host"] for line in lines() if (found := failed.search(line))}
    assert hosts == {"127.0.0.7", "127.0.0.8"}
    (tmp_path / "security").write_text("\n".join(lines()))
    assert set(shut_out_by_fail2ban(tmp_path / "security")) == hosts


def shut_out_by_fail2ban(log: Path) -> list[str]:
    """Return the address of each line that counts."""
    program = shutil.which("fail2ban-regex") or str(FAIL2BAN / "usr" / "bin" / "fail2ban-regex")
    if not Path(program).exists():
        do_without("no fail2ban here: apt-get install fail2ban")
    environ = foreign_environ() | {"PYTHONPATH": str(FAIL2BAN / "usr" / "lib" / "python3" / "dist-packages")}
    command = ["/usr/bin/python3", program, "--out", "ip", str(log), str(FILTER)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    return done.stdout.split()
