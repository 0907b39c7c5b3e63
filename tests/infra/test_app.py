"""The application: put together once, over what was opened."""

import pytest

from infra.bootstrap import App


def test_no_part_of_it_can_be_replaced(app: App) -> None:
    with pytest.raises(AttributeError, match="log is set already"):
        app.log = app.log
