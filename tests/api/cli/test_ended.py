"""A command that is ended: wherever it stands, it ends and says so."""

import os
import signal
import sys
from functools import partial
from itertools import count
from random import Random
from types import FrameType

import pytest

from infra.bootstrap import App
from services.people.access import Tenant
from tests.api.cli.terminal import chudan

INSTANTS = 6
PRINTS = "echo_json"
LOSING = {"cb", "_remove", "__del__"}
"""Functions that are called as an object goes: what they raise is lost."""
SAID = "chudan: Interrupted. The same command can be run again."


def end_at(instant: int, *, is_lost: bool, is_deaf: bool) -> None:
    """Has the command end as it calls a function, the first being 1, by SIGTERM; at 0 it tells how
    many it called before it printed. is_lost: of those alone that lose what is raised in them.
    is_deaf: to Ctrl-C, as a shell's `&` makes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN if is_deaf else signal.default_int_handler)
    calls = count(1)

    def called(frame: FrameType, event: str, _: object) -> None:
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            return  # As yet it ends as anything does that is just beginning.
        name = frame.f_code.co_name
        call = 0 if is_lost and name not in LOSING else next(calls)
        prints = (event, name) == ("call", PRINTS)
        if prints or 0 < call == instant:
            sys.setprofile(None)
        if prints and not instant:
            sys.stderr.write(f"{next(calls)}\n")
        if 0 < call == instant:
            os.kill(os.getpid(), signal.SIGTERM)

    sys.setprofile(called)


async def ended_at(app: App, partner: Tenant, instant: int, **how: bool) -> tuple[int, str]:
    """The exit status, and what is said last."""
    asked = ("token", "list", "--partner", partner.code)
    first = partial(end_at, instant, **how)
    status, _, errors = await chudan(app.settings.environment, *asked, first=first)
    return status, errors.splitlines()[-1]


@pytest.mark.parametrize("is_deaf", [False, True], ids=["a terminal", "a shell's &"])
@pytest.mark.parametrize("is_lost", [False, True], ids=["anywhere", "where it would be lost"])
async def test_a_command_ends_at_whatever_instant_it_is_told_to(
    app: App, partner: Tenant, is_lost: bool, is_deaf: bool
) -> None:
    how = {"is_lost": is_lost, "is_deaf": is_deaf}
    status, calls = await ended_at(app, partner, 0, **how)
    assert status == 0
    # Before it prints, so that one that was not ended is done, with another status.
    instants = Random(calls).sample(range(1, int(calls) * 9 // 10), INSTANTS)
    answers = {one: await ended_at(app, partner, one, **how) for one in instants}
    assert answers == dict.fromkeys(instants, (1, SAID))
