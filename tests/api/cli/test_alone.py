"""The commands on a new data folder, with nothing running: as the README says them."""

import asyncio
import json
import re
import socket
from pathlib import Path

import pytest

from tests.api.cli.terminal import chudan, ended, started
from tests.infra.installation import free_port
from tests.place import ROOT

(ROSTER,) = re.findall(r"^roster=(\S+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)

EMBEDDED = {"CHUDAN_DATABASE_URL": "", "CHUDAN_BROKER_URL": ""}


async def test_a_partner_is_made_filled_and_its_figures_told_before_any_projector_ran(
    tmp_path: Path,
) -> None:
    alone = {"CHUDAN_DATA": str(tmp_path / "new")} | EMBEDDED
    status, said, errors = await chudan(
        alone, "partner", "create", "--code", "hz", "--name", "杭州渠道"
    )
    assert (status, errors) == (0, "")
    assert json.loads(said)["code"] == "hz"
    status, _, _ = await chudan(alone, "import", ROSTER, "--partner", "hz")
    assert status == 0
    asked = ("figures", "--partner", "hz", "--month", "2026-06", "--format", "json")
    status, said, _ = await chudan(alone, *asked)
    assert status == 0
    figures = {one["slug"]: one["ratio"] for one in json.loads(said)["figures"]}
    assert figures["went_live"]["numerator"] > 0


async def test_commands_at_the_same_moment_wait_for_who_makes_the_folder(tmp_path: Path) -> None:
    alone = {"CHUDAN_DATA": str(tmp_path / "new")} | EMBEDDED
    asked = [
        ("migrate",),
        ("partner", "create", "--code", "xa", "--name", "西安渠道"),
        ("partner", "create", "--code", "hz", "--name", "杭州渠道"),
        ("serve", "--port", str(free_port())),
    ]
    *commands, serving = [await started(alone, *one) for one in asked]
    try:
        ends = await asyncio.gather(*map(ended, commands))
        assert [(status, errors) for status, _, errors in ends] == [(0, "")] * len(ends)
        assert serving.stdout is not None
        assert (await serving.stdout.readline()).startswith(b"ready ")
    finally:
        serving.terminate()
    assert (await ended(serving))[0] == 0


async def test_a_command_that_asks_what_is_there_makes_nothing_in_another_folder(
    tmp_path: Path,
) -> None:
    typed = tmp_path / "typed"
    asked = (
        ("api",),
        ("doctor",),
        ("verify",),
        ("key", "rotate"),
        ("backup", tmp_path / "file"),
        ("adopt", tmp_path / "file"),
    )
    for one in asked:
        status, said, errors = await chudan(EMBEDDED, *one, "--data", typed)
        assert (status, said) == (1, "")
        (line,) = errors.splitlines()
        assert f"There is no installation in {typed}." in line
    assert not typed.exists()


@pytest.mark.parametrize(
    "elsewhere",
    [
        {},
        {"CHUDAN_DATABASE_URL": "postgresql://chudan@127.0.0.1:1/chudan"},
        {"CHUDAN_BROKER_URL": "redis://127.0.0.1:1"},
        {"CHUDAN_LOG": "xml"},
    ],
)
async def test_a_refused_serve_leaves_no_folder_behind(
    elsewhere: dict[str, str], tmp_path: Path
) -> None:
    new = tmp_path / "new"
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = free_port() if elsewhere else busy.getsockname()[1]
        status, said, errors = await chudan(
            EMBEDDED | elsewhere, "serve", "--data", new, "--port", str(port)
        )
    assert (status, said) == (1, "")
    assert len(errors.splitlines()) == 1
    assert not new.exists()
