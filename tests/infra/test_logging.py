"""Nothing secret or personal gets into a log line."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from infra.logging import RequestLog, WaitLog, configure_logging

SPEAKING = """
import structlog
from infra.logging import RequestLog, configure_logging

configure_logging("json", "debug")
structlog.get_logger("projector").error("tenant_parked")
RequestLog().write(status=200)
print("went on")
"""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_whoever_logs_first_does_without_rich() -> None:
    assert structlog.dev.rich is None


def test_a_broker_that_is_away_is_told_in_our_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    consumer = logging.getLogger("dramatiq.worker.ConsumerThread(jobs)")
    consumer.critical("Consumer encountered a connection error: %s", "Error 111 connecting")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"]) == ("worker_waits_for_broker", "warning")


def test_hides_fields_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    structlog.get_logger().info("log-in", password="p1", nested={"Set-Cookie": "c1"}, phone="x1")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "log-in"
    assert (line["password"], line["phone"]) == ("[hidden]", "[hidden]")
    assert line["nested"] == {"Set-Cookie": "[hidden]"}


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("cannot connect to postgresql://chudan_app:hush@/chudan", "hush"),
        ("Authorization: Bearer chudan_abc-DEF", "chudan_abc"),
        ("call 13812345678 back", "13812345678"),
        ("mail to wang.wu@example.com", "wang.wu"),
        ("person 11010519491231002X", "11010519491231002X"),
        ("password=hush and on", "hush"),
        ("token: hush", "hush"),
    ],
)
def test_hides_what_is_said_in_words(
    capsys: pytest.CaptureFixture[str], said: str, secret: str
) -> None:
    configure_logging("json")
    logging.getLogger("elsewhere").warning("it said %s", said)
    err = capsys.readouterr().err
    assert secret not in err
    assert "[hidden]" in err


def test_hides_the_details_of_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    said = "duplicate\nDETAIL:  Key (name)=(王伟) already exists."
    try:
        raise ValueError(said)
    except ValueError:
        structlog.get_logger().exception("failed")
    err = capsys.readouterr().err
    assert "ValueError: duplicate" in err
    assert "王伟" not in err


def test_figures_in_a_line_stay_figures(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    structlog.get_logger().info("batch", events=4000, seconds=0.25, done=True, tenants=[1, 2])
    line = json.loads(capsys.readouterr().err)
    assert (line["events"], line["seconds"], line["done"]) == (4000, 0.25, True)
    assert line["tenants"] == [1, 2]


def test_a_line_says_who_speaks_when_and_of_which_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("json")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("access").info("request", status=200)
    line = json.loads(capsys.readouterr().err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "access",
        "request_id": "r1",
        "status": 200,
    }


def test_the_line_of_a_request_says_the_same_as_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("json", "debug")
    RequestLog().write(request_id="r1", status=200)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("access").debug("request", status=200)
    written = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    for line in written:
        assert line.pop("timestamp").endswith("Z")
    assert written[0] == written[1]


def test_a_line_of_a_library_says_the_same_about_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("json")
    logging.getLogger("elsewhere").warning("it broke")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("it broke", "warning", "elsewhere")
    assert line["timestamp"].endswith("Z")


def test_of_requests_only_those_are_written_that_failed_by_our_fault(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("json")
    for status in (200, 404, 499, 500):
        RequestLog().write(status=status)
    line = json.loads(capsys.readouterr().err)
    assert (line["status"], line["level"]) == (500, "info")


def test_a_library_is_never_heard_in_detail(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "debug")
    logging.getLogger("elsewhere").debug("its details")
    assert capsys.readouterr().err == ""


def test_where_warnings_are_wanted_only_what_is_wrong_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("json", "warning")
    log = structlog.get_logger("worker")
    log.info("job_done")
    RequestLog().write(status=500)
    assert capsys.readouterr().err == ""
    log.error("job_failed")
    assert json.loads(capsys.readouterr().err)["event"] == "job_failed"


def test_where_no_line_can_be_written_the_work_goes_on() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        said = subprocess.run(
            [sys.executable, "-u", "-c", SPEAKING],
            stdout=subprocess.PIPE,
            stderr=full,
            check=True,
        )
    assert said.stdout == b"went on\n"


def test_a_line_holds_half_a_surrogate_pair(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "debug")
    structlog.get_logger().info("request", path="/a\ud800")
    RequestLog().write(status=200, path="/a\ud800")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["/a\ud800"] * 2


def test_what_is_waited_for_is_told_once_as_long_as_it_is_the_same() -> None:
    waits = WaitLog("scheduler", "scheduler_waits")
    with structlog.testing.capture_logs() as told:
        for error in ("away", "away", "full", None, "full"):
            waits.tell(error)
    assert [line["error"] for line in told] == ["away", "full", "full"]


def test_the_addresses_that_a_client_asks_are_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "debug")
    logging.getLogger("httpx").info("HTTP Request: GET https://a.example/?corpsecret=s1")
    assert capsys.readouterr().err == ""
