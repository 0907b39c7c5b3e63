"""The command `chudan` as a person types it, beside running servers or alone on a data folder."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.place import ROOT


async def started(
    environment: Mapping[str, str], *arguments: str | Path, language: str = "C.UTF-8"
) -> asyncio.subprocess.Process:
    """The running command; environment: where its servers are."""
    told = {"CHUDAN_LOG_LEVEL": "warning", "LC_ALL": language, "COLUMNS": "200"}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api.cli", *map(str, arguments)),
        cwd=ROOT,
        env={**os.environ, **environment, **told},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    output, errors = await process.communicate()
    return process.returncode or 0, output.decode(), errors.decode()


async def chudan(
    environment: Mapping[str, str], *arguments: str | Path, language: str = "C.UTF-8"
) -> tuple[int, str, str]:
    """Both, one after the other."""
    return await ended(await started(environment, *arguments, language=language))
