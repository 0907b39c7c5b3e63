"""What the doctor looks at, without an installation."""

import os
from pathlib import Path

import msgspec
import pytest

from domain.kernel.errors import Refusal
from infra.servers.checks import _modes, _processes
from infra.servers.data_folder import RUNTIME, Runtime, hold


@pytest.fixture
def data(tmp_path: Path) -> Path:
    made = tmp_path / "var"
    made.mkdir(mode=0o700)
    return made


def test_tells_what_others_may_look_into(data: Path) -> None:
    (data / "log").mkdir(mode=0o700)
    for path in (data / "secret_key", data / "log" / "redis.log"):
        path.touch()
        path.chmod(0o640)
    with pytest.raises(Refusal) as refused:
        _modes(data)
    paths = [str(data / "secret_key"), str(data / "log" / "redis.log")]
    assert (refused.value.code, refused.value.params["paths"]) == ("data_folder_open", paths)


def test_tells_of_a_link_only_where_others_may_look_into_what_it_leads_to(
    data: Path, tmp_path: Path
) -> None:
    kept, gone = tmp_path / "elsewhere", tmp_path / "gone"
    kept.touch(mode=0o600)
    kept.chmod(0o600)
    (data / "files").symlink_to(kept)
    (data / "accounts.json").symlink_to(gone)
    _modes(data)
    kept.chmod(0o644)
    with pytest.raises(Refusal) as refused:
        _modes(data)
    assert refused.value.params["paths"] == [str(data / "files")]


def test_tells_what_is_away_while_somebody_runs_the_folder_s_servers(data: Path) -> None:
    # Left by one that was killed, whose id another process got.
    left = Runtime(os.getpid(), "", "", is_lasting=True, away=("worker",))
    (data / RUNTIME).write_bytes(msgspec.json.encode(left))
    _processes(data)
    with hold(data) as lock, pytest.raises(Refusal) as refused:
        assert lock is not None
        _processes(data)
    assert (refused.value.code, refused.value.params["names"]) == ("processes_away", ["worker"])
