"""Makes a sample of the formats of today, which every program from then on restores and reads.

    python -m tests.samples.make 2026-11-30

A sample that others have is never made again: `--again` is for the day on which it is made.
"""

import argparse
import asyncio
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from infra.bootstrap import App, bootstrap
from infra.database.db import connection_to
from infra.database.migrate import migrate
from infra.servers.data_folder import hold
from infra.servers.embedded import Embedded
from infra.settings import Settings, load_settings
from services.people.access import Tenant
from tests.infra.archives.backups import unheard
from tests.infra.installation import CHUDAN, environment
from tests.samples.asking import filled, opened, questions
from tests.samples.frozen import formats
from tests.samples.keeping import (
    ANSWERS,
    ARCHIVE,
    ENTERING,
    FROZEN,
    PLACE,
    QUIETLY,
    TOPICS,
    Entering,
    Once,
    samples,
    write,
    write_lines,
)
from tests.samples.letting_in import Entrance
from tests.samples.living import Life, lead, order_once, seal
from tests.servers import QUICK
from tests.situation import march

PASSPHRASE = "a sample of the formats"
TOLD = "E3"
"""Of whom the most is recorded."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("day", type=date.fromisoformat, help="whose formats it is of")
    asked.add_argument("--again", action="store_true", help="in the place of the one that is there")
    given = asked.parse_args()
    folder = PLACE / str(given.day)
    if folder in samples() and not given.again:
        asked.error(f"{folder} is there, and is never made again")
    make(given.day, folder)
    print(f"{folder}: {(folder / ARCHIVE).stat().st_size:,} bytes")  # noqa: T201


def make(day: date, folder: Path) -> None:
    """Makes a sample. Raises AssertionError where it would lack an event of the day."""
    with TemporaryDirectory() as data, hold(Path(data)) as lock:
        embedded = Embedded(load_settings(QUIETLY, data=Path(data)), lock, durable=False)
        embedded.start()
        try:
            with TemporaryDirectory() as draft:
                asyncio.run(_make(embedded.settings, day, Path(draft)))
                told = {"CHUDAN_DATA": data, "CHUDAN_PASSPHRASE": PASSPHRASE}
                command = [*CHUDAN, "backup", f"{draft}/{ARCHIVE}"]
                subprocess.run(command, env=environment() | told, check=True)
                folder.mkdir(exist_ok=True)
                for made in Path(draft).iterdir():
                    shutil.copyfile(made, folder / made.name)
        finally:
            embedded.stop()


async def _make(settings: Settings, day: date, folder: Path) -> None:
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    await migrate(settings)
    async with bootstrap(settings, lambda: noon, QUICK) as app:
        codes, known, entering = await _lived(app, noon + timedelta(days=6))
    frozen, settings = formats(), settings.given()  # With the keys by now.
    async with connection_to(settings.dsn("backup")) as connection:
        topics = {tuple(row) for row in await connection.fetch(TOPICS)}
    lacking = frozen.versions - topics
    assert not lacking, f"tests/samples/story.py does not tell of {sorted(lacking)}"
    # Who has not opened what is erased.
    async with bootstrap(settings, lambda: entering.asked_at, QUICK) as app:
        await filled(app)
    async with opened(settings, entering) as answered:
        asked = [await answered(one) for one in questions(day, codes, known, TOLD)]
    write(folder / ENTERING, entering)
    write_lines(folder / ANSWERS, asked)
    write(folder / FROZEN, frozen)


async def _lived(app: App, asked_at: datetime) -> tuple[list[str], list[datetime], Entering]:
    """The codes of the partners, instants of which less was known, and who gets in."""
    full = Life(app, await app.accounts.create_partner("hz", "杭州渠道", window_days=45))
    other = Life(app, await app.accounts.create_partner("nj", "南京渠道"))
    partners: list[Tenant] = [full.partner, other.partner]
    codes, known = [one.code for one in partners], list[datetime]()
    await full.live_in_full()
    await other.live_at_random()
    await seal(app)
    known.append(datetime.now(UTC))
    await app.seal_key_rotation.run(unheard, is_lost=False)
    await full.submit()
    known.append(datetime.now(UTC))
    await full.import_sheets()
    await full.try_out()
    await lead(app, partners)
    once = Once("an order", "hz", "E4", "N30", march(27))
    once = replace(once, position=(await order_once(app, once)).position)
    entering = await Entrance(app, full.partner).open(PASSPHRASE, asked_at, codes, once)
    await app.key_rotation.run(unheard)
    await full.erase()
    await seal(app)
    return codes, known, entering


if __name__ == "__main__":
    main()
