"""What a worker's tests give commands with."""

import pytest

from infra.bootstrap import App
from services.kernel.context import Context, Principal


@pytest.fixture
def ctx(app: App, manager: Principal) -> Context:
    """The circumstances of the training manager of the test's partner."""
    return app.context(manager)
