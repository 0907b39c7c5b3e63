"""Which rows are a partner's own and go with it to another installation, and which stay."""

from collections.abc import Mapping

import asyncpg

MOVED = (
    "tenants",
    "heads",
    "events",
    "claims",
    "commands",
    "seals",
    "users",
    "recovery_codes",
    "passkeys",
    "jobs",
    "files",
    "checkpoints",
    "repairs",
)
"""Copied as they are, the partner's own row first, so that foreign keys are met."""

PEOPLE, CODES = UNWRAPPED = "person_keys", "totps"
"""Go along too: unwrapped, since every installation wraps with a secret key of its own people's
keys and what one-time codes are made of."""

STAYS = (
    # Doors to the old installation, which would be open in both.
    "tokens",
    "sessions",
    "one_time_links",
    "identities",
    "log_in_steps",
    # What has yet to be sent is sent by the old installation, once.
    "outbox",
    "mails",
    # Answers to questions of this head office's.
    "hq_what_ifs",
    # Made anew from the log, as read models are.
    "kpi_series",
    "hq_series",
    "series_checkpoints",
)

BY_POSITION = "events"
"""The table that is copied stretch by stretch, since it has no bound."""

REACTORS_ONLY = "checkpoints"
"""The table of which the reactors' rows go along: they have carried out what was recorded before.
Read models begin anew, and so does the copying of what head office sets for all."""

UNFINISHED = "due_at is not null"
STAYED_BEHIND = "job_stayed_behind"
INSTEAD: Mapping[str, Mapping[str, str]] = {
    "jobs": {
        "state": f"case when {UNFINISHED} then 'failed' else state end",
        "error": f"case when {UNFINISHED} then '{STAYED_BEHIND}' else error end",
        "error_params": f"case when {UNFINISHED} then '{{}}' else error_params end",
        **dict.fromkeys(("due_at", "worker", "kept"), "null"),
    }
}
"""What goes in the place of a column: a job that is not over goes on where it is, and has failed in
the other installation."""

_COLUMNS = """
    select attname::text, format_type(atttypid, atttypmod) from pg_attribute
    where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum
"""


async def columns_of(connection: asyncpg.Connection, table: str) -> dict[str, str]:
    """A table's columns in order, with their types."""
    return dict(await connection.fetch(_COLUMNS, table))
