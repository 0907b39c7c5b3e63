"""The embedded servers, for real."""

import asyncpg
import pytest

from infra.settings import Settings


async def test_every_role_logs_in_with_its_password(database: Settings) -> None:
    for role in ("owner", "app", "log", "projector", "head_office"):
        connection = await asyncpg.connect(database.dsn(role))
        assert await connection.fetchval("select current_user") == f"chudan_{role}"
        await connection.close()


async def test_refuses_a_wrong_password(database: Settings) -> None:
    wrong = database.dsn("app").replace(database.role_password("app"), "wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
