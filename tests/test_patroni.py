"""What `deploy/patroni` says of three database machines holds by itself; how it works is tried in reliability."""

import re

import yaml

from tests.patroni import DEPLOY

SETTINGS = yaml.safe_load((DEPLOY / "patroni.yml.example").read_text("utf-8"))
ETCD = dict(re.findall(r"^(ETCD_\w+)=(.*)$", (DEPLOY / "etcd.example").read_text("utf-8"), re.MULTILINE))


def test_the_lock_outlives_a_round_that_meets_trouble_and_the_machine_does_not_outlive_the_lock() -> None:
    """W7: between the last sign of life and the reset is time for a round, and the reset is before the lock's end."""
    dcs = SETTINGS["bootstrap"]["dcs"]
    assert dcs["loop_wait"] + 2 * dcs["retry_timeout"] <= dcs["ttl"]
    watchdog = SETTINGS["watchdog"]
    assert watchdog["mode"] == "required"
    assert dcs["loop_wait"] < dcs["ttl"] - watchdog["safety_margin"] < dcs["ttl"]


def test_the_lock_is_renewed_by_its_holder_alone() -> None:
    """W6: through etcd3 Patroni 3.0.2 takes a lock back that another machine has since."""
    assert "etcd3" not in SETTINGS
    assert ETCD["ETCD_ENABLE_V2"] == "true"


def test_a_payment_is_answered_when_two_machines_have_it() -> None:
    dcs = SETTINGS["bootstrap"]["dcs"]
    assert (dcs["synchronous_mode"], dcs["synchronous_node_count"]) == (True, 1)
    assert not {"fsync", "synchronous_commit"} & set(dcs["postgresql"]["parameters"])


def test_nobody_comes_in_without_a_password() -> None:
    ways = [line.split() for line in SETTINGS["bootstrap"]["pg_hba"]]
    assert {way[-1] for way in ways if way[0] != "local"} == {"scram-sha-256"}
    assert [way[-1] for way in ways if way[0] == "local"] == ["peer"]


def test_agent_and_etcd_speak_of_the_same_three_machines() -> None:
    peers = re.findall(r"http://([\d.]+):2380", ETCD["ETCD_INITIAL_CLUSTER"])
    assert [f"{address}:2379" for address in peers] == SETTINGS["etcd"]["hosts"]
    assert len(set(peers)) == 3
    assert SETTINGS["restapi"]["connect_address"] == f"{peers[0]}:8008"
    assert SETTINGS["postgresql"]["connect_address"] == f"{peers[0]}:5432"
    assert ETCD["ETCD_LISTEN_PEER_URLS"] == f"http://{peers[0]}:2380"
    assert ETCD["ETCD_NAME"] == SETTINGS["name"]
