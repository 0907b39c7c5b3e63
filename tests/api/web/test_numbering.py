"""Which code or number a form proposes for what is new: the one after the partner's own."""

import httpx
import pytest

from api.web.kit.numbering import NextNumber, next_number
from infra.bootstrap import App
from infra.readside.projector import catch_up
from tests.api.web.visiting import fresh, log_in
from tests.browser.story import join
from tests.situation import batch_opened, enrolled


@pytest.mark.parametrize(
    ("names", "proposed"),
    [
        (["HZ-09", "HZ-08"], "HZ-10"),
        (["E0099"], "E0100"),
        (["99"], "100"),
        (["A7", "A12", "B40"], "A13"),
        (["2026夏01期"], None),
        (["第一期"], None),
        ([], None),
        (["2026-12"], None),
        (["杭州202612"], None),
        (["2026-7"], None),
        (["2026-08-31"], None),
        (["HZ20260831"], None),
        (["2026年8月31"], None),
        (["HZ2026012"], "HZ2026013"),
        (["2026-08-31-09"], "2026-08-31-10"),
        (["2026-13"], "2026-14"),
        (["D" + "9" * 12], "D1" + "0" * 12),
        (["D" + "9" * 13], None),
    ],
)
def test_what_follows_is_written_as_the_name_given_last(
    names: list[str], proposed: str | None
) -> None:
    found = next_number(names)
    assert found == (None if proposed is None else NextNumber(names[0], proposed))


async def test_a_form_proposes_the_next_of_a_partners_own_numbers_and_none_that_is_taken(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("NUMBERED"))
    await log_in(http, told.email)
    assert "下一个可用" not in (await http.get("/cohorts/new")).text
    await told.does(batch_opened("HZ-08"), enrolled("E0099", cohort="HZ-08"))
    await catch_up(app, told.principal.tenant)
    assert "最近登记的是 HZ-08，下一个可用 HZ-09" in (await http.get("/cohorts/new")).text
    assert "下一个可用 E0100" in (await http.get("/trainees/new")).text
    await told.does(batch_opened("hz-10"), batch_opened("HZ-09"))
    await catch_up(app, told.principal.tenant)
    assert "下一个可用" not in (await http.get("/cohorts/new")).text
    http.cookies.clear()
