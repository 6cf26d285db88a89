"""What an operator installs agrees with the program: settings, commands, figures; systemd takes it as it is."""

import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

import click
import pytest
import requests

from k5web.cli import main
from k5web.config import settings
from k5web.domain.incident import IncidentKind
from k5web.errors import WrongSetting
from k5web.services import health
from k5web.storage import incidents
from k5web.storage.session import Sessions
from k5web.web.monitoring import Metrics
from k5web.web.request_figures import RequestFigures
from tests.conftest import Clock
from tests.processes import PATIENCE_S, answers, free_port, wait_for
from tests.services.house import House
from tests.services.pbx.talks import with_files
from tests.telephony import real

ROOT = Path(__file__).parent.parent
RANDOM = "v1XhQ0m3JtZ8bN5cR7wK2yL4pD6fG9sA"
DEPLOY = ROOT / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
UNITS = sorted(path for path in (DEPLOY / "systemd").iterdir() if path.suffix)
AN_INSTANCE = "8002"  # of a template
PROTECTED = {  # what each service gives up
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "RestrictNamespaces": "yes",
}


def options(path: Path) -> dict[str, list[str]]:
    """The options of a unit by name; one that stands twice has two values."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_the_example_of_settings_names_each_and_no_other() -> None:
    named = re.findall(r"^#?(K5_\w+)=", (DEPLOY / "k5.env.example").read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(name for name in settings._KNOWN if not name.startswith("K5_TEST_"))


def test_the_example_is_good_once_its_secrets_are_filled_in() -> None:
    text = (DEPLOY / "k5.env.example").read_text("utf-8").replace("CHANGE-ME", RANDOM)
    found = settings.Settings.from_env(dict(re.findall(r"^(K5_\w+)=(.*)$", text, re.MULTILINE)))
    assert found.is_https
    assert found.trusted_proxies == 1


def test_the_example_as_it_stands_starts_nothing() -> None:
    """S24: a house with the example's passwords is everybody's."""
    text = (DEPLOY / "k5.env.example").read_text("utf-8")
    for name in ("K5_SECRET_KEY", "K5_ARI_PASSWORD", "K5_DATABASE_URL"):
        given = dict(re.findall(r"^(K5_\w+)=(.*)$", text.replace("CHANGE-ME", RANDOM), re.MULTILINE))
        given[name] = dict(re.findall(r"^(K5_\w+)=(.*)$", text, re.MULTILINE))[name]
        with pytest.raises(WrongSetting, match=f"^{name}: "):
            settings.Settings.from_env(given)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_lines_that_systemd_reads(path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        assert re.fullmatch(r"|#.*|\[(Unit|Service|Socket|Timer|Install)\]|[A-Z]\w+=.*", line), line


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_comes_back_by_itself_and_may_do_little(path: Path) -> None:
    found = options(path)
    assert found["Type"] == ["oneshot"] or found["Restart"] == ["always"]
    assert {name: found.get(name) for name in PROTECTED} == {name: [value] for name, value in PROTECTED.items()}
    assert "User" in found
    assert found["User"] != ["root"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_the_command_of_a_service_is_one_of_the_program(path: Path) -> None:
    [line] = options(path)["ExecStart"]
    program, *words = shlex.split(line.replace("%i", AN_INSTANCE))
    if program != "/opt/k5/.venv/bin/k5":
        assert (ROOT / Path(program).relative_to("/opt/k5")).is_file()
        return
    command: click.Command = main
    while isinstance(command, click.Group):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)  # raises click's own error where an option is not there


@pytest.mark.parametrize(
    ("status", "says"), [("1", "<2>K5: THE LEDGER IS BROKEN"), ("3", "<3>K5: the ledger could not be")]
)
def test_the_alarm_of_the_nightly_proof_tells_broken_from_not_asked(status: str, says: str) -> None:
    assert options(DEPLOY / "systemd" / "k5-verify.service")["OnFailure"] == ["k5-verify-alarm.service"]
    alarm = [DEPLOY / "systemd" / "verify-alarm"]
    told = subprocess.run(alarm, capture_output=True, check=True, text=True, env={"MONITOR_EXIT_STATUS": status})
    assert told.stdout.startswith(says)


def test_systemd_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    """Asked where it is there; it wants the programs to be there, too."""
    if shutil.which("systemd-analyze") is None:
        return
    for path in UNITS:
        text = re.sub(r"^(Exec\w+)=/opt/\S+", r"\1=/bin/true", path.read_text("utf-8"), flags=re.MULTILINE)
        (tmp_path / path.name.replace("@", f"@{AN_INSTANCE}")).write_text(text, "utf-8")
    paths = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True, timeout=60)
    ours = [line for line in done.stderr.splitlines() if any(Path(path).name in line for path in paths)]
    assert ours == []


def test_the_switchs_example_as_it_stands_starts_nothing(tmp_path: Path) -> None:
    """S24."""
    given = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "asterisk.env.example").read_text("utf-8"), re.MULTILINE))
    up = [str(DEPLOY / "asterisk" / "up"), str(tmp_path / "switch")]
    done = subprocess.run(up, env=dict(os.environ) | given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "ASTERISK_PASSWORD is still the word of the example" in done.stderr


@pytest.mark.asterisk
def test_a_switch_with_the_examples_settings_has_the_handbooks_trunks(tmp_path: Path) -> None:
    """The carriers and the registration as the handbook writes them; only ports and the address are this test's."""
    real.require()
    ports = [free_port() for _ in range(5)]
    text = (DEPLOY / "asterisk.env.example").read_text("utf-8")
    names = re.findall(r"^#   (ASTERISK_\w+)", (DEPLOY / "asterisk" / "up").read_text("utf-8"), re.MULTILINE)
    given = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    assert set(given) <= set(names)
    del given["ASTERISK_ROOT"]  # where this machine has it
    given["ASTERISK_PASSWORD"] = RANDOM
    trunks = tmp_path / "trunks.conf"
    handbook = (ROOT / "docs" / "operators.md").read_text("utf-8")
    trunks.write_text("".join(re.findall(r"^```ini\n(.*?)^```", handbook, re.DOTALL | re.MULTILINE)), "utf-8")
    here = "127.0.0.1"
    given |= {"ASTERISK_SIP_BIND": here, "ASTERISK_USERS_BIND": here, "ASTERISK_TRUNKS_FILE": str(trunks)}
    own = (
        "ASTERISK_SIP_PORT",
        "ASTERISK_ARI_PORT",
        "ASTERISK_AMI_PORT",
        "ASTERISK_USERS_PORT",
        "ASTERISK_USERS_TLS_PORT",
    )
    given |= dict(zip(own, map(str, ports), strict=True))
    certificate = _certificate(tmp_path)
    given |= {"ASTERISK_TLS_CERT": str(certificate), "ASTERISK_TLS_KEY": str(certificate)}
    folder = tempfile.mkdtemp(prefix="k5-switch-", dir="/tmp")  # its control socket needs a short path
    command = [*real.DIES_WITH_US, str(DEPLOY / "asterisk" / "up"), "-f", folder]
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(command, env=dict(os.environ) | given, stdout=out, stderr=out)
    try:
        address, login = f"http://127.0.0.1:{ports[1]}/ari", ("k5", given["ASTERISK_PASSWORD"])
        wait_for(lambda: answers(f"{address}/asterisk/info", login), "Asterisk answers")
        found = requests.get(f"{address}/endpoints", auth=login, timeout=20).json()
        assert {point["resource"] for point in found} == {"trunk-a"}
        context = ssl.create_default_context(cafile=certificate)
        with socket.create_connection((here, ports[4]), PATIENCE_S) as plain:
            context.wrap_socket(plain, server_hostname="t.k5.example").close()  # phones register by TLS there
        assert (Path(folder) / "run" / "log" / "messages").read_text("utf-8").count("ERROR") == 0
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        shutil.rmtree(folder)


def _certificate(folder: Path) -> Path:
    """A certificate of t.k5.example and its key, in one file."""
    made, key = folder / "sip.pem", folder / "sip.key"
    subject = ["-subj", "/CN=t.k5.example", "-addext", "subjectAltName=DNS:t.k5.example"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-keyout",
        str(folder / "sip.key"),
    ]
    subprocess.run([*command, "-out", str(made), *subject], check=True, capture_output=True, timeout=60)
    made.write_text(made.read_text() + key.read_text())
    return made


def test_alerts_ask_for_figures_that_are_there(sessions: Sessions, clock: Clock) -> None:
    """Every figure and every kind of incident that an alert names, K5 gives; every kind it gives has an alert."""
    k5 = House(sessions, clock)
    with_files(k5)
    k5.switch.is_read_here = False
    k5.top_up("100.00")
    k5.order()
    with k5.ports.sessions.begin() as db:
        incidents.report(db, 0, IncidentKind.DAMAGED_RECORD, "asterisk 1:0", k5.clock(), {})
    requests = RequestFigures()
    requests.add(0, "POST", 503, 1)
    metrics = list(Metrics(health.figures(k5.ports), requests.collect(["calls"])).collect())
    given = {sample.name for metric in metrics for sample in metric.samples} | {metric.name for metric in metrics}
    given.add("k5_http_seconds_count")  # said beside the buckets
    text = (DEPLOY / "alerts.yml").read_text("utf-8")
    asked = set(re.findall(r"\bk5_\w+", " ".join(re.findall(r"^ +expr: (.+)$", text, re.MULTILINE))))
    assert asked
    assert asked <= given
    watched = {kind for kinds in re.findall(r'kind=~"([^"]+)"', text) for kind in kinds.split("|")}
    assert watched == set(IncidentKind)


def test_the_handbook_says_what_to_do_on_each_alert() -> None:
    handbook = (ROOT / "docs" / "operators.md").read_text("utf-8").partition("## When something is wrong")[2]
    alerts = re.findall(r"alert: (\w+)", (DEPLOY / "alerts.yml").read_text("utf-8"))
    assert alerts
    assert [alert for alert in alerts if f"`{alert}`" not in handbook] == []


def test_every_file_that_the_switch_goes_on_writing_is_rotated_once() -> None:
    """A full disk loses the records, which are money; a log that was renamed is opened anew where it is kept open."""
    texts = {path.name: path.read_text("utf-8") for path in (DEPLOY / "logrotate").iterdir()}
    named = [found for text in texts.values() for found in re.findall(r"(/var/lib/k5-asterisk/run/log/\S+)", text)]
    assert sorted(named) == [
        f"/var/lib/k5-asterisk/run/log/{name}"
        for name in ("cdr-custom/cdr.json", "cel-custom/cel.json", "messages", "queue_log", "security")
    ]
    assert '/opt/k5/deploy/asterisk/console /var/lib/k5-asterisk "logger reload"' in texts["k5-asterisk"]
    assert os.access(DEPLOY / "asterisk" / "console", os.X_OK)
    assert "cp deploy/logrotate/k5-* /etc/logrotate.d/" in (ROOT / "docs" / "operators.md").read_text("utf-8")
