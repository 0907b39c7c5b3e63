"""A sample of earlier formats, restored by this program into an empty folder, and at work.

    python -m tests.samples.restoring 2026-11-30

writes what its questions are answered by now, for the day on which a figure is meant otherwise.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.bootstrap import App, bootstrap
from infra.database.migrate import migrate
from infra.servers.data_folder import hold
from infra.servers.embedded import Embedded
from infra.settings import load_settings
from tests.infra.installation import chudan
from tests.samples.asking import filled, opened
from tests.samples.keeping import (
    ANSWERS,
    ARCHIVE,
    ENTERING,
    PLACE,
    QUIETLY,
    Entering,
    Question,
    read,
    read_lines,
    write_lines,
)
from tests.servers import QUICK


def told(then: Question, now: Question) -> Iterator[str]:
    """Where an answer differs, and how."""
    asked = {name: it for name, it in then.variables.items() if name != "slugs"}
    for where, was, its in _differing(then.answer, now.answer, ()):
        yield f"{then.whose} {asked} {where}: {was!r} then, {its!r} now"


def _differing(was: Any, its: Any, at: tuple[Any, ...]) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(was, dict) and isinstance(its, dict) and was.keys() == its.keys():
        for name, value in was.items():
            yield from _differing(value, its[name], (*at, name))
    elif isinstance(was, list) and isinstance(its, list) and len(was) == len(its):
        for number, (one, other) in enumerate(zip(was, its, strict=True)):
            yield from _differing(one, other, (*at, number))
    elif was != its:
        yield ".".join(map(str, at)), was, its


class Restored:
    """app: by the clock of the sample."""

    def __init__(self, app: App, sample: Path, entering: Entering) -> None:
        self.app, self.sample, self.entering = app, sample, entering

    def asked(self) -> list[Question]:
        """The questions of then, with their answers."""
        return read_lines(self.sample / ANSWERS, Question)

    async def answers(self) -> list[Question]:
        """The same with the answers of now."""
        async with opened(self.app.settings, self.entering) as answered:
            return [await answered(one) for one in self.asked()]

    async def differences(self, *, of_now: bool = False) -> list[str]:
        """What is answered otherwise than then. of_now: as known now alone, by read models."""
        meant = [one for one in self.asked() if not (of_now and one.variables.get("knownBy"))]
        assert meant
        async with opened(self.app.settings, self.entering) as answered:
            return [line for one in meant for line in told(one, await answered(one))]


@asynccontextmanager
async def restored(sample: Path, folder: Path) -> AsyncIterator[Restored]:
    """By the README's own command. folder: is not there yet."""
    entering = read(sample / ENTERING, Entering)
    told = {"CHUDAN_PASSPHRASE": entering.passphrase}
    restoring = ("restore", str(sample / ARCHIVE), "--data", str(folder))
    done = await asyncio.to_thread(chudan, *restoring, **told)
    assert done.returncode == 0, done.stderr
    with hold(folder) as lock:
        embedded = Embedded(load_settings(QUIETLY, data=folder), lock, durable=False)
        embedded.start()
        try:
            assert await migrate(embedded.settings) == 0
            async with bootstrap(embedded.settings, lambda: entering.asked_at, QUICK) as app:
                await filled(app)
                yield Restored(app, sample, entering)
        finally:
            embedded.stop()


async def main() -> None:
    asked = argparse.ArgumentParser(description="Writes the answers of a sample anew.")
    asked.add_argument("day", help="whose formats it is of")
    sample = PLACE / asked.parse_args().day
    with TemporaryDirectory() as folder:
        async with restored(sample, Path(folder) / "chudan") as there:
            now = await there.answers()
    write_lines(sample / ANSWERS, now)


if __name__ == "__main__":
    asyncio.run(main())
