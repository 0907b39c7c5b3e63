"""`chudan key`: the installation's secret key."""

import rich_click as click

from api.cli import usage
from api.cli.lines import word
from api.cli.running import app_command, progress_bar
from infra.bootstrap import App


@usage.group("key", "key rotate")
def key() -> None:
    """The installation's secret key."""


@app_command("key rotate", "key rotate --data var", of=key)
async def rotate(app: App) -> None:
    """Wraps everybody's key anew with a new secret key, while everything runs."""
    with progress_bar() as progress:
        bar = progress.add_task(word("key.waits"), total=None)
        done = await app.key_rotation.run(
            lambda done, total: progress.update(
                bar, description=word("key.progress"), completed=done, total=total
            )
        )
    said = "key.rotated_before" if done.was_done else "key.rotated"
    click.echo(word(said, key=done.key, people=done.people))
