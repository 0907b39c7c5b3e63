"""`chudan backup` and `chudan restore`: a whole installation, while it runs, and back into an empty
place."""

from pathlib import Path

import rich_click as click

from api.cli import usage
from api.cli.archives import (
    lost_files_option,
    passphrase_of,
    passphrase_option,
    replace_option,
    say_lost,
)
from api.cli.bars import progress_bar, telling
from api.cli.lines import word
from api.cli.read_models import rebuild_all, require_rebuilt, verify_all
from api.cli.running import command, data_option, run_in_loop, settings_for
from domain.kernel.errors import Refusal
from infra.bootstrap import (
    Restoring,
    archive_read,
    archive_written,
    back_up,
    bootstrap,
    check_database,
    check_own_database,
    connected,
    folder_restored,
    refuse_occupied,
    refuse_source,
    refuse_target,
    refuse_when_full,
    require_schema,
    restore_rows,
)
from infra.settings import Settings, data_folder, named_servers

FILE = click.Path(path_type=Path)


@command("backup", "backup /backups/monday.chudan --passphrase-file passphrase")
@click.argument("file", type=FILE)
@passphrase_option
@replace_option
@lost_files_option
async def backup(
    settings: Settings,
    file: Path,
    passphrase_file: Path | None,
    replace: bool,
    without_lost_files: bool,
) -> None:
    """Writes the whole installation into one sealed file."""
    refuse_target(file, replace=replace)
    await check_own_database(settings)
    await require_schema(settings.dsn("owner"))
    passphrase = passphrase_of(passphrase_file, is_new=True)
    with (
        archive_written(file, "backup", passphrase, replace=replace) as archive,
        progress_bar() as progress,
    ):
        tell = telling(progress, word("backup.progress"))
        made = await back_up(settings, archive, tell, without_lost_files=without_lost_files)
    events = made.tables["events"].rows
    partners = made.tables["tenants"].rows
    said = {"file": file, "partners": partners, "events": events, "files": made.files}
    click.echo(word("backup.done", **said))
    say_lost(settings, made.lost)


@usage.command("restore", "restore /backups/monday.chudan --data var")
@click.argument("file", type=FILE)
@passphrase_option
@data_option
def restore(file: Path, passphrase_file: Path | None, data: str | None) -> None:
    """Puts a backup back into an empty place, and verifies it."""
    folder = data_folder(data)
    refuse_occupied(folder)
    named, _ = servers = named_servers()
    if None in servers:
        refuse_when_full(folder)  # Whoever is told to choose another leaves no secrets here.
    refuse_source(file, "backup")
    passphrase = passphrase_of(passphrase_file, is_new=False)
    with (
        archive_read(file, "backup", passphrase) as archive,
        folder_restored(archive, folder) as restoring,
    ):
        if named is not None:
            # Before there are secrets on this disk.
            run_in_loop(check_database(named))
            run_in_loop(restoring.require_empty(named))
        restoring.place()
        with connected(settings_for(data), is_restoring=True) as settings:
            run_in_loop(check_own_database(settings))
            with progress_bar() as progress:
                tell = telling(progress, word("restore.progress"))
                run_in_loop(restore_rows(restoring, settings, tell))
            say_lost(settings, restoring.manifest.lost)
            run_in_loop(_complete(settings, restoring))
    click.echo(word("restore.done", folder=folder))


async def _complete(settings: Settings, restoring: Restoring) -> None:
    async with bootstrap(settings) as app:
        done = await rebuild_all(app)
        restoring.end()
        try:
            await verify_all(app)
            require_rebuilt(done)  # Before it, what is the matter with the log.
        except Refusal:
            click.echo(word("restore.in_place", folder=settings.data))
            raise
