"""The application: put together once, over what was opened."""

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from infra.bootstrap import App


def test_no_part_of_it_can_be_replaced(app: App) -> None:
    with pytest.raises(AttributeError, match="log is set already"):
        app.log = app.log


async def test_hashes_passwords_as_rfc_9106_recommends_it_where_nothing_else_is_asked(
    other_process: App,
) -> None:
    hashed = await other_process.passwords.hash("correct horse battery")
    assert extract_parameters(hashed) == RFC_9106_LOW_MEMORY
