"""What a switch looks up at each call, in one SQLite file on its machine: organisations' rules, people and phones.

Asterisk reads it by `res_config_sqlite3` (extconfig.conf) and keeps it open: it is changed in place, never renamed.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from k5web.domain.pbx.switch_tables import PbxImage, Queue, SipLogin
from k5web.errors import SwitchFilesClosed

BUSY_S: Final = 5.0  # how long a change waits for another one
RULES_STAY_S: Final = 86_400  # a call follows the version of a rule that it began with
MODE: Final = 0o660  # digests of passwords: for the switch and for K5, who share a group
EMERGENCY: Final = "emergency"  # trunk|number to show
CODECS: Final = {"phone": "alaw,ulaw", "browser": "alaw,opus,ulaw"}

# The names of the ps_ tables' columns are Asterisk's. `owner_id` of an entry is none where it is of the whole switch
SCHEMA: Final = """
create table if not exists k5 (key text primary key, val text not null, owner_id integer, gone_at integer)
    without rowid;
create index if not exists k5_owner on k5 (owner_id);
create index if not exists k5_gone on k5 (gone_at) where gone_at is not null;
create table if not exists k5_ahead (key text primary key, val text not null) without rowid;
create table if not exists k5_queue (name text primary key, owner_id integer not null, members text not null)
    without rowid;
create table if not exists k5_version (owner_id integer primary key, version integer not null,
    is_whole integer not null default 0);
create table if not exists k5_loaded (what text primary key, digest text not null) without rowid;
create table if not exists ps_auths (id text primary key, auth_type text not null default 'digest', username text,
    realm text not null default 'asterisk', password_digest text);
create table if not exists ps_aors (id text primary key, max_contacts text not null default '3',
    remove_existing text not null default 'yes', default_expiration text not null default '300',
    minimum_expiration text not null default '60', maximum_expiration text not null default '3600');
create table if not exists ps_endpoints (id text primary key, auth text, aors text, accountcode text, set_var text,
    named_call_group text, named_pickup_group text, allow text, webrtc text, dtls_auto_generate_cert text,
    deny text, permit text, context text not null default 'k5-user', disallow text not null default 'all',
    direct_media text not null default 'no', rtp_symmetric text not null default 'yes',
    force_rport text not null default 'yes', rewrite_contact text not null default 'yes',
    send_connected_line text not null default 'no', identify_by text not null default 'username',
    allow_subscribe text not null default 'no');
create index if not exists ps_endpoints_owner on ps_endpoints (accountcode);
"""

TAKE_OUT: Final = (  # all but the rules
    "delete from k5 where owner_id = :owner and (key < 'rule/' or key >= 'rule0')",
    "delete from k5_version where owner_id = :owner",
    "delete from k5_queue where owner_id = :owner",
    "delete from ps_auths where id in (select id from ps_endpoints where accountcode = :code)",
    "delete from ps_aors where id in (select id from ps_endpoints where accountcode = :code)",
    "delete from ps_endpoints where accountcode = :code",
)
PUT_ENDPOINT: Final = """
insert or replace into ps_endpoints (id, auth, aors, accountcode, named_call_group, named_pickup_group, set_var, allow,
    webrtc, dtls_auto_generate_cert, deny, permit)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class AccountsFile:
    """The file `accounts.sqlite3` of one switch. Units: `now_s`, `until_s` are seconds since the epoch."""

    def __init__(self, path: Path, make_folder: bool) -> None:
        """`make_folder`: of a switch that is not installed but run by K5 itself."""
        self._path = path
        self._make_folder = make_folder

    def versions(self) -> Mapping[int, int]:
        """Return the version of each organisation whose image is here whole."""
        with self._open() as db:
            return dict(db.execute("select owner_id, version from k5_version where is_whole"))

    def put(self, images: Sequence[PbxImage], emergency: str, now_s: int, write_queues: Callable[[str], None]) -> str:
        """Put these organisations in place of what was there of them, and return the digest of all queues.

        Their versions count from `tell_versions` on, when the queues are in force. `write_queues` is given the text of
        all queues, while no other change can be made.
        """
        with self._changing() as db:
            for image in images:
                _take_out(db, image.owner_id, now_s)
            db.execute("delete from k5 where gone_at <= ?", (now_s - RULES_STAY_S,))
            _put_emergency(db, emergency)
            for image in images:
                _put_in(db, image)
            return _write_queues(db, write_queues)

    def forget(self, owner_ids: Sequence[int], write_queues: Callable[[str], None]) -> str:
        """Take everything of these organisations away, and return the digest of the queues that are left."""
        with self._changing() as db:
            for owner_id in owner_ids:
                _take_out(db, owner_id, 0)
                db.execute("delete from k5 where owner_id = ?", (owner_id,))
            return _write_queues(db, write_queues)

    def tell_emergency(self, emergency: str) -> None:
        """Put the way of emergency calls in place of another, or of none; "": there is none."""
        with self._open() as db:
            found = db.execute("select val from k5 where key = ?", (EMERGENCY,)).fetchone()
        if (found[0] if found else "") != emergency:
            with self._changing() as db:
                _put_emergency(db, emergency)

    def loaded_queues(self) -> str:
        """Return the digest of the queues that the switch has in force."""
        with self._open() as db:
            found = db.execute("select digest from k5_loaded where what = 'queues'").fetchone()
            return str(found[0]) if found else digest_of("")

    def tell_versions(self, images: Sequence[PbxImage], queues: str) -> None:
        """Write down that these images, and the queues of this digest, are in force."""
        with self._changing() as db:
            db.execute("insert or replace into k5_loaded (what, digest) values ('queues', ?)", (queues,))
            versions = [(image.owner_id, image.version) for image in images]
            db.executemany("update k5_version set is_whole = 1 where owner_id = ? and version = ?", versions)

    def hold_ahead(self, key: str, value: str) -> None:
        """Keep an answer for a switch without a database of its own."""
        with self._changing() as db:
            db.execute("insert or replace into k5_ahead (key, val) values (?, ?)", (key, value))

    def withdraw(self, key: str) -> bool:
        """Take such an answer back; False where it is not there."""
        with self._changing() as db:
            return db.execute("delete from k5_ahead where key = ?", (key,)).rowcount == 1

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file, made where it is not there. Raises: SwitchFilesClosed."""
        try:
            self._path.parent.mkdir(exist_ok=True, parents=self._make_folder)
            is_new = not self._path.exists()
            with closing(sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)) as db:
                if is_new:
                    self._path.chmod(MODE)  # before the files beside it are made, which take it over
                db.execute("pragma journal_mode = wal")
                db.execute("pragma synchronous = normal")
                if not db.execute("select 1 from sqlite_schema where name = 'ps_endpoints_owner'").fetchone():
                    db.executescript(f"begin immediate; {SCHEMA} commit;")
                yield db
        except (OSError, sqlite3.Error) as error:
            raise SwitchFilesClosed(reason=f"{self._path}: {error}") from error

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one change, all or nothing. Raises: SwitchFilesClosed."""
        with self._open() as db:
            db.execute("begin immediate")
            yield db
            db.execute("commit")  # where this is not reached, closing takes all of it back


def _put_emergency(db: sqlite3.Connection, emergency: str) -> None:
    db.execute("delete from k5 where key = ?", (EMERGENCY,))
    if emergency:
        db.execute("insert into k5 (key, val) values (?, ?)", (EMERGENCY, emergency))


def digest_of(queues: str) -> str:
    """Return what the text of the queues is known by."""
    return hashlib.sha256(queues.encode()).hexdigest()


def _take_out(db: sqlite3.Connection, owner_id: int, now_s: int) -> None:
    """Take an organisation out, but for the rules that calls may follow still."""
    db.execute(
        "update k5 set gone_at = coalesce(gone_at, ?) where owner_id = ? and key >= 'rule/' and key < 'rule0'",
        (now_s, owner_id),
    )
    for statement in TAKE_OUT:
        db.execute(statement, {"owner": owner_id, "code": str(owner_id)})


def _put_in(db: sqlite3.Connection, image: PbxImage) -> None:
    until = {f"until/{one.login}": str(int(one.until.timestamp())) for one in image.logins if one.until}
    entries = [(key, value, image.owner_id) for key, value in {**image.entries, **until}.items()]
    db.execute("insert into k5_version (owner_id, version) values (?, ?)", (image.owner_id, image.version))
    db.executemany("insert or replace into k5 (key, val, owner_id) values (?, ?, ?)", entries)
    queues = [(queue.name, image.owner_id, "&".join(queue.members)) for queue in image.queues]
    db.executemany("insert or replace into k5_queue (name, owner_id, members) values (?, ?, ?)", queues)
    auths = [(one.login, one.login, f"MD5:{one.digest}") for one in image.logins]
    db.executemany("insert or replace into ps_auths (id, username, password_digest) values (?, ?, ?)", auths)
    db.executemany("insert or replace into ps_aors (id) values (?)", [(one.login,) for one in image.logins])
    db.executemany(PUT_ENDPOINT, [_endpoint(image.owner_id, one) for one in image.logins])


def _endpoint(owner_id: int, one: SipLogin) -> tuple[str | None, ...]:
    """Return the row of an account: whose it is goes with every call of it."""
    group = f"o{owner_id}"
    ours = (one.login, one.login, one.login, str(owner_id), group, group, f"__K5_OWNER={owner_id}", CODECS[one.kind])
    browser = ("yes", "yes") if one.kind == "browser" else (None, None)
    networks = ("0.0.0.0/0,::/0", ",".join(one.networks)) if one.networks else (None, None)
    return (*ours, *browser, *networks)


def _write_queues(db: sqlite3.Connection, write: Callable[[str], None]) -> str:
    """Write all queues by `write` and return what their text is known by."""
    rows = db.execute("select name, members from k5_queue order by name")
    text = "".join(queue_text(Queue(name, tuple(members.split("&")) if members else ())) for name, members in rows)
    write(text)
    return digest_of(text)


def queue_text(queue: Queue) -> str:
    """Return a queue as `queues.conf` has it: members one after another, each rung in the context k5-agent."""
    head = f"[{queue.name}]\nstrategy = rrmemory\ntimeout = 15\nretry = 2\nringinuse = no\nmusicclass = default\n"
    members = (f"member => Local/{login}@k5-agent/n,0,{login}\n" for login in queue.members)
    return "".join((head, "joinempty = yes\n", *members, "\n"))
