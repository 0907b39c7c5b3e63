"""Progress bars, for the commands that take long: what runs for ever loads nothing of them."""

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class _Bar(Progress):
    """A bar that is taken away where the command is refused after all, or had nothing to do."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None and any(task.total is not None for task in self.tasks):
            self.stop()
        else:
            self.live.transient = True
            self.live.stop()


def telling(progress: Progress, description: str) -> Callable[[int, int], object]:
    """A bar of work that tells how many of how many are done."""
    bar = progress.add_task(description, total=None)
    return lambda done, total: progress.update(bar, completed=done, total=total)


def progress_bar() -> Progress:
    """How many of how many are done, and how long the rest may take; on standard error, so that
    what a command prints can be piped."""
    return _Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        redirect_stdout=False,
    )
