"""The limit without gathering: pgbench, one event row per transaction, into the log's own table."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.bench.place import Bench
from infra.servers.embedded_postgres import DATABASE, PORT, SUPERUSER, programs

# Each client is a tenant of its own whose positions go up, as the log's do: the index is touched in
# the same places.
_SCRIPT = """\
\\set n :n + 1
insert into events (tenant_id, position, stream_id, version, topic, class_version, payload, actor,
    recorded_at, source, correlation_id, causation_id)
values (('00000000-0000-4000-8000-' || lpad((:run * 1000 + :client_id)::text, 12, '0'))::uuid, :n,
    'trainee-00000000-0000-7000-8000-' || lpad((:n % 1000)::text, 12, '0'), :n,
    'trainee.order_closed', 1,
    '{"order_no":"O-123456","closed_on":"2026-07-01","product":"企业邮箱","amount":"1980.00"}',
    'bench', now(), '{"kind": "typed"}', gen_random_uuid(), null);
"""


class Pgbench:
    """Runs it against the bench's database as its superuser."""

    def __init__(self, bench: Bench, script: Path) -> None:
        self._bench, self._script = bench, script
        self._runs = count(1)

    @classmethod
    @contextmanager
    def prepare(cls, bench: Bench) -> Iterator["Pgbench"]:
        with TemporaryDirectory() as folder:
            script = Path(folder) / "insert.sql"
            script.write_text(_SCRIPT, encoding="utf-8")
            yield cls(bench, script)

    async def rate(self, at_once: int, seconds: float) -> float:
        """Rows per second with so many clients."""
        postgres = self._bench.postgres
        argv = ["-n", "-M", "prepared", "-c", str(at_once), "-j", str(min(at_once, 2))]
        argv += ["-T", str(max(round(seconds), 1)), "-f", str(self._script), "-D", "n=0"]
        argv += ["-D", f"run={next(self._runs)}", "-h", str(postgres.sockets), "-p", str(PORT)]
        process = await asyncio.create_subprocess_exec(
            str(programs() / "pgbench"),
            *(*argv, "-U", SUPERUSER, DATABASE),
            env={"PGPASSWORD": postgres.superuser_password},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        found = re.search(r"tps = ([\d.]+) \(without", output.decode())
        if found is None:
            raise RuntimeError((output + errors).decode())
        return float(found[1])
