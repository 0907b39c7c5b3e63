"""A process that is listened to, by a clock that is told what time it is."""

import os
import signal
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from infra.servers.process import (
    ASK_SECONDS,
    AWAY_SECONDS,
    BEGIN_SECONDS,
    HUNG_SECONDS,
    LONGEST_DELAY,
    STOPPED,
    Process,
    Program,
    state_of,
)
from tests.infra.installation import until

Told = list[MutableMapping[str, Any]]
SLEEPING = Program("sleeping", ["sleep", "1000"], dict(os.environ), Path("/"))


class Listened:
    """A real program whose signs of life, and the time, are those of the test."""

    def __init__(self) -> None:
        self.now, self.gives_signs = 0.0, True
        self.process = Process(SLEEPING, lambda: self.gives_signs, lambda: self.now)

    def live(self, seconds: float, by: float = ASK_SECONDS) -> None:
        """So much time goes by, with a look every so often."""
        end = self.now + seconds
        while self.now < end:
            self.now += by
            self.process.look()

    def has_ended(self) -> bool:
        return self.process.exit_code is not None

    def ended(self, pid: int) -> bool:
        """Whether that one has ended; perhaps it is started again already."""
        return self.process.pid != pid or self.has_ended()


@pytest.fixture
def listened() -> Iterator[Listened]:
    made = Listened()
    yield made
    made.process.stop()


@pytest.fixture
def told() -> Iterator[Told]:
    with capture_logs() as logged:
        yield logged


def test_is_away_until_its_first_sign_and_while_it_gives_none(listened: Listened) -> None:
    assert listened.process.is_away
    listened.live(1)
    assert not listened.process.is_away
    listened.gives_signs = False
    listened.live(AWAY_SECONDS)
    assert listened.process.is_away
    listened.gives_signs = True
    listened.live(1)
    assert not listened.process.is_away


def test_is_ended_when_it_gives_no_sign_any_more_and_started_again(
    listened: Listened, told: Told
) -> None:
    listened.live(1)
    listened.gives_signs, pid = False, listened.process.pid
    listened.live(HUNG_SECONDS)
    assert told == []
    listened.live(1)
    assert told[0]["event"] == "child hangs"
    until(lambda: listened.ended(pid))
    listened.gives_signs = True
    listened.live(3)
    assert (listened.process.pid != pid, listened.process.early_ends) == (True, 0)
    assert not listened.process.is_away


def test_is_ended_where_it_is_stopped_itself_while_its_children_give_signs(
    listened: Listened, told: Told
) -> None:
    listened.live(1)
    pid = listened.process.pid
    os.kill(pid, signal.SIGSTOP)
    until(lambda: state_of(pid) in STOPPED)
    listened.live(AWAY_SECONDS)
    assert listened.process.is_away and told == []
    listened.live(HUNG_SECONDS)
    assert told[0]["event"] == "child hangs"
    until(lambda: listened.ended(pid))


def test_is_not_ended_after_the_machine_stood_still(listened: Listened, told: Told) -> None:
    listened.live(1)
    listened.gives_signs = False
    listened.live(3600, by=3600)
    assert listened.process.is_away and told == []
    listened.gives_signs = True
    listened.live(1)
    assert not listened.process.is_away


def test_one_that_never_began_is_ended_later_and_counts_as_ended_early(
    listened: Listened, told: Told
) -> None:
    listened.gives_signs = False
    for ends in (1, 2):
        told.clear()
        pid = listened.process.pid
        listened.live(BEGIN_SECONDS)
        assert told == []
        listened.live(1)
        until(lambda pid=pid: listened.ended(pid))
        while listened.process.pid == pid:
            listened.live(1)
        assert listened.process.early_ends == ends


def test_starts_at_once_what_ran_longer_than_its_starts_are_apart(listened: Listened) -> None:
    for _ in range(10):
        listened.live(LONGEST_DELAY)
        pid = listened.process.pid
        os.kill(pid, signal.SIGKILL)
        until(listened.has_ended)
        listened.process.look()
        assert listened.process.pid != pid
    assert listened.process.early_ends == 10
    listened.live(1)
    pid = listened.process.pid
    os.kill(pid, signal.SIGKILL)
    until(listened.has_ended)
    listened.live(LONGEST_DELAY - 2)
    assert listened.has_ended()
    listened.live(1)
    assert listened.process.pid != pid
