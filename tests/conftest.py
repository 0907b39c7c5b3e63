"""The real servers, once per session; each test makes a tenant of its own.

Nothing runs in the background here but what a test starts and ends.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from infra.bootstrap import App, tune_garbage_collector
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from tests import servers as own
from tests.ids import readable
from tests.statement_form.recording import malformed, recorded

# How long an example takes says how busy the machine is, and nothing of a rule. The same examples
# every time, so that a change is to blame for what it breaks: the second fifty would tell little
# more of it, and cost as much as the first. `make explore` goes elsewhere, and far.
settings.register_profile("repeated", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("explore", deadline=None, max_examples=1_000)
settings.load_profile("repeated")

TOGETHER = ("tests/browser/", "tests/infra/archives/", "tests/infra/log/secret_keys/")
"""Folders with servers of their own, which each worker that ran one of their files would start."""

FIRST = (
    "tests/browser/",
    "tests/random_histories/test_random_histories.py",
    "tests/test_killed_during_an_import.py",
)
"""What takes long: begun at the end, each would be waited for by all workers."""

servers, database, app = own.servers, own.database, own.app


def pytest_sessionstart() -> None:
    """Loads the tests with cycles looked for as seldom as in the product's processes."""
    tune_garbage_collector()


def pytest_collection_finish() -> None:
    """Looks for no cycles among thousands of tests: an eighth of a worker's time went there."""
    tune_garbage_collector()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.location[0].startswith(FIRST))


class Distribution(LoadFileScheduling):  # type: ignore[misc]
    """A worker runs a file whole, and all that is TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        return next(filter(nodeid.startswith, TOGETHER), None) or super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Distribution:
    return Distribution(config, log)


def pytest_make_parametrize_id(config: pytest.Config, val: Any, argname: str) -> str:
    return readable(argname, val)


@pytest.fixture(scope="session", autouse=True)
def statements_of_the_form() -> Iterator[None]:
    """At the end every statement that the product has sent in this process is of the form."""
    with recorded():
        yield
    assert not malformed(), "\n".join(malformed())


@pytest.fixture
async def partner(app: App) -> Tenant:
    """A partner of this test's own."""
    return await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭州渠道")


@pytest.fixture
def manager(partner: Tenant) -> Principal:
    """The partner's training manager."""
    return in_role(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
