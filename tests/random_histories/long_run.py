"""Many more histories than the tests have time for: `python -m tests.random_histories.long_run`.

    --histories 100000         how many in all
    --note var/histories.json  where it keeps the place: started again, it goes on from there
    --first-seed 0             another one for a second run beside it
    --coming-back              of people with several stays, with days to come

Each stretch of bundles is drawn from a seed of its own, one after the other, so that a stretch can
be repeated. The servers are its own, new for every start.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from hypothesis.strategies import SearchStrategy

from infra.bootstrap import bootstrap
from infra.database.migrate import migrate
from infra.servers.data_folder import hold
from infra.servers.embedded import Embedded
from infra.settings import load_settings
from tests.random_histories.bundle import Bundle, Counted
from tests.random_histories.driving import COMING_BACK, TOGETHER, USUAL, drive

STRETCH = 25
"""Bundles that are drawn from one seed."""


class Note(msgspec.Struct):
    """How far it has come: the seed of the next stretch, and what was done."""

    next_seed: int = 0
    counted: Counted = msgspec.field(default_factory=Counted)


class Notebook:
    """Where the note is kept between one start and the next."""

    def __init__(self, path: Path, first_seed: int) -> None:
        self._path = path
        self.note = Note(first_seed)
        if path.exists():
            self.note = msgspec.json.decode(path.read_bytes(), type=Note)

    def write(self, note: Note) -> None:
        self.note = note
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(msgspec.json.encode(note))


async def run(
    histories: int, book: Notebook, folder: Path, bundles: SearchStrategy[Bundle]
) -> None:
    """Goes on until so many are done in all. Raises DisagreedError at the first disagreement."""
    settings = load_settings({"CHUDAN_LOG_LEVEL": "warning"}, data=folder)
    with hold(settings.data) as lock:
        embedded = Embedded(settings, lock, durable=False)
        embedded.start()
        try:
            await migrate(embedded.settings)
            async with bootstrap(embedded.settings) as app:
                while book.note.counted.histories < histories:
                    began = time.monotonic()
                    counted = msgspec.structs.replace(book.note.counted)
                    await drive(app, book.note.next_seed, STRETCH, counted, bundles)
                    book.write(Note(book.note.next_seed + 1, counted))
                    pace = STRETCH * TOGETHER / (time.monotonic() - began)
                    sys.stdout.write(f"{book.note}  {pace:.0f} histories per s\n")
                    sys.stdout.flush()
        finally:
            embedded.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=100_000)
    parser.add_argument("--note", type=Path, default=Path("var/histories.json"))
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--coming-back", action="store_true")
    asked = parser.parse_args()
    bundles = COMING_BACK if asked.coming_back else USUAL
    with tempfile.TemporaryDirectory() as folder:
        book = Notebook(asked.note, asked.first_seed)
        asyncio.run(run(asked.histories, book, Path(folder), bundles))


if __name__ == "__main__":
    main()
