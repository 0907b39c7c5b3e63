"""Integrations that send commands until they are answered, whatever is away meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from strawberry.utils.str_converters import to_camel_case

from api.errors import STATUSES
from api.ids import own_id
from services.trainees.selling import RecordOrder
from tests.chaos.checking import Answered, Told
from tests.chaos.plan import Deed, Planned, ReportAsked, Sheet
from tests.oracle.classes import Fact
from tests.random_histories.telling import told

CHOICES = ("verdict", "kind", "topic")
"""Fields whose values GraphQL spells in capitals."""
LATER = frozenset(code for code, status in STATUSES.items() if status >= 500 or status == 409)
"""Codes after which the same is sent again."""
HEADINGS = "订单号,工号,产品,金额(元),出单日期,状态"
AGAIN_SECONDS, THINK_SECONDS = 0.1, 0.12


class RefusedError(Exception):
    """A command that nothing is wrong with was refused."""


class Partner(msgspec.Struct):
    """A partner and what its clients know. unanswered: how often each reason was to send again."""

    code: str
    token: str
    told: Told = msgspec.field(default_factory=lambda: Told([], [], [], []))
    facts: list[Fact] = []
    reached: int = 0
    unanswered: Counter[str] = msgspec.field(default_factory=Counter)


class Client:
    """One of a partner's integrations: one cohort after the other, each to its end."""

    def __init__(self, http: httpx.AsyncClient, partner: Partner, ending: asyncio.Event) -> None:
        self._http, self._partner, self._ending = http, partner, ending
        self._headers = {"Authorization": f"Bearer {partner.token}"}

    async def send(self, cohorts: Iterator[list[Deed]]) -> None:
        """Until the end is near; what was begun is finished."""
        while not self._ending.is_set():
            numbers: dict[str, str] = {}
            for deed in next(cohorts):
                if not self._ending.is_set():
                    await asyncio.sleep(THINK_SECONDS)
                if isinstance(deed, Planned):
                    await self._command(deed, numbers)
                elif isinstance(deed, Sheet):
                    await self._upload(deed)
                else:
                    await self._report(deed)

    async def _command(self, planned: Planned, numbers: dict[str, str]) -> None:
        if planned.sent == "together":
            positions = [*await asyncio.gather(self._once(planned), self._once(planned))]
        else:
            positions = [await self._once(planned)]
        if planned.sent == "again":
            positions.append(await self._once(planned))
        self._acknowledged(planned.key, positions)
        command: Any = planned.command
        who = getattr(command, "employee_no", "")
        fact = told(command, who, numbers)
        self._partner.facts.append({"position": positions[0], "recorded_at": _now(), **fact})
        if isinstance(command, RecordOrder):
            self._partner.told.orders.append(command.order_no)

    def _acknowledged(self, key: str, positions: list[int]) -> None:
        self._partner.told.commands.append(Answered(key, positions))
        self._partner.reached = max(self._partner.reached, *positions)

    async def _once(self, planned: Planned) -> int:
        command = planned.command
        stated = {
            to_camel_case(name): value.upper() if name in CHOICES else value
            for name, value in msgspec.to_builtins(command).items()
            if value is not None and name != "post"
        }
        name = type(command).__name__
        return int((await self._mutation(name, stated, planned.key))["position"])

    async def _report(self, asked: ReportAsked) -> None:
        answer = await self._mutation(
            "RequestReport", {"month": asked.month}, asked.key, "job { id }"
        )
        self._acknowledged(asked.key, [int(answer["position"])])
        _, job = own_id(answer["job"]["id"])
        self._partner.told.reports.append(job)

    async def _mutation(self, name: str, stated: Any, key: str, shown: str = "") -> Any:
        field = name[0].lower() + name[1:]
        query = f"mutation ($input: {name}Input!) {{ {field}(input: $input) "
        query += f"{{ position errors {{ code message }} {shown} }} }}"
        sent = {"query": query, "variables": {"input": stated | {"idempotencyKey": key}}}
        while True:
            answer = await self._post("/graphql", json=sent)
            if "errors" in answer:
                codes = [error["extensions"]["code"] for error in answer["errors"]]
                errors = answer["errors"]
            else:
                errors = answer["data"][field]["errors"]
                codes = [error["code"] for error in errors]
            if not codes:
                return answer["data"][field]
            if not set(codes) <= LATER:
                raise RefusedError(f"{key} {name} {stated}: {errors}")
            self._partner.unanswered.update(codes)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _upload(self, sheet: Sheet) -> None:
        if not sheet.rows:
            return
        rows = [f"{no},{who},诚信通,6688,{day},有效" for no, who, day in sheet.rows]
        content = "\n".join([HEADINGS, *rows]).encode()
        answer = await self._post("/imports", files={"file": ("出单明细.csv", content)})
        self._partner.told.imports.append(answer["job"])
        for no, who, day in sheet.rows:
            # A later place than the go-live's is all that matters of it.
            fact = {"kind": "order", "who": who, "no": no, "on": day}
            place = {"position": self._partner.reached, "recorded_at": _now()}
            self._partner.facts.append(fact | place)
            self._partner.told.orders.append(no)

    async def _post(self, path: str, **content: Any) -> Any:
        """The answer, however often it takes to get one."""
        while True:
            try:
                response = await self._http.post(path, headers=self._headers, **content)
                if response.status_code < 500 and response.status_code != 409:
                    if response.status_code >= 400:
                        raise RefusedError(f"{path}: {response.status_code} {response.text}")
                    return response.json()
                self._partner.unanswered[f"status {response.status_code}"] += 1
            except httpx.TransportError as error:
                self._partner.unanswered[type(error).__name__] += 1
            await asyncio.sleep(AGAIN_SECONDS)


def _now() -> datetime:
    return datetime.now(UTC)
