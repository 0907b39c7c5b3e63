"""A lock of a file is held until the last descriptor's end, and is asked about without a trace."""

import os
from pathlib import Path

import pytest

from infra.servers.locks import ALONE, AMONG_OTHERS, AT_ONCE, is_held, locked, opened


@pytest.mark.parametrize("how", [ALONE, AMONG_OTHERS])
def test_whoever_asks_whether_a_lock_is_held_keeps_nobody_out(tmp_path: Path, how: int) -> None:
    path = tmp_path / "lock"
    with opened(path) as asking:
        assert not is_held(asking)
        with opened(path) as holding:
            assert locked(holding, how | AT_ONCE)
            assert is_held(asking)
            with opened(path) as other:
                assert locked(other, AMONG_OTHERS | AT_ONCE) is (how == AMONG_OTHERS)
                assert not locked(other, ALONE | AT_ONCE)
            inherited = os.dup(holding)
        assert is_held(asking)
        os.close(inherited)
        assert not is_held(asking)
