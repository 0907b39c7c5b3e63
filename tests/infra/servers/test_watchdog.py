"""Signs of life: who gives them is heard, and nobody else."""

import asyncio
import socket
from pathlib import Path

import pytest

from infra.servers.data_folder import own_folder
from infra.servers.watchdog import SIGN, VARIABLE, Watchdog, signs_of_life
from tests.infra.installation import until


@pytest.fixture
def watchdog(tmp_path: Path) -> Watchdog:
    # A folder's name may hold what stands for a socket without a file.
    return Watchdog(own_folder(tmp_path / "a@b", None) / "api")


def sender(watchdog: Watchdog) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    made.connect(watchdog.environment[VARIABLE])
    return made


async def test_hears_a_process_whose_loop_turns(
    watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*watchdog.environment.popitem())
    async with signs_of_life():
        await asyncio.to_thread(until, watchdog.has_heard)


def test_takes_no_other_message_for_a_sign_and_hears_one_behind_them(watchdog: Watchdog) -> None:
    with sender(watchdog) as stranger:
        for message in (b"", b"READY=1", SIGN + b"0"):
            stranger.send(message)
        assert not watchdog.has_heard()
        for message in (b"", SIGN):
            stranger.send(message)
        assert watchdog.has_heard()


def test_is_not_kept_by_who_never_stops(
    watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.servers.watchdog.MOST_MESSAGES", 2)
    with sender(watchdog) as stranger:
        for message in (b"flood", b"flood", SIGN):
            stranger.send(message)
    assert (watchdog.has_heard(), watchdog.has_heard()) == (False, True)


def test_takes_the_place_of_one_that_was_killed(watchdog: Watchdog) -> None:
    again = Watchdog(Path(watchdog.environment[VARIABLE]))
    with sender(again) as child:
        child.send(SIGN)
    assert (again.has_heard(), watchdog.has_heard()) == (True, False)
