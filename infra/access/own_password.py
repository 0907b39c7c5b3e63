"""Own passwords on PostgreSQL (services' PasswordRows)."""

from datetime import datetime
from uuid import UUID

from infra.database.db import Database


class PostgresPasswords:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def change(self, user_id: UUID, kept: UUID, password_hash: str, now: datetime) -> bool:
        its = (user_id, kept, password_hash, now)
        async with self._db.untenanted() as connection:
            is_changed: bool = await connection.fetchval(
                "select change_password($1, $2, $3, $4)", *its
            )
        return is_changed
