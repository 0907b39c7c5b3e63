"""`chudan export` and `chudan adopt`: one partner, into another installation."""

from pathlib import Path

import rich_click as click

from api.cli.archives import (
    lost_files_option,
    passphrase_of,
    passphrase_option,
    replace_option,
    say_lost,
)
from api.cli.bars import progress_bar, telling
from api.cli.lines import word
from api.cli.read_models import verify_all
from api.cli.running import app_command, partner_option
from infra.bootstrap import (
    App,
    adopt_partner,
    export_partner,
    fill_read_models,
    refuse_source,
    refuse_target,
)


@app_command("export", "export --partner CD01 --out CD01.chudan")
@partner_option()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=word("usage.option.out"),
)
@passphrase_option
@replace_option
@lost_files_option
async def export(
    app: App,
    partner: str,
    out: Path,
    passphrase_file: Path | None,
    replace: bool,
    without_lost_files: bool,
) -> None:
    """Writes a partner's whole log and its files into a sealed archive, while everything runs."""
    refuse_target(out, replace=replace)
    await app.accounts.partner(partner)
    passphrase = passphrase_of(passphrase_file, is_new=True)
    with progress_bar() as progress:
        tell = telling(progress, word("exported.progress"))
        done = await export_partner(
            app,
            partner,
            out,
            passphrase,
            tell,
            replace=replace,
            without_lost_files=without_lost_files,
        )
    whose = {"partner": done.partner.code, "position": done.position, "files": done.files}
    click.echo(word("exported.done", **whose, path=str(out)))
    if done.unfinished or done.unsent:
        click.echo(word("exported.stays", jobs=done.unfinished, effects=done.unsent))
    say_lost(app.settings, done.lost)


@app_command("adopt", "adopt CD01.chudan --data var")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@passphrase_option
async def adopt(app: App, file: Path, passphrase_file: Path | None) -> None:
    """Takes in a partner that another installation has exported, and verifies it."""
    refuse_source(file, "export")
    passphrase = passphrase_of(passphrase_file, is_new=False)
    with progress_bar() as progress:
        tell = telling(progress, word("adopt.progress"))
        done = await adopt_partner(app, file, passphrase, tell)
        its = done.manifest
        bar = progress.add_task(word("rebuild.progress"), total=its.position)
        await fill_read_models(
            app, its.partner.tenant_id, lambda gained: progress.advance(bar, gained)
        )
        # What the projector did that runs beside.
        progress.update(bar, completed=its.position)
    whose = {"partner": its.partner.code, "position": its.position, "files": its.files}
    click.echo(word("adopt.done", **whose))
    if its.unfinished or its.unsent:
        click.echo(word("adopt.stayed", jobs=its.unfinished, effects=its.unsent))
    if done.other_years:
        click.echo(word("adopt.other_years", years=", ".join(map(str, done.other_years))))
    say_lost(app.settings, its.lost)
    await verify_all(app, its.partner.code)
