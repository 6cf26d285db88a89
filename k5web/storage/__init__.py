"""The only room with SQL: functions over a Session that return domain values.

A statement is always run by its Session (`db.execute`, `db.scalar`, `db.scalars`), never by the connection below: one
way serves both kinds of statements, and those over mapped classes write first what the Session still holds. It takes
three microseconds more than the connection does, less than any statement's way to the database.

Statements are written in two ways, each where it is the better one. On the path of money and of live calls (`books`,
`calls/call_rows.py`, `payments/top_up_rows.py`, `payments/notice_rows.py`, `outbox.py`) statements are Core expressions
over tables: what is locked, in which order, and how many statements an order costs stand there to be read and counted,
and no object of the Session can hold an old balance. Elsewhere rows are mapped classes: there the type checker finds a
wrong column, which matters more than a statement.

Inserts that may meet a row already there, and the join of a posting with its event, are written once, in `sql.py`. Sets
of states are the domain's (`OPEN_STATES`, `OVER_STATES` …); conditions of tables are built from its enumerations.
"""
