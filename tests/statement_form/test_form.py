"""A bad statement of each kind is found, a good one is not, and no exception is listed in vain."""

from datetime import date

import pytest

from infra.bootstrap import App
from projections.figures import newcomers
from services.people.access import Tenant
from services.reading.today import TodaysTables
from tests.statement_form import form, recording
from tests.statement_form.exceptions import EXCEPTIONS
from tests.statement_form.form import policy_violations, violations

PLANTED = {
    "no tenant": ("select position from heads", {form.UNNAMED}),
    "the tenant not by a parameter": (
        "select position from heads where tenant_id = current_setting('app.tenant')::uuid",
        {form.UNNAMED},
    ),
    "several tenants": (
        "select position from heads where tenant_id = any($1::uuid[])",
        {form.UNNAMED},
    ),
    "one of two tables": (
        "select 1 from events e join claims c on c.owner = e.stream_id where e.tenant_id = $1",
        {form.UNNAMED},
    ),
    "either this tenant or a flag": (
        "select position from heads where tenant_id = $1 or position = 0",
        {form.UNNAMED},
    ),
    "one side of a union": (
        "select 1 from heads where tenant_id = $1 union all select 1 from events",
        {form.UNNAMED},
    ),
    "in a subquery": (
        "select 1 from heads where tenant_id = $1 and exists (select 1 from events)",
        {form.UNNAMED},
    ),
    "in a common table expression": (
        "with e as (select 1 from events) select 1 from heads, e where heads.tenant_id = $1",
        {form.UNNAMED},
    ),
    "a delete": ("delete from outbox where id = $1", {form.UNNAMED}),
    "an update": ("update heads set position = $1", {form.UNNAMED}),
    "an insert": ("insert into claims (kind, key) values ($1, $2)", {form.UNNAMED}),
    "several tenants locked": (
        "select position from heads where tenant_id = any($1::uuid[]) for update",
        {form.UNNAMED, form.LOCKS_SEVERAL},
    ),
    "a list joined laterally": (
        "select c.owner from unnest($2::text[]) as wanted (key) cross join lateral"
        " (select owner from claims where tenant_id = $1 and key = wanted.key limit 1) as c",
        {form.UNNEST},
    ),
    "a list joined": (
        "select e.position from unnest($2::text[]) as w (stream_id)"
        " join events e on e.tenant_id = $1 and e.stream_id = w.stream_id",
        {form.UNNEST},
    ),
    "an insert from a list": (
        "insert into claims (tenant_id, key) select $1, k from unnest($2::text[]) as k",
        {form.FROM_UNNEST},
    ),
    "an update from a list": (
        "update claims set owner = h.owner from unnest($2::text[], $3::text[]) as h (key, owner)"
        " where tenant_id = $1 and claims.key = h.key",
        {form.FROM_UNNEST},
    ),
    "now in case": (
        "update jobs set due_at = case state when 'running' then now() end where tenant_id = $1",
        {form.NOT_IMMUTABLE},
    ),
    "now in coalesce": (
        "insert into jobs (tenant_id, due_at) values ($1, coalesce($2, current_timestamp))",
        {form.NOT_IMMUTABLE},
    ),
    "now where a conflict is": (
        "insert into heads (tenant_id) values ($1) on conflict (tenant_id) do update"
        " set recorded_at = coalesce(excluded.recorded_at, clock_timestamp())",
        {form.NOT_IMMUTABLE},
    ),
    "intersect": (
        "select 1 from heads where tenant_id = $1 intersect select 1 from claims"
        " where tenant_id = $1",
        {form.SET_OPERATION},
    ),
    "except in a subquery": (
        "select 1 from heads where tenant_id = $1 and exists (select $2 except select $3)",
        {form.SET_OPERATION},
    ),
    "a subquery beside a common table expression": (
        "with active as (select key from claims where tenant_id = $1) select 1 from events"
        " where tenant_id = $1 and exists (select 1 from active where key = topic)",
        {form.BESIDE_CTE},
    ),
}

GOOD = {
    "joined by the tenant": "select 1 from events e join claims c on c.tenant_id = e.tenant_id"
    " and c.owner = e.stream_id where e.tenant_id = $1::uuid",
    "joined using the tenant": "select 1 from hq_what_ifs join tenants using (tenant_id)"
    " where tenant_id = $1",
    "a subquery of the same tenant": "delete from outbox where tenant_id = $1"
    " and id in (select id from outbox where tenant_id = $1 order by id limit $2)",
    "a subquery that says it by the outer one": "select 1 from heads h where h.tenant_id = $1"
    " and exists (select 1 from events e where e.tenant_id = h.tenant_id)",
    "an insert from the same tenant": "insert into roster_past (tenant_id, as_of)"
    " select tenant_id, $2 from roster where tenant_id = $1",
    "several rows": "insert into claims (tenant_id, key) values ($1, $2), ($1, $3)",
    "an instant given": "update jobs set due_at = case when state = $3 then $2::timestamptz"
    " + make_interval(secs => $4) end where tenant_id = $1",
    "no tenant's table": "select year from calendar_years order by year",
    "no table": "select begin_session($1, $2, $3, $4, $5, $6, $7)",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bad_statement_is_found(name: str) -> None:
    statement, wrong = PLANTED[name]
    assert violations(statement) == wrong


async def test_a_planted_bad_statement_of_a_cursor_is_found(
    app: App, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "SEEN", {})
    bad = f"select facts::text::bytea from {newcomers.NEWCOMERS.table} where $1::uuid is not null"
    monkeypatch.setattr(newcomers, "_TEXTS", bad)
    async with app.db.tenant(partner.tenant_id) as tenant:
        await newcomers.list_newcomers(tenant)
        await newcomers.list_newcomers(TodaysTables(tenant, date(2026, 6, 1)), cohort="A")
    found = [one.split(": ")[:2] for one in recording.malformed()]
    senders = ["projections/figures/newcomers.py", "services/reading/today.py"]
    assert found == [[sender, form.UNNAMED] for sender in senders]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_statement_is_left_alone(name: str) -> None:
    assert violations(GOOD[name]) == set()


def test_a_planted_subquery_in_a_policy_is_found() -> None:
    assert policy_violations("tenant_id = any ((select app_tenants())::uuid[])") == {form.POLICY}
    assert policy_violations("tenant_id = current_setting('app.tenant', true)::uuid") == set()


def test_every_exception_needs_to_be_one() -> None:
    assert [text for text in EXCEPTIONS if not violations(text)] == []
