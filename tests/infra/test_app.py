"""The application: put together once, over what was opened."""

from dataclasses import FrozenInstanceError, replace

import pytest

from infra.bootstrap import App


def test_no_part_of_it_can_be_replaced(app: App) -> None:
    with pytest.raises(FrozenInstanceError):
        app.log = app.log  # type: ignore[misc]


def test_another_one_over_the_same_servers_has_parts_of_its_own(app: App) -> None:
    assert replace(app).verifier is not app.verifier
