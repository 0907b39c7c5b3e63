"""An upload to a running installation, each of whose processes is killed while it is imported."""

import signal
from pathlib import Path
from typing import Any

import httpx

from tests.infra.installation import Installation, chudan, installation, until

PEOPLE, SELLERS = 1500, 1000
KILLED = ("postgres", "projector", "redis-server", "worker", "scheduler", "api")

FIGURES = (
    '{ newcomerFigures(month: "2026-06") { entered wentLive orderRate { numerator denominator }'
    " averageOrders { numerator denominator } asOf { position } } }"
)


def roster() -> bytes:
    lines = ["工号,姓名,批次,入职日期,笔试成绩,演练成绩,上岗日期"]
    lines += [f"E{n},王{n},2026年6月第1期,2026-05-18,90,合格,2026-06-01" for n in range(PEOPLE)]
    return "\n".join(lines).encode()


def orders() -> bytes:
    lines = ["订单号,工号,出单日期,状态"]
    lines += [f"A{n},E{n},2026-06-10,有效" for n in range(SELLERS)]
    return "\n".join(lines).encode()


class Client:
    """A training manager's program, which asks again while nobody answers."""

    def __init__(self, serve: Installation, token: str) -> None:
        self._base = f"http://127.0.0.1:{serve.port}"
        self._headers = {"authorization": f"Bearer {token}"}

    def upload(self) -> str:
        files = [
            ("file", ("花名册.csv", roster(), "text/csv")),
            ("file", ("订单.csv", orders(), "text/csv")),
        ]
        answer = httpx.post(f"{self._base}/imports", files=files, headers=self._headers, timeout=60)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job"])

    def ask(self, query: str) -> Any:
        answers: list[Any] = []

        def answered() -> bool:
            try:
                answer = httpx.post(
                    f"{self._base}/graphql",
                    json={"query": query},
                    headers=self._headers,
                    timeout=60,
                ).json()
            except (httpx.HTTPError, ValueError):
                return False
            if answer.get("errors"):
                return False
            answers.append(answer["data"])
            return True

        until(answered)
        return answers[-1]

    def job(self, job_id: str) -> Any:
        fields = "state done total attempts error { code } result"
        return self.ask(f'{{ job(id: "{job_id}") {{ {fields} }} }}')["job"]


def test_nothing_is_missing_and_nothing_is_double(tmp_path: Path) -> None:
    data = tmp_path / "var"
    with installation(data) as serve:
        assert serve.ready_line().startswith("ready")
        chudan("partner", "create", "--code", "p", "--name", "甲", "--data", str(data))
        role = ("--partner", "p", "--role", "training_manager", "--data", str(data))
        client = Client(serve, chudan("token", "create", *role).stdout.split()[-1])
        job_id, killed = client.upload(), 0

        def is_over() -> bool:
            nonlocal killed
            job = client.job(job_id)
            total = PEOPLE + SELLERS
            due = killed < len(KILLED) and job["done"] > total * (killed + 1) // 9
            if due and (child := serve.child(KILLED[killed])):
                child.send_signal(signal.SIGKILL)
                killed += 1
            return job["state"] in ("DONE", "FAILED")

        until(is_over)
        assert killed == len(KILLED)
        job = client.job(job_id)
        assert (job["state"], job["error"]) == ("DONE", None)
        counts = {"create": PEOPLE + SELLERS, "change": 0, "skip": 0, "refuse": 0}
        assert job["result"]["counts"] == counts
        position = job["result"]["position"]
        # Joined, the batch, four events of each person's row, one of each order's.
        assert position == 2 + 4 * PEOPLE + SELLERS
        until(lambda: client.ask(FIGURES)["newcomerFigures"]["asOf"]["position"] == position)
        figures = client.ask(FIGURES)["newcomerFigures"]
        assert (figures["entered"], figures["wentLive"]) == (PEOPLE, PEOPLE)
        exact = {"numerator": SELLERS, "denominator": PEOPLE}
        assert figures["orderRate"] == figures["averageOrders"] == exact
