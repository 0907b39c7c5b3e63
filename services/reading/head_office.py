"""The figures of all partners, as head office sees them: nothing below them, and nobody's data."""

from collections.abc import Sequence

from domain.kernel.errors import NotFoundError
from domain.kernel.values import Month, is_storable
from domain.kpi.kpi import Kpi
from projections.figures.hq_series import (
    PartnerMonth,
    Series,
    VisibleFigure,
    count_partners,
    list_league,
    list_month,
    list_months,
    list_months_of,
    list_partner_series,
)
from projections.kernel.paging import Page, Paging
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.reading.ports import Tables


class HeadOfficeFigures:
    """Answers head office's people; others are refused `permission_refused`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def month(
        self, principal: Principal, kpis: Sequence[Kpi], month: Month
    ) -> list[PartnerMonth]:
        """Every partner's figures of a month, in the order of their codes."""
        require_head_office(principal)
        async with self._tables.head_office() as connection:
            return await list_month(connection, kpis=kpis, month=month)

    async def months(self, principal: Principal, kpis: Sequence[Kpi], most: int) -> list[Month]:
        """The months of which there are figures, the last first."""
        require_head_office(principal)
        async with self._tables.head_office() as connection:
            return await list_months(connection, kpis=kpis, most=most)

    async def partner(
        self, principal: Principal, kpis: Sequence[Kpi], code: str
    ) -> list[PartnerMonth]:
        """One partner's figures month by month. Raises NotFoundError `partner_unknown`."""
        require_head_office(principal)
        found: list[PartnerMonth] = []
        if is_storable(code):
            async with self._tables.head_office() as connection:
                found = await list_months_of(connection, kpis=kpis, code=code)
        if not found:
            raise NotFoundError("partner_unknown", code=code[:100])
        return found

    async def league(
        self, principal: Principal, kpi: Kpi, month: Month | None
    ) -> list[VisibleFigure]:
        """The ranking of the partners in a month, or of all."""
        require_head_office(principal)
        async with self._tables.head_office() as connection:
            return await list_league(connection, kpi=kpi, month=month)

    async def partner_series(self, principal: Principal, kpi: Kpi, paging: Paging) -> Page[Series]:
        """The partners' figures month by month. Refuses `cursor_invalid`."""
        require_head_office(principal)
        async with self._tables.head_office() as connection:
            return await list_partner_series(connection, kpi=kpi, paging=paging)

    async def count_partners(self, principal: Principal) -> int:
        require_head_office(principal)
        async with self._tables.head_office() as connection:
            return await count_partners(connection)


def require_head_office(principal: Principal) -> None:
    """Requires somebody of head office. Raises PermissionRefusedError `permission_refused`."""
    if not is_head_office(principal):
        raise principal.refused("read_figures")


def is_head_office(principal: Principal) -> bool:
    """Whether somebody of head office sees every partner's figures: who manages partners does, and
    who lets its people in alone, or has a token for something else, does not."""
    return principal.is_of_head_office and principal.may_everywhere(Permission.MANAGE_PARTNERS)
