"""kill -9 of every part, each in the middle of an import: nothing lost, nothing twice.

The promises 7, 10 and 11 of the product's trust list, on real processes with a durable database.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import xlsxwriter

from tests.infra.installation import CHUDAN, Installation, Obstacle, chudan, installation, until

PEOPLE, SELLERS = 600, 400
LAST_ORDER = f"D{SELLERS - 1:04d}"
ROSTER = ("姓名", "工号", "批次", "入职日期", "试岗结果", "书面反馈", "笔试", "演练", "上岗日期")
PERSON = ("2026年6月第1期", "2026-05-18", "通过", "跟进良好", 88, "合格", "2026-06-01")
ORDERS = ("订单号", "工号", "产品", "金额(元)", "出单日期", "状态")
FIGURES = """
query ($position: Int) {
  newcomerFigures(month: "2026-06", minPosition: $position) {
    entered wentLive
    orderRate { numerator denominator }
    averageOrders { numerator denominator }
    asOf { position }
  }
}
"""
JOB = "query ($id: ID!) { job(id: $id) { state done total result error { code } } }"


def workbook() -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    roster, orders = book.add_worksheet("新人花名册"), book.add_worksheet("出单明细")
    roster.write_row(0, 0, ROSTER)
    orders.write_row(0, 0, ORDERS)
    for n in range(PEOPLE):
        roster.write_row(
            n + 1,
            0,
            (f"新人{n}", f"K{n:04d}", *PERSON),
        )
    for n in range(SELLERS):
        orders.write_row(n + 1, 0, (f"D{n:04d}", f"K{n:04d}", "诚信通", 6688, "2026-06-10", "有效"))
    book.close()
    return buffer.getvalue()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("killed") / "var") as started:
        assert started.ready_line().startswith("ready ")
        yield started


class Client:
    """One partner's integration, which goes on asking while the API is away."""

    def __init__(self, running: Installation, code: str) -> None:
        self.data = str(running.data)
        self.code = code
        created = chudan("partner", "create", "--code", code, "--name", "丙", "--data", self.data)
        self.tenant_id = str(json.loads(created.stdout)["id"])
        token = chudan(
            *("token", "create", "--partner", code, "--role", "training_manager"),
            *("--data", self.data),
        ).stdout.strip()
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{running.port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )

    def ask(self, query: str, **variables: Any) -> Any:
        """The data, or None while nobody answers."""
        try:
            response = self.http.post("/graphql", json={"query": query, "variables": variables})
        except httpx.TransportError:
            return None
        if response.status_code >= 500:
            return None
        answer = response.json()
        return None if answer.get("errors") else answer["data"]

    def upload(self) -> str:
        answer = self.http.post("/imports", files={"file": ("花名册.xlsx", workbook())})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job"])

    def job(self, job_id: str) -> Any:
        answer = self.ask(JOB, id=job_id)
        return answer and answer["job"]

    def figures(self, position: int | None = None) -> Any:
        answer = self.ask(FIGURES, position=position)
        return answer and answer["newcomerFigures"]


def kill(running: Installation, word: str) -> psutil.Process:
    child = running.child(word)
    assert child is not None, f"no child {word}"
    child.kill()
    return child


@pytest.mark.parametrize(
    "word", ["postgres", "redis-server", "worker", "scheduler", "projector", "api"]
)
def test_an_upload_ends_with_the_right_figures(running: Installation, word: str) -> None:
    client = Client(running, f"upload-{word}")
    obstacle = Obstacle(running, client.tenant_id, LAST_ORDER)
    job_id = client.upload()
    until(obstacle.is_reached)
    assert client.job(job_id)["state"] == "RUNNING"
    killed = kill(running, word)
    until(lambda: (new := running.child(word)) is not None and new.pid != killed.pid)
    obstacle.clear()
    until(lambda: bool((job := client.job(job_id)) and job["state"] in ("DONE", "FAILED")))
    job = client.job(job_id)
    assert (job["state"], job["result"]["counts"]["refuse"]) == ("DONE", 0)
    assert_complete(client)


@pytest.mark.parametrize("word", ["postgres", "projector"])
def test_an_import_from_the_command_line_ends_with_the_right_figures(
    running: Installation, word: str, tmp_path: Path
) -> None:
    client = Client(running, f"typed-{word}")
    path = tmp_path / "花名册.xlsx"
    path.write_bytes(workbook())
    command = ("import", str(path), "--partner", client.code, "--format", "json")
    obstacle = Obstacle(running, client.tenant_id, LAST_ORDER)
    importing = psutil.Popen(
        [*CHUDAN, *command, "--data", client.data], stdout=-1, stderr=-1, text=True
    )
    until(obstacle.is_reached)
    kill(running, word)
    obstacle.clear()
    out, err = importing.communicate(timeout=120)
    assert importing.returncode == 0, err
    assert json.loads(out)["counts"]["refuse"] == 0
    assert_complete(client)
    again = chudan(*command, "--data", client.data)
    assert again.returncode == 0
    counts = json.loads(again.stdout)["counts"]
    assert (counts["create"], counts["change"], counts["refuse"]) == (0, 0, 0)


def assert_complete(client: Client) -> None:
    # One event that the partner joined, one batch, and per person: registered, enrolled, trial,
    # exam, drill, live; and the orders. The position is gap-free, so it counts the events.
    events = 2 + 6 * PEOPLE + SELLERS
    until(lambda: client.figures() is not None)
    until(lambda: client.figures(events) is not None)
    figures = client.figures(events)
    assert figures["asOf"]["position"] == events
    assert (figures["entered"], figures["wentLive"]) == (PEOPLE, PEOPLE)
    assert figures["orderRate"] == {"numerator": SELLERS, "denominator": PEOPLE}
    assert figures["averageOrders"] == {"numerator": SELLERS, "denominator": PEOPLE}
