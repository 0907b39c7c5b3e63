"""Commands as processes of their own that need not load the product: each is forked from one that
has loaded all of it but the commands, whose words are in the language of their terminal."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.place import ROOT

_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(
    [__name__, "rich_click", "rich.progress", "infra.work.import_here", "infra.bootstrap"]
)
LONGEST = 120.0
"""Seconds, until a command that hangs is ended."""


def ended(
    environment: Mapping[str, str], arguments: Sequence[str], first: Callable[[], object] = int
) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `chudan`. environment: all of it. first:
    is done in the process before."""
    with TemporaryDirectory() as folder:
        said = [Path(folder, name) for name in ("output", "errors")]
        given = (dict(environment), [*arguments], said, first)
        process = _FORKED.Process(target=_run, args=given)
        process.start()
        process.join(LONGEST)
        if process.exitcode is None:
            process.kill()
            process.join()
        output, errors = (path.read_text("utf-8") for path in said)
    assert process.exitcode is not None
    return process.exitcode, output, errors


def _run(
    environment: Mapping[str, str],
    arguments: Sequence[str],
    said: Sequence[Path],
    first: Callable[[], object],
) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.argv = ["chudan", *arguments]
    from api.cli import main

    first()
    main()
