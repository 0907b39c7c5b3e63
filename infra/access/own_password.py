"""Own passwords on PostgreSQL (services' PasswordRows)."""

from uuid import UUID

from infra.database.db import Database


class PostgresPasswords:
    """The rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def change(self, user_id: UUID, kept: UUID, password_hash: str) -> None:
        async with self._db.untenanted() as connection:
            await connection.execute(
                "select change_password($1, $2, $3)", user_id, kept, password_hash
            )
