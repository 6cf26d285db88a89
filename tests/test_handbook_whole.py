"""The operator's handbook typed whole on an empty Debian: the first settled call, a new version, back from a backup.

Real are Debian, systemd, PostgreSQL, nginx with https, the firewall, fail2ban, Asterisk and a carrier's SIP and voice.
One thing is played: certbot, whose authority would have to reach this machine; what stands in asks as it would, through
nginx, and signs by itself. The machine's network brings packages and libraries; what runs there is cut off from it.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from bench.house import form_fields
from k5web.web.forms import READ_FOR
from tests import debian
from tests.debian import CARRIER, HERE, Debian, Terminal
from tests.processes import ROOT, foreign_environ, wait_for
from tests.telephony.real import DIES_WITH_US, PHONES

pytestmark = [
    *(pytest.mark.full, pytest.mark.server, pytest.mark.postgres, pytest.mark.nginx, pytest.mark.asterisk),
    pytest.mark.timeout(3600),
]

HANDBOOK = (ROOT / "docs" / "operators.md").read_text("utf-8")
NAME = "phone.operator.example"
COPY = "/srv/k5.git"
WHEELS = "/srv/wheels"
SWITCHS_PASSWORD = "a-password-of-the-switch"
CAPITALS = re.compile(r'\b[A-Z]+(?:[-.][A-Z]+)+\b|(?<=")[A-Z]+(?=")')
FILLED = {
    "ADDRESS-OF-YOUR-COPY": COPY,
    "OWNERS-PASSWORD": "owners0password",
    "RUNNERS-PASSWORD": "runners0password",
    "THE-CARRIERS-PASSWORD": "carriers0password",
    "YOUR.NAME": NAME,
    "ANNA": "Анна Иванова",
    "A-LONG-PASSWORD": "седьмой тёплый ветер",
}
EDITED: Mapping[str, Mapping[str, str]] = {  # what prose says is to be filled in, and with what
    "/etc/nftables.conf": {"192.0.2.10, 192.0.2.20": CARRIER, "198.51.100.0/24": debian.AROUND},
    "/etc/k5/k5.env": {
        "\nK5_DATABASE_URL=postgresql+psycopg://k5_run:CHANGE-ME@": "\nK5_DATABASE_URL=postgresql+psycopg://k5_run:runners0password@",
        "\nK5_SECRET_KEY=CHANGE-ME\n": "\nK5_SECRET_KEY=0f1e2d3c4b5a69788f-of-an-empty-debian-0f1e2d3c\n",
        "\nK5_PUBLIC_URL=https://t.k5.example\n": f"\nK5_PUBLIC_URL=https://{NAME}\n",
        "\nK5_ARI_PASSWORD=CHANGE-ME\n": f"\nK5_ARI_PASSWORD={SWITCHS_PASSWORD}\n",
    },
    "/etc/k5/asterisk.env": {
        "\nASTERISK_PASSWORD=CHANGE-ME\n": f"\nASTERISK_PASSWORD={SWITCHS_PASSWORD}\n",
        "\nASTERISK_SIP_BIND=192.0.2.10\n": f"\nASTERISK_SIP_BIND={HERE}\n",
        "\nASTERISK_USERS_BIND=192.0.2.10\n": f"\nASTERISK_USERS_BIND={HERE}\n",
    },
    "/etc/k5/pjsip_trunks.conf": {"sip.carrier.example": CARRIER},  # in the handbook's own examples of a carrier
}
LEFT_OUT = {"deploy/package /tmp"}  # the other way to the same program: tests/test_package.py
SEEN = {  # what somebody who looks waits for, without a clock
    "curl -su k5:$ASTERISK_PASSWORD http://127.0.0.1:8088/ari/endpoints": '"trunk-a"',
    "tail /var/lib/k5-asterisk/run/log/messages": "",
    "fail2ban-client status k5-asterisk": "Banned IP list",
    "journalctl -u k5-worker -n 20": "call settled",
    "k5 ledger verify": "every invariant holds",
}
CERTBOT = """#!/bin/bash
set -e
while [ $# -gt 0 ]; do
    case $1 in -w) folder=$2 ;; -d) name=$2 ;; --deploy-hook) hook=$2 ;; esac
    shift
done
mkdir -p "$folder/.well-known/acme-challenge" "/etc/letsencrypt/live/$name"
echo a-word >"$folder/.well-known/acme-challenge/token"
until [ "$(curl --silent --fail "http://$name/.well-known/acme-challenge/token")" = a-word ]; do
    [ $((tries += 1)) -lt 100 ]  # nginx may be reloading still
    sleep 0.2
done
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \\
    -keyout "/etc/letsencrypt/live/$name/privkey.pem" -out "/etc/letsencrypt/live/$name/fullchain.pem"
"""


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## )", HANDBOOK, re.MULTILINE | re.DOTALL)
    assert found, f"the handbook has no section {title}"
    return found[1]


def blocks(title: str, language: str = "sh") -> Sequence[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", section(title), re.MULTILINE | re.DOTALL)


def lines(block: str) -> Iterator[str]:
    """What is ended by Return: a line, or all lines to the end of a here-document."""
    rest = iter(block.splitlines())
    for line in rest:
        whole = [line]
        if end := re.search(r"<<'(\w+)'$", line):
            for more in rest:
                whole.append(more)
                if more == end[1]:
                    break
        yield "\n".join(whole)


def filled(line: str) -> str:
    """The line with everything in it that an operator must know. Fails on what no table here knows."""
    unknown = set(CAPITALS.findall(line)) - set(FILLED)
    assert not unknown, f"nobody here knows what to fill in for {unknown}: {line}"
    return CAPITALS.sub(lambda found: FILLED[found[0]], line)


class Operator:
    """Who types, on the server and, with a phone in hand, in the world."""

    def __init__(self, server: Debian, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.copy = Copy(server.root / COPY.lstrip("/"))
        self._brings = server.terminal(of_the_machine=True)
        self._shell: Terminal = server.terminal()
        self.typed(f"export PIP_NO_INDEX=1 PIP_FIND_LINKS={WHEELS}")
        server.write("/etc/hosts", f"127.0.0.1 localhost\n{HERE} server {NAME}\n")

    def follow(self, block: str, after: Mapping[str, Callable[[], None]] | None = None) -> None:
        """Type a block; `after`: what prose says is to be done after a line, by the first words of the line."""
        for line in lines(block):
            if line in LEFT_OUT:
                continue
            if line in SEEN:
                wait_for(lambda: SEEN[line] in self._tried(line)[1], line, look_every_s=1)  # noqa: B023
            else:
                self._follow_line(line)
            for words, deed in (after or {}).items():
                if line.startswith(words):
                    deed()

    def typed(self, line: str) -> str:
        """Type a line, which must end well, and return what it printed."""
        code, said = self._tried(line)
        assert code == 0, f"{line}\nended with {code}:\n{said[-6000:]}"
        return said

    def _follow_line(self, line: str) -> None:
        if line.startswith("editor "):
            self.edit(line.removeprefix("editor "))
            return
        if line.startswith("apt-get install"):  # what is started by it must find its own ports free
            self._bring(line.replace("install", "install --download-only", 1))
        elif line == "apt-get update" or " deploy/asterisk/fetch" in line:
            self._bring(filled(line))
            return
        said = self.typed(filled(line))
        assert "psql" not in line or "roles.sql" in line or "ERROR" not in said, f"{line}\n{said}"
        path = line.rpartition(" ")[2]
        if line.startswith("install ") and path in EDITED and f"editor {path}" not in HANDBOOK:
            self.edit(path)
        if " certbot" in line and line.startswith("apt-get install"):
            assert (self.server.root / "usr/bin/certbot").exists()
            self.server.write("/usr/local/sbin/certbot", CERTBOT, 0o755)
            self._bring_wheels()

    def _tried(self, line: str) -> tuple[int, str]:
        with (self.folder / "typed").open("a", encoding="utf-8") as log:
            code, said = self._shell.type(line)
            log.write(f"# {line}\n{said}\n")
        return code, said

    def _bring(self, line: str) -> None:
        """Type a line that loads something, with this machine's network."""
        here = self.typed("pwd")
        code, said = self._brings.type(f"cd {here} && {line}")
        assert code == 0, f"{line}\nended with {code}:\n{said[-6000:]}"

    def _bring_wheels(self) -> None:
        """Load the libraries of the lock files by this machine's own ways, for the server's Python."""
        python = (self.server.root / "usr/bin/python3").readlink().name.removeprefix("python")
        locks = [f"--requirement={ROOT}/deploy/requirements{part}.lock" for part in ("", "-build")]
        command = ["download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", *locks]
        command += [f"--python-version={python}", f"--dest={self.server.root}{WHEELS}"]
        done = subprocess.run([sys.executable, "-m", "pip", *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def edit(self, path: str) -> None:
        """Fill a file in."""
        text = (self.server.root / path.lstrip("/")).read_text("utf-8")
        if path.endswith("pjsip_trunks.conf"):
            by_password, from_where, _by_registration = blocks("5. The switch", "ini")
            text = filled(by_password + from_where)
        for old, new in EDITED[path].items():
            assert old in text, f"{path} has no {old}"
            text = text.replace(old, new)
        self.server.write(path, text)

    def says(self, path: str) -> str:
        """What K5 says to the machine that it runs on."""
        return self._tried(f"curl --silent http://127.0.0.1:8000{path}")[1]

    def balance(self) -> str:
        [found] = re.findall(r"(?m)^balance: +(\S+) RUB$", self.typed('k5 subscriber show "+7 916 123-45-67"'))
        return str(found)


class Copy:
    """The repository that the handbook clones: the files of this checkout as a commit, and later commits."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._git("init", "--quiet", "--bare", "--initial-branch=main", str(place))
        self._index = place / "index-of-the-checkout"
        self._git("add", "--all")
        self._tree = self._git("write-tree")
        self.head = ""
        self.commit("the version that is installed")

    def commit(self, subject: str) -> None:
        parent = ["-p", self.head] if self.head else []
        self.head = self._git("commit-tree", self._tree, *parent, "-m", subject)
        self._git("push", "--quiet", str(self._place), f"{self.head}:refs/heads/main")

    def _git(self, *words: str) -> str:
        environ = foreign_environ() | {"GIT_INDEX_FILE": str(self._place / "index-of-the-checkout")}
        command = ["git", "-c", "safe.directory=*", "-c", "user.name=K5", "-c", "user.email=k5@k5.example", *words]
        return subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True).stdout.strip()


class Visitor:
    """A subscriber's browser in the world, which meets the firewall, nginx and its certificate."""

    def __init__(self, server: Debian, folder: Path) -> None:
        self._server = server
        self._jar = folder / "cookies"
        self._certificate = server.root / f"etc/letsencrypt/live/{NAME}/fullchain.pem"

    def ask(self, path: str, fields: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        """Return the status, where it leads to, and the page."""
        command = [
            "curl",
            "--silent",
            "--show-error",
            "--resolve",
            f"{NAME}:443:{HERE}",
            "--cacert",
            str(self._certificate),
        ]
        command += ["--cookie", str(self._jar), "--cookie-jar", str(self._jar), "--referer", f"https://{NAME}/"]
        command += ["--write-out", "\n%{http_code} %{redirect_url}", "--max-time", "60"]
        for name, value in (fields or {}).items():
            command += ["--data-urlencode", f"{name}={value}"]
        done = subprocess.run(
            self._server.outside(*command, f"https://{NAME}{path}"),
            env=foreign_environ(),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        page, _, last = done.stdout.rpartition("\n")
        status, _, leads_to = last.partition(" ")
        return int(status), leads_to.removeprefix(f"https://{NAME}"), page

    def log_in(self, phone: str, password: str, page: str) -> None:
        fields = form_fields(self.ask(page)[2]) | {"login": phone, "password": password, "remember": "1"}
        status, leads_to, said = self.ask("/login", fields)
        assert (status, leads_to) == (303, page), said

    def read(self, page: str) -> Mapping[str, str]:
        """Read the price; return what a press sends."""
        fields = form_fields(self.ask(page)[2])
        time.sleep(READ_FOR.total_seconds())
        return fields

    def call(self, page: str) -> None:
        """Press once, and wait until the call is settled."""
        status, rung, said = self.ask("/call", self.read(page))
        assert status == 303, said
        wait_for(lambda: self.is_over(rung), "the call is settled", look_every_s=0.5)

    def is_over(self, call: str) -> bool:
        return bool(json.loads(self.ask(f"{call}/status")[2]).get("over"))


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    debian.require()
    with debian.empty_debian(tmp_path) as server:
        yield Operator(server, tmp_path)


@pytest.fixture
def town(operator: Operator) -> Iterator[Path]:
    """The carrier in the world, with a phone at each number; the file says what they saw."""
    log = operator.folder / "town.log"
    command = ["sipp", "-sf", str(PHONES), "-i", CARRIER, "-p", "5060", "-mp", "30000", "-nd", "-skip_rlimit"]
    process = subprocess.Popen(
        operator.server.outside(*DIES_WITH_US, *command, "-trace_logs", "-log_file", str(log)),
        cwd=operator.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield log
    process.kill()
    process.wait()


def test_from_an_empty_debian_to_a_call_a_new_version_and_back_from_a_backup(operator: Operator, town: Path) -> None:
    visitor = Visitor(operator.server, operator.folder)
    for title in re.findall(r"^## ([1-6]\. .*)$", HANDBOOK, re.MULTILINE):
        for block in blocks(title):
            operator.follow(block)
    wait_for(lambda: operator.says("/readyz") == "ready", "/readyz says ready", look_every_s=1)
    assert_guessers_are_shut_out(operator)
    make_the_first_call(operator, visitor, town)
    bring_a_new_version(operator, visitor)
    come_back_from_the_backup(operator, visitor)
    assert_nothing_failed(operator)


def assert_guessers_are_shut_out(operator: Operator) -> None:
    """What fail2ban finds reaches the firewall, which an empty Debian has no iptables for."""
    operator.typed("fail2ban-client set k5-asterisk banip 198.51.100.77")
    wait_for(lambda: "198.51.100.77" in operator.typed("nft list ruleset"), "the address is shut out", look_every_s=1)


def make_the_first_call(operator: Operator, visitor: Visitor, town: Path) -> None:
    found = re.search(r"`https://t\.k5\.example(/\+7495123)4567`", section("7. The first call"))
    assert found
    page = f"{found[1]}4215"  # answers, and hangs up after five seconds

    def call() -> None:
        visitor.log_in("+7 916 123-45-67", FILLED["A-LONG-PASSWORD"], page)
        visitor.call(page)
        wait_for(lambda: heard(town) == {"74951234215", "79161234567"}, "both phones have talked", look_every_s=0.5)

    for block in blocks("7. The first call"):
        operator.follow(block, {"k5 subscriber credit ": call})
    assert operator.balance() == "97.80"  # one minute of both legs


def heard(town: Path) -> set[str]:
    """The numbers whose phones talked and hung up."""
    return set(re.findall(r"^END .* (\d+)$", town.read_text(), re.MULTILINE))


def bring_a_new_version(operator: Operator, visitor: Visitor) -> None:
    operator.follow(blocks("Backup")[0])
    operator.copy.commit("the version after it")
    for block in blocks("A new version"):
        operator.follow(block)
    assert operator.typed("readlink -f /opt/k5/.venv").endswith(operator.copy.head[:12])
    assert visitor.ask("/me/calls")[0] == 200


def come_back_from_the_backup(operator: Operator, visitor: Visitor) -> None:
    """Into another database of the server, which becomes the house: it is shut until somebody has opened it."""
    _, bring_back, open_house, keep_wal, copy_whole = blocks("Backup")
    operator.follow(keep_wal)
    operator.follow(copy_whole)
    operator.follow(bring_back)
    settings = (operator.server.root / "etc/k5/k5.env").read_text()
    operator.server.write("/etc/k5/k5.env", re.sub(r"(?m)^(K5_DATABASE_URL=.*/k5)$", r"\1_tried", settings))
    operator.typed("k5 db check")
    operator.typed("k5 ledger verify")
    was_read = visitor.read("/+74951234215")
    operator.typed("systemctl restart k5-web k5-notices k5-worker")
    wait_for(lambda: operator.says("/readyz") == "restored database", "the house is shut", look_every_s=1)
    status, _, said = visitor.ask("/call", was_read)
    assert (status, bool(re.search(r"Идут\sработы\.", said))) == (503, True), said
    assert operator.balance() == "97.80"
    operator.follow(open_house)
    wait_for(lambda: operator.says("/readyz") == "ready", "the house is open", look_every_s=1)
    visitor.call("/+74951234215")
    assert operator.balance() == "95.60"
    assert operator.typed("k5 ledger verify").endswith("every invariant holds")


def assert_nothing_failed(operator: Operator) -> None:
    failed = "systemctl list-units --failed --plain --no-legend"
    assert operator.typed(f"{failed} 'k5*' 'postgresql*' 'nginx*' 'fail2ban*' 'nftables*'") == ""
