"""The use cases of getting in by a clock that stands at the hour of the database's."""

from datetime import UTC, datetime

import pytest

from infra.access.accounts import PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.access.links import PostgresLinks
from infra.bootstrap import App
from services.people.access import Accounts
from services.people.links import Links
from tests.services.people.test_guessing import Clock

ORIGIN = "https://chudan.example"


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.now = datetime.now(UTC)  # Sessions end by the database's clock.
    return clock


@pytest.fixture
def accounts(app: App, clock: Clock) -> Accounts:
    rows = PostgresAccess(app.db, lambda: app.settings.dsn("owner"), app.log)
    return Accounts(rows, PostgresAttempts(app.db), app.passwords, app.log, clock)


@pytest.fixture
def links(app: App, accounts: Accounts, clock: Clock) -> Links:
    rows = PostgresLinks(app.db, lambda: app.settings.dsn("owner"), app.log)
    attempts = PostgresAttempts(app.db)
    return Links(rows, accounts, attempts, app.passwords, app.mails, clock, ORIGIN)
