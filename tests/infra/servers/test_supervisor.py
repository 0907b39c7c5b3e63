"""`chudan serve`, killed in every way and started where it cannot run."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote_plus

import httpx
import psutil
import pytest

from infra.servers.checks import refuse_old
from infra.servers.data_folder import hold, refuse_when_full
from infra.servers.embedded import Embedded
from infra.servers.process import Process, Program, ServerError
from infra.servers.supervisor import Supervisor
from infra.settings import load_settings
from tests.api.web.visiting import hidden
from tests.infra.installation import (
    CHUDAN,
    Installation,
    all_gone,
    chudan,
    environment,
    free_port,
    installation,
    status,
    until,
)

KEY = "a secret key for two folders"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    feishu = {"CHUDAN_FEISHU_ID": "cli_1", "CHUDAN_FEISHU_SECRET": "its secret"}
    with installation(tmp_path_factory.mktemp("serve") / "var", **feishu) as started:
        assert started.ready_line() == f"ready http://127.0.0.1:{started.port}"
        yield started


def test_answers_when_it_says_ready(running: Installation) -> None:
    assert running.status("/readyz") == 200
    assert running.status("/healthz") == 200


def test_who_is_sent_to_a_provider_is_to_come_back_to_the_port_that_it_has(
    running: Installation,
) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{running.port}") as browser:
        form = {"csrf": hidden(browser.get("/login").text, "csrf")}
        page = browser.post("/sign-in/feishu", data=form).text
    assert quote_plus(f"http://localhost:{running.port}/sign-in/feishu/back") in page


def test_commands_work_beside_it(running: Installation) -> None:
    created = chudan(
        "partner", "create", "--code", "S01", "--name", "甲", "--data", str(running.data)
    )
    assert (created.returncode, created.stderr) == (0, "")
    listed = chudan("partner", "list", "--data", str(running.data))
    assert [partner["code"] for partner in json.loads(listed.stdout)] == ["S01"]


def test_the_doctor_finds_nothing(running: Installation) -> None:
    done = chudan("doctor", "--data", str(running.data))
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"ok"}
    assert done.returncode == 0


def test_fills_head_office_s_league_by_itself(running: Installation) -> None:
    data = ("--data", str(running.data))
    chudan("partner", "create", "--code", "S02", "--name", "乙", *data)
    token = chudan("token", "create", "--head-office", "--role", "head_office", *data)
    league = '{ headOffice { league(kpi: "entered") { edges { node { partner { code } } } } } }'

    def is_there() -> bool:
        answer = httpx.post(
            f"http://127.0.0.1:{running.port}/graphql",
            headers={"Authorization": f"Bearer {token.stdout.strip()}"},
            json={"query": league},
            timeout=30,
        ).json()
        places = answer["data"]["headOffice"]["league"]["edges"]
        return "S02" in {place["node"]["partner"]["code"] for place in places}

    until(is_there)


def test_a_second_one_on_the_same_folder_is_refused(running: Installation) -> None:
    done = chudan("serve", "--data", str(running.data), "--port", str(free_port()))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert f"in use by the process {running.process.pid}" in done.stderr


@pytest.mark.parametrize(
    "word", ["api", "projector", "worker", "scheduler", "redis-server", "postgres"]
)
def test_starts_again_what_was_killed(running: Installation, word: str) -> None:
    killed = running.child(word)
    assert killed is not None
    killed.kill()

    def back() -> bool:
        child = running.child(word)
        return child is not None and child.pid != killed.pid and running.status("/readyz") == 200

    until(back)


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


def test_does_not_wait_for_ever_for_a_process_that_never_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.servers.supervisor.STARTING_SECONDS", 0.0)
    named = {"CHUDAN_DATABASE_URL": "postgresql://there", "CHUDAN_BROKER_URL": "redis://there"}
    with HTTPServer(("127.0.0.1", 0), _Ready) as api:
        Thread(target=api.serve_forever, daemon=True).start()
        settings = load_settings(named, data=tmp_path, port=api.server_port)
        supervisor = Supervisor(Embedded(settings, None))
        silent = Program("projector", ["sleep", "1000"], dict(os.environ), tmp_path)
        supervisor.children.append(Process(silent, lambda: False))
        with pytest.raises(ServerError) as refused:
            supervisor._await_ready()
        supervisor.stop()
        api.shutdown()
    assert (refused.value.code, refused.value.params) == ("child_failed", {"name": "projector"})


def test_stops_at_ctrl_c_without_an_orphan(tmp_path: Path) -> None:
    with installation(tmp_path / "var") as started:
        started.ready_line()
        everybody = started.everybody()
        assert len(everybody) > 6
        started.process.send_signal(signal.SIGINT)
        assert started.process.wait(60) == 0
        assert not [process for process in everybody if process.is_running()]


def test_killed_leaves_no_orphan_and_starts_again_with_another_link_for_the_first_account(
    tmp_path: Path,
) -> None:
    with installation(tmp_path / "var") as started:
        started.ready_line()
        before = started.first_link()
        everybody = started.everybody()
        started.process.kill()
        with installation(tmp_path / "var") as again:
            assert again.ready_line() == f"ready http://127.0.0.1:{again.port}"
            assert all_gone(everybody)
            _makes_the_first_account(again, before, again.first_link())


def _makes_the_first_account(running: Installation, before: str, link: str) -> None:
    """By the link of this start, once, and by no other."""
    assert link.startswith(f"http://localhost:{running.port}/welcome#")
    with httpx.Client(base_url=f"http://127.0.0.1:{running.port}", timeout=30) as browser:
        page = browser.get("/welcome").text
        form = {"csrf": hidden(page, "csrf"), "name": "林总部", "email": "lin@head.example"}
        form["password"] = "three ducks at a brook"
        for changed, field in (
            ({"link": before}, "link"),
            ({"name": " "}, "name"),
            ({"email": "nobody"}, "email"),
            ({"password": "password123"}, "password"),
        ):
            refused = browser.post("/welcome", data=form | {"link": link} | changed)
            assert refused.status_code == 422 and f'id="{field}-error"' in refused.text
        made = browser.post("/welcome", data=form | {"link": link})
        assert (made.status_code, made.headers["location"]) == (303, "/")
        assert "林总部" in browser.get("/head-office").text
        assert 'name="email"' not in browser.get("/welcome").text
        assert browser.post("/welcome", data=form | {"link": link}).status_code == 422
    told = running.log.read_text()
    assert not [one for one in (before, link) if one.partition("#")[2] in told]


def test_workers_of_an_api_that_was_killed_stop_serving(tmp_path: Path) -> None:
    port, data = free_port(), str(tmp_path / "var")
    assert chudan("migrate", "--data", data).returncode == 0
    arguments = ["api", "--data", data, "--port", str(port), "--workers", "2"]
    alone = subprocess.Popen([*CHUDAN, *arguments], env=environment())
    try:
        until(lambda: status(port, "/healthz") == 200)
        workers = psutil.Process(alone.pid).children(recursive=True)
    finally:
        alone.kill()
        alone.wait()
    assert len(workers) > 2
    assert all_gone(workers)
    assert status(port, "/healthz") == 0


def test_stops_while_it_starts(tmp_path: Path) -> None:
    with installation(tmp_path / "var") as started:
        until((tmp_path / "var" / "runtime.json").exists)
        everybody = started.everybody()
        started.process.terminate()
        assert started.process.wait(60) == 0
        assert all_gone(everybody)


def test_of_what_ctrl_c_is_sent_to_is_nothing_that_it_would_break(tmp_path: Path) -> None:
    with installation(tmp_path / "var") as started:
        until(lambda: started.child("initdb") is not None)
        making = started.child("initdb")
        assert making is not None
        assert os.getpgid(making.pid) != os.getpgid(started.process.pid)
        started.process.send_signal(signal.SIGINT)
        assert started.process.wait(60) == 0
    assert started.log.read_text() == ""
    assert (tmp_path / "var" / "postgres" / "PG_VERSION").exists()


def test_runs_on_the_servers_named_in_the_environment(tmp_path: Path) -> None:
    elsewhere = load_settings({"CHUDAN_SECRET_KEY": KEY}, data=tmp_path / "elsewhere")
    with hold(elsewhere.data) as lock:
        named = Embedded(elsewhere, lock)
        named.start()
        try:
            told = {"CHUDAN_SECRET_KEY": KEY, **named.settings.environment}
            with installation(tmp_path / "var", **told) as started:
                assert started.ready_line() == f"ready http://127.0.0.1:{started.port}"
                assert started.child("api") is not None
                assert started.child("postgres") is None
                assert started.child("redis-server") is None
                listed = chudan(
                    "partner", "list", "--data", str(tmp_path / "var"), CHUDAN_SECRET_KEY=KEY
                )
                assert (listed.stdout, listed.stderr) == ("[]\n", "")
        finally:
            named.stop()


@pytest.mark.parametrize("command", ["serve", "api"])
def test_refuses_a_port_in_use(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = chudan(command, "--data", str(tmp_path / "var"), "--port", port)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"Port {port} of 127.0.0.1 is in use" in done.stderr


@pytest.mark.parametrize("folder", ["file/var", "/proc/chudan", "/sys/chudan"])
def test_refuses_a_folder_that_cannot_be_written_to(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    done = chudan("serve", "--data", str(tmp_path / folder))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "cannot be written to" in done.stderr


def test_refuses_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(ServerError) as refused:
        refuse_when_full(tmp_path, free=10 << 20)
    assert refused.value.code == "data_folder_full"
    assert refused.value.params["free"] == 10
    new = tmp_path / "yet" / "to be made"
    with pytest.raises(ServerError) as refused:
        refuse_when_full(new, needed=1 << 62)
    assert refused.value.params["path"] == str(new)


def test_refuses_a_database_that_cannot_be_reached(tmp_path: Path) -> None:
    url = f"postgresql://me:hush@127.0.0.1:{free_port()}/chudan"
    port = str(free_port())
    done = chudan("serve", "--data", str(tmp_path / "var"), "--port", port, CHUDAN_DATABASE_URL=url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "cannot be reached: nobody listens there" in done.stderr
    assert "hush" not in done.stderr


@pytest.mark.parametrize("command", [["migrate"], ["partner", "list"]])
def test_a_command_says_that_the_database_is_away(tmp_path: Path, command: list[str]) -> None:
    told = {
        "CHUDAN_DATABASE_URL": "postgresql://me:hush@nowhere.invalid/chudan",
        "CHUDAN_BROKER_URL": "redis://nowhere.invalid",
    }
    done = chudan(*command, "--data", str(tmp_path / "var"), **told)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "The database postgresql://nowhere.invalid/chudan cannot be reached" in done.stderr


def test_refuses_a_database_that_is_too_old() -> None:
    with pytest.raises(ServerError) as refused:
        refuse_old(140013)
    assert refused.value.params == {"found": 14, "needed": 15}
    assert refuse_old(150004) == 15


def test_refuses_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    done = chudan("serve", "--data", str(tmp_path), CHUDAN_BROKER_URL="http://me:hush@there")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "CHUDAN_BROKER_URL cannot be used" in done.stderr
    assert "hush" not in done.stderr


def test_a_command_without_serve_brings_its_own_servers(tmp_path: Path) -> None:
    data = str(tmp_path / "var")
    assert json.loads(chudan("migrate", "--data", data).stdout)["applied"] > 0
    assert json.loads(chudan("partner", "list", "--data", data).stdout) == []
    left = [
        p for p in psutil.process_iter(["cmdline"]) if data in " ".join(p.info["cmdline"] or [])
    ]
    assert left == []
