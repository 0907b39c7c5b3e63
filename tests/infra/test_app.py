"""The application: put together once, over what was opened."""

from dataclasses import FrozenInstanceError, replace

import pytest

from infra.bootstrap import App


def test_is_closed(app: App) -> None:
    with pytest.raises(FrozenInstanceError):
        app.log = app.log  # type: ignore[misc]


def test_another_one_over_the_same_servers_shares_no_part(app: App) -> None:
    assert replace(app).verifier is not app.verifier
