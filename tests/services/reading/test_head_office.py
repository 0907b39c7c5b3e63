"""Who reads every partner's figures: head office's people, whichever way they are asked for."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.kernel.errors import PermissionRefusedError
from domain.kernel.values import Month
from domain.kpi.catalog import HEADLINES
from domain.people.partner import HEAD_OFFICE_ID
from infra.bootstrap import App
from projections.kernel.paging import Paging
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.reading.head_office import HeadOfficeFigures

KPI, JUNE = HEADLINES[0], Month(2026, 6)

Ask = Callable[[HeadOfficeFigures, Principal, str], Awaitable[Any]]

ASKED: dict[str, Ask] = {
    "month": lambda figures, by, _: figures.month(by, [KPI], JUNE),
    "months": lambda figures, by, _: figures.months(by, [KPI], 1),
    "partner": lambda figures, by, code: figures.partner(by, [KPI], code),
    "league": lambda figures, by, _: figures.league(by, KPI, None),
    "partner_series": lambda figures, by, _: figures.partner_series(by, KPI, Paging(1)),
    "count_partners": lambda figures, by, _: figures.count_partners(by),
}


def test_no_question_is_missing_from_those_asked() -> None:
    assert {name for name in vars(HeadOfficeFigures) if not name.startswith("_")} == {*ASKED}


@pytest.mark.parametrize("name", ASKED)
async def test_head_office_alone_is_answered(name: str, app: App, partner: Tenant) -> None:
    figures, ask = app.head_office_figures, ASKED[name]
    await ask(figures, in_role(HEAD_OFFICE_ID, "token:office", Role.HEAD_OFFICE), partner.code)
    for strangers, role in (
        (partner.tenant_id, Role.TRAINING_MANAGER),
        (partner.tenant_id, Role.HEAD_OFFICE),
        (HEAD_OFFICE_ID, Role.ADMINISTRATOR),
    ):
        with pytest.raises(PermissionRefusedError, match="permission_refused"):
            await ask(figures, in_role(strangers, "token:other", role), partner.code)
