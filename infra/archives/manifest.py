"""Of which schema an archive is, which is asked before all else that it says of itself."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from domain.kernel.errors import Refusal
from infra.archives.archive import UNREADABLE, Archive
from infra.database.migrate import checksums, migrations, require_lineage


class OfSchema(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest of any version says. schema: the number of the last migration.
    checksums: of all migrations in order, of which no version of before said any."""

    schema: int
    checksums: list[str] = msgspec.field(default_factory=list)


class OwnSchema(OfSchema, frozen=True, kw_only=True):
    """What a manifest that this program writes says."""

    checksums: list[str] = msgspec.field(default_factory=checksums)


Its = TypeVar("Its", bound=OwnSchema)


def read_manifest(
    archive: Archive, content: Iterator[bytes], kind: type[Its], require: Callable[[int], object]
) -> Its:
    """What an archive has. require: refuses numbers of schemas. Refuses `formats_of_before`,
    `archive_migration_differs` (name), `archive_damaged`."""
    written = archive.whole(content)
    try:
        # Another version may have other fields beside these.
        found = msgspec.json.decode(written, type=OfSchema)
        ours = migrations()
        require_lineage(next(iter(found.checksums), None), ours[0].checksum)
        require(found.schema)
        for one, checksum in zip(ours, found.checksums, strict=False):
            if one.checksum != checksum:
                raise Refusal("archive_migration_differs", name=one.name)
        return msgspec.json.decode(written, type=kind)
    except UNREADABLE as error:
        raise archive.damaged() from error
