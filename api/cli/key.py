"""`chudan key`: the installation's secret key, and the one that signs seals."""

from collections.abc import Iterator

import rich_click as click

from api.cli import usage
from api.cli.bars import progress_bar
from api.cli.lines import word
from api.cli.running import app_command
from infra.bootstrap import App, Rotated, SealKeyChanged


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
async def rotate(app: App, seal: bool, lost: bool) -> int:
    """Wraps everybody's key anew with a new secret key, or goes on with a new seal key, while
    everything runs; 1 where there was nothing to change."""
    was_done = False
    with progress_bar() as progress:
        bar = progress.add_task(word("key.waits"), total=None)

        def tell(done: int, total: int) -> None:
            progress.update(bar, description=word("key.progress"), completed=done, total=total)

        if seal:
            told = _changed(await app.seal_key_rotation.run(tell, is_lost=lost))
        else:
            done = await app.key_rotation.run(tell)
            told, was_done = _rotated(done, app.settings.are_keys_kept), done.was_done
    click.echo("\n".join(told))
    return int(was_done)


def _rotated(done: Rotated, is_kept: bool) -> Iterator[str]:
    """is_kept: the data folder keeps the key."""
    places = _joined(done.left)
    if not done.was_done:
        yield word("key.rotated", key=done.key, keys=done.keys)
        yield word("key.left", places=places)
    else:
        yield word("key.rotated_before", key=done.key)
        yield word("key.kept_again" if is_kept else "key.named_again", places=places)


def _changed(done: SealKeyChanged) -> Iterator[str]:
    said = "key.seals" if done.partners else "key.seals_none"
    yield word(said, key=done.key, partners=done.partners)
    yield word(f"key.seals_{done.old}", places=_joined(done.left))


def _joined(places: list[str]) -> str:
    return word("word.and").join(places)
