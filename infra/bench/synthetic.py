"""Rows in numbers: made by the database itself, past every policy, shaped like the trade's."""

from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from projections.figures.newcomers import NEWCOMERS as NEWCOMER_ROWS
from projections.people.people import PEOPLE as PEOPLE_ROWS

TENANTS = """
    with made as (
        insert into tenants (tenant_id, code, code_key, name, zone)
        select gen_random_uuid(), $1 || n, upper($1 || n), $1 || n, 'Asia/Shanghai'
        from generate_series(1, $2::int) as n returning tenant_id
    )
    insert into heads (tenant_id) select tenant_id from made returning tenant_id
"""

MANAGERS = 5
"""Of every partner; each has every fifth trainee."""

MANAGER = f"'person-00000000-0000-7000-9000-' || lpad((n % {MANAGERS})::text, 12, '0')"

REGISTERED = f"""
    insert into events (tenant_id, position, stream_id, version, topic, class_version, payload,
                        actor, recorded_at, source)
    select $1, n, {MANAGER}, 1, 'person.registered', 1,
        jsonb_build_object('name', 'M' || n, 'since', $2::date - 3650, 'is_confirmed', true),
        'bench', now(), '{{"kind": "typed"}}'
    from generate_series(1, {MANAGERS}) as n
"""  # noqa: S608 - names of ours

PEOPLE = f"""
    insert into {PEOPLE_ROWS.table} (tenant_id, person_id, since, name, name_key, search, status,
                                     is_confirmed, is_staff, held, position)
    select tenant_id, {MANAGER}, $2::date - 3650, 'M' || n, 'm' || n, 'm' || n, 'here', true, true,
        '[]', n
    from unnest($1::uuid[]) as tenant_id, generate_series(1, {MANAGERS}) as n
"""  # noqa: S608 - names of ours

# Trainee n is registered and lives through seven or eight events; a step of everybody's life is
# recorded before the next one, so that neighbours in the log are different people, as in real life.
EVENTS = f"""
    insert into events (tenant_id, position, stream_id, version, topic, class_version, payload,
                        actor, recorded_at, source)
    select $1, {MANAGERS} + row_number() over (order by step.place, n),
        split_part(step.topic, '.', 1) || '-00000000-0000-7000-8000-' || lpad(n::text, 12, '0'),
        greatest(step.place - 1, 1), step.topic, 1,
        case step.place - 1
            when 0 then jsonb_build_object(
                'name', 'N' || n, 'number', 'T' || n, 'since', entered.day, 'is_staff', false)
            when 1 then jsonb_build_object(
                'cohort_id', 'cohort-' || n % $4, 'cohort_code', 'B-' || n % $4,
                'employee_no', 'T' || n, 'entered_on', entered.day,
                'post', 'sales', 'manager_id', {MANAGER})
            when 4 then jsonb_build_object(
                'on', entered.day + 11, 'feedback', '流程熟练，态度积极', 'has_feedback', true)
            when 5 then jsonb_build_object('on', entered.day + 12)
            when 8 then jsonb_build_object('on', entered.day + 60, 'leaving_reason', '个人原因')
            when 2 then jsonb_build_object('on', entered.day + 8, 'passed', true, 'score', '85')
            when 3 then jsonb_build_object('on', entered.day + 9, 'passed', true, 'score', '90')
            else jsonb_build_object(
                'order_no', 'O-' || n || '-' || step.place - 1, 'closed_on', entered.day + 20,
                'product', '企业邮箱', 'amount', '1980.00')
        end,
        'bench', now(), '{{"kind": "typed"}}'
    from generate_series(1, $2::int) as n
    cross join lateral (select $3::date - n % $4 % $5::int * 30 as day) as entered
    cross join
        unnest(array[
            'person.registered', 'trainee.enrolled', 'trainee.written_exam_recorded',
            'trainee.drill_recorded', 'trainee.trial_passed', 'trainee.went_live',
            'trainee.order_closed', 'trainee.order_closed', 'trainee.left'
        ]) with ordinality as step (topic, place)
    where step.place < 9 or n % 3 = 0
"""  # noqa: S608 - a name of ours

NEWCOMERS = f"""
    insert into {NEWCOMER_ROWS.table} (tenant_id, trainee_id, cohort_code, is_transferred,
                                       entered_on, first_live_on, last_live_on, facts,
                                       position)
    select made.tenant_id, made.id, made.cohort, false, made.live_on - 12, made.live_on,
        made.live_on,
        json_build_object(
            'trainee_id', made.id, 'employee_no', made.no, 'cohort_id', 'cohort-' || made.cohort,
            'cohort_code', made.cohort, 'manager_id', made.manager, 'post', 'sales',
            'entered_on', made.live_on - 12, 'enrolled_position', made.n,
            'trials', json_build_array(
                json_build_object('on', made.live_on - 1, 'passed', true, 'position', made.n)),
            'exams', json_build_array(
                json_build_object('kind', 'written', 'on', made.live_on - 4, 'passed', true,
                                  'position', made.n, 'score', '85'),
                json_build_object('kind', 'drill', 'on', made.live_on - 3, 'passed', true,
                                  'position', made.n, 'score', '90')),
            'lives', json_build_array(
                json_build_object('on', made.live_on, 'position', made.n)),
            'orders', case when made.n % 3 = 0 then '[]'::json else json_build_array(
                json_build_object('no', 'O-1-' || made.n, 'closed_on', made.live_on + 9,
                                  'position', made.n),
                json_build_object('no', 'O-2-' || made.n, 'closed_on', made.live_on + 31,
                                  'position', made.n)) end),
        made.n
    from (
        select tenant_id, n, 'trainee-' || gen_random_uuid() as id, 'T' || n as no,
            'B-' || n % 24 || '-' || n % 2 as cohort, {MANAGER} as manager,
            ($3::date - (n % 24) * interval '1 month')::date as live_on
        from unnest($1::uuid[]) as tenant_id, generate_series(1, $2::int) as n
    ) as made
"""  # noqa: S608 - a name of ours


class SyntheticLog(msgspec.Struct, frozen=True):
    """A tenant's made-up log."""

    tenant_id: UUID
    people: int
    events: int


async def make_tenants(connection: asyncpg.Connection, prefix: str, count: int) -> list[UUID]:
    """Partners with an empty log."""
    return [row["tenant_id"] for row in await connection.fetch(TENANTS, prefix, count)]


async def make_log(
    connection: asyncpg.Connection,
    tenant_id: UUID,
    people: int,
    day: date,
    batches: int = 40,
    months: int = 1,
) -> SyntheticLog:
    """A log of so many trainees in so many batches, the last of which entered on the day and the
    others in the months before."""
    await connection.execute(REGISTERED, tenant_id, day)
    status = await connection.execute(EVENTS, tenant_id, people, day, batches, months)
    events = MANAGERS + int(status.rpartition(" ")[2])
    await connection.execute(
        "update heads set position = $2, recorded_at = now() where tenant_id = $1",
        tenant_id,
        events,
    )
    return SyntheticLog(tenant_id, people, events)


async def make_newcomers(
    connection: asyncpg.Connection, tenants: list[UUID], each: int, day: date
) -> None:
    """The figures' rows of so many trainees each, over 24 months that end on the day, and of who is
    in charge of them."""
    await connection.execute(PEOPLE, tenants, day)
    for first in range(0, len(tenants), 50):
        await connection.execute(NEWCOMERS, tenants[first : first + 50], each, day, timeout=600)
    await connection.execute(f"vacuum analyze {NEWCOMER_ROWS.table}", timeout=600)
