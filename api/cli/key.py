"""`chudan key`: the installation's secret key, and the one that signs seals."""

import rich_click as click

from api.cli import usage
from api.cli.lines import word
from api.cli.running import app_command, progress_bar
from infra.bootstrap import App, Rotated


@usage.group("key", "key rotate")
def key() -> None:
    """The installation's keys."""


def _with_seal(ctx: click.Context, _: click.Parameter, lost: bool) -> bool:
    if lost and not ctx.params["seal"]:
        raise usage.Misused(word("usage.lost_without_seal"), ctx)
    return lost


@app_command("key rotate", "key rotate --data var", of=key)
@click.option("--seal", is_flag=True, is_eager=True, help=word("usage.option.seal"))
@click.option("--lost", is_flag=True, callback=_with_seal, help=word("usage.option.lost"))
async def rotate(app: App, seal: bool, lost: bool) -> None:
    """Wraps everybody's key anew with a new secret key, or goes on with a new seal key, while
    everything runs."""
    with progress_bar() as progress:
        bar = progress.add_task(word("key.waits"), total=None)

        def tell(done: int, total: int) -> None:
            progress.update(bar, description=word("key.progress"), completed=done, total=total)

        if seal:
            changed = await app.seal_key_rotation.run(tell, is_lost=lost)
            begun = word("key.seals", key=changed.key, partners=changed.partners)
            told = f"{begun}\n{word(f'key.seals_{changed.old}')}"
        else:
            told = _rotated(await app.key_rotation.run(tell))
    click.echo(told)


def _rotated(done: Rotated) -> str:
    said = "key.rotated_before" if done.was_done else "key.rotated"
    return word(said, key=done.key, people=done.people)
