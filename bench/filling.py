"""Many accounts and many payments at once, for measuring what their number matters."""

from datetime import datetime

import psycopg
from sqlalchemy import make_url

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Price
from k5web.services.ports import Ports
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger

OWNERS = 2000
FIRST_OWNER = 900_001


def open_accounts(ports: Ports) -> None:
    """Open an empty account for each of many subscribers."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        for owner_id in range(FIRST_OWNER, FIRST_OWNER + OWNERS):
            payer = Subscriber(owner_id, None, "Анна", "RUB", "k5", None, Price.parse("5.00"))
            subscribers.add(db, payer, None, now)
            ledger.open_account(db, owner_id, "main", "RUB")


def fill(url: str, count: int, origin: str, at: datetime) -> None:
    """Bring the payments of this origin on a PostgreSQL to this count: "t0", "t1" … of 1.00, written as the house does.

    The triggers that keep the caches rest meanwhile, and the caches are set from the last posting.
    """
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as db:
        [there] = db.execute("SELECT count(*) FROM posting WHERE origin = %s", [origin]).fetchone() or (0,)
        facts = {"there": there, "count": count, "owners": OWNERS, "first": FIRST_OWNER, "origin": origin, "at": at}
        db.execute("SET session_replication_role = replica")
        for statement in FILL:
            db.execute(statement, facts)
        db.execute("SET session_replication_role = DEFAULT")
        db.commit()
        db.autocommit = True
        db.execute("VACUUM ANALYZE")
        db.execute("CHECKPOINT")  # the filling's own writing is over before the measuring begins


_OLD = """
SELECT %(first)s::bigint + n %% %(owners)s::int AS owner_id, 't' || n AS key
FROM generate_series(%(there)s::int, %(count)s::int - 1) AS n
"""
FILL = (
    f"""INSERT INTO name_claim (key, origin, owner_id, fingerprint)
    SELECT key, %(origin)s, owner_id, '\\x00'::bytea FROM ({_OLD}) AS old""",
    f"""INSERT INTO ledger_transaction (owner_id, origin, key, fingerprint, actor, occurred_at, recorded_at)
    SELECT owner_id, %(origin)s, key, '\\x00'::bytea, 'connector:bench', %(at)s, %(at)s FROM ({_OLD}) AS old""",
    f"""INSERT INTO posting (owner_id, account_id, day, seq, unit, amount_minor, balance_minor, counter, origin, key)
    SELECT old.owner_id, account.id, greatest(account.last_day, %(at)s::date), account.last_seq + row_number() OVER w,
        'RUB', 100, account.balance_minor + 100 * row_number() OVER w, 'cash.bench', %(origin)s, key
    FROM ({_OLD}) AS old JOIN account ON account.owner_id = old.owner_id
    WINDOW w AS (PARTITION BY old.owner_id ORDER BY key)""",
    f"""INSERT INTO notice (key, origin, id, at, kind, verdict, why, owner_id, amount_minor, currency, receipt, request)
    SELECT key, %(origin)s, 0, %(at)s, 'paid', 'ok', '', owner_id, 100, 'RUB', '', repeat('x', 120)
    FROM ({_OLD}) AS old""",
    """UPDATE account SET last_seq = last.seq, last_day = last.day, balance_minor = last.balance_minor
    FROM (SELECT DISTINCT ON (owner_id) * FROM posting WHERE owner_id >= %(first)s ORDER BY owner_id, seq DESC) AS last
    WHERE account.owner_id = last.owner_id AND account.id = last.account_id""",
)
