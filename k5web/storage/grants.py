"""What the migrations grant the application's role, and whether a database grants just that."""

from collections.abc import Mapping
from importlib import resources

from sqlalchemy import Connection, text

from k5web.storage.session import APP_ROLE

WRITTEN = "grants.txt"  # a line for each thing; tests hold it against what the migrations make

# Rights of whoever does not own the thing. Everybody may look into the schema: so PostgreSQL makes it
_GRANTED = """
SELECT thing, privilege, CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END AS grantee FROM (
    SELECT c.relname AS thing, c.relowner AS owner, (aclexplode(c.relacl)).* FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT c.relname || '.' || a.attname, c.relowner, (aclexplode(a.attacl)).* FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT p.proname || '()', p.proowner, (aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))).*
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'schema public', n.nspowner, (aclexplode(n.nspacl)).* FROM pg_namespace n WHERE n.nspname = 'public'
) AS granted (thing, owner, grantor, grantee, privilege, is_grantable)
WHERE grantee <> owner AND NOT (thing = 'schema public' AND privilege = 'USAGE' AND grantee = 0)
"""
_ROLES = """
SELECT pg_get_userbyid(roleid) FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = :role)
"""


def wanted() -> Mapping[str, frozenset[str]]:
    """Return what the application's role may do, by thing: a table, its column, a sequence, a function, the schema."""
    lines = resources.files(__package__).joinpath(WRITTEN).read_text("utf-8").splitlines()
    return {thing: frozenset(rights.split(", ")) for thing, rights in (line.split(": ") for line in lines)}


def granted(connection: Connection) -> dict[str, dict[str, frozenset[str]]]:
    """Return who may do what beside the owners, by role and thing."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for thing, privilege, role in connection.execute(text(_GRANTED)):
        of_role = found.setdefault(role, {})
        of_role[thing] = of_role.get(thing, frozenset()) | {privilege}
    return found


def differences(connection: Connection) -> list[str]:
    """Return what the database grants too much and too little, in words; what others may only read is theirs."""
    found = granted(connection)
    should, have = wanted(), found.pop(APP_ROLE, {})
    missing = [
        f"grant is missing: {APP_ROLE} may not {', '.join(sorted(lack))} {thing}"
        for thing in sorted(should)
        if (lack := should[thing] - have.get(thing, frozenset()))
    ]
    beyond = [(APP_ROLE, thing, have[thing] - should.get(thing, frozenset())) for thing in have]
    beyond += [(role, thing, rights - {"SELECT"}) for role, things in found.items() for thing, rights in things.items()]
    too_much = [f"grant too much: {role} may {', '.join(sorted(more))} {thing}" for role, thing, more in beyond if more]
    above = [
        f"grant too much: {APP_ROLE} may all that {role} may"
        for role in connection.scalars(text(_ROLES), {"role": APP_ROLE})
    ]
    return missing + sorted(too_much) + above
