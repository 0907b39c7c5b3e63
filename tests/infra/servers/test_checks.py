"""What the doctor looks at, without an installation."""

from pathlib import Path

import pytest

from domain.kernel.errors import Refusal
from infra.servers.checks import _modes


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
