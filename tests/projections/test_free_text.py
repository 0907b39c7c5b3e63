"""Free text: in no read model but that of the thing it was written for; about a person sealed."""

import re
from collections.abc import Mapping
from typing import Any, get_type_hints
from uuid import UUID

import asyncpg
import msgspec
import pytest
from eventsourcing.utils import resolve_topic

from domain.kernel.aggregate import FREE_TEXT, Recorded, event_topics, marked_fields, sealed_fields
from domain.kernel.bounds import unwrapped
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections import PROJECTIONS
from projections.figures.evidence import SOURCES
from projections.kernel.projection import Projection
from projections.trainees.follow_ups import FOLLOW_UPS
from services.kernel.context import Principal
from services.kernel.fields import OF_NOBODY
from tests.batches import batch_corrected, batch_withdrawn, handover_corrected, handover_withdrawn
from tests.carrying import carry_out, recorded
from tests.follow_ups import (
    FOLLOWED_UP,
    action_corrected,
    follow_up_dropped,
    follow_up_end_withdrawn,
)
from tests.gwt import given
from tests.place import ROOT
from tests.read_models import folded, stored
from tests.situation import (
    CLASS_HELD,
    LIFE,
    START,
    batch_handed_over,
    batch_opened,
    class_cancelled,
    class_planned,
    closing_corrected,
    complaint_filed,
    complaint_withdrawn,
    eliminated,
    enrolled,
    enrolment_corrected,
    exam_corrected,
    go_live_corrected,
    held_off,
    judged,
    leaving_corrected,
    left,
    march,
    opening_corrected,
    order_corrected,
    order_reassigned,
    order_voided,
    passed_gate,
    plan_changed,
    rejoined,
    scheme_published,
    spot_checked,
    summary_corrected,
    transferred,
    trial_corrected,
    went_live,
    withdrawn,
)
from tests.staff import STAFF
from tests.steps import Step

LIFE_WITH_WORDS = (
    *LIFE,
    enrolment_corrected("E0", manager="李主管"),
    exam_corrected("E0", "written", was=march(2), on=march(2), passed=True, score=90),
    complaint_filed("E0", "C1", on=march(5)),
    complaint_withdrawn("C1", on=march(6)),
    order_corrected("N2", on=march(5)),
    enrolled("E3"),
    passed_gate("E3", on=march(2)),
    went_live("E3", on=march(2)),
    order_reassigned("N2", to="E3", on=march(6)),
    leaving_corrected("E2", on=march(6)),
    withdrawn("E2", 2),
    eliminated("E2", on=march(9)),
    rejoined("E2", on=march(10), name="单丽", phone="13900000000"),
    enrolment_corrected("E2", was=START, post="customer_service"),
    enrolment_corrected("E2", name="单丽丽", phone="13900000001"),
    *CLASS_HELD,
    opening_corrected("K0", on=march(6)),
    closing_corrected("K0", on=march(6)),
    summary_corrected("K0", on=march(7), text="改过的总结"),
    *FOLLOWED_UP,
    follow_up_end_withdrawn("F0"),
    action_corrected("F0", on=march(4), due=march(9)),
    follow_up_dropped("F0", on=march(9)),
    class_planned("K1", on=march(9)),
    plan_changed("K1", to=march(10), approved=march(7)),
    class_cancelled("K1", on=march(8)),
    batch_handed_over("A1", to="李经理", on=march(8)),
    batch_corrected("A1", name="三月期"),
    batch_opened("A9"),
    batch_withdrawn("A9"),
    handover_corrected("A1", was_on=march(8), to="李经理", on=march(9)),
    handover_withdrawn("A1", was_on=march(9)),
    judged("E1", passed=False, on=march(3)),
    judged("E1", passed=True, on=march(4)),
    trial_corrected("E1", was=march(4), on=march(4), passed=True),
    transferred("E1", to="A1", on=march(5)),
    go_live_corrected("E0", was=march(2), on=march(3)),
    spot_checked("E0", "basics", passed=False, on=march(8), feedback="答不上来"),
    held_off("E0", on=march(9)),
    order_voided("N2", on=march(9)),
    left("E1", on=march(9)),
    scheme_published("2025-03"),
    *STAFF,
)
WRITTEN = {
    (one.event.TOPIC, text)
    for one in recorded(LIFE_WITH_WORDS)
    for name in marked_fields(type(one.event), FREE_TEXT)
    if (text := getattr(one.event, name))
}
WRITTEN_FOR: Mapping[str, set[str]] = {
    "sessions": {"session.summary_corrected"},
    "follow_ups": {
        "follow_up.noted",
        "follow_up.action_agreed",
        "follow_up.action_corrected",
    },
    "schemes": {"scheme.published"},
}
"""The events whose text is in a read model after that life."""

DECISION = ROOT / "infra" / "decisions" / "0046-let-a-streams-id-say-whose-it-is.md"
CANARY = "canary"
TABLES = """
    select oid::regclass::text from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
"""
TELLS = f"select exists (select from {{0}} as one where one::text like '%{CANARY}%')"


def test_something_was_written_on_every_occasion() -> None:
    kinds = map(resolve_topic, event_topics())
    occasions = {kind.TOPIC for kind in kinds if marked_fields(kind, FREE_TEXT)}
    assert {topic for topic, _ in WRITTEN} == occasions


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
def test_the_words_of_a_life_are_in_the_rows_they_were_written_for(
    projection: Projection[Any],
) -> None:
    rows = msgspec.json.encode(given(projection, *LIFE_WITH_WORDS).rows).decode()
    found = {topic for topic, text in WRITTEN if text in rows}
    assert found == WRITTEN_FOR.get(projection.name, set())


def test_the_decision_tells_of_each_read_model_that_has_in_clear_what_is_sealed() -> None:
    told = re.findall(r"^\| `(\w+)`", DECISION.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(one.name for one in PROJECTIONS if one.personal)


async def test_text_about_a_person_is_sealed_with_a_key_that_no_figure_needs(
    app: App, manager: Principal
) -> None:
    tenant = manager.tenant
    await carry_out(app, manager, map(about_people, LIFE_WITH_WORDS))
    await catch_up(app, tenant)
    kinds = map(resolve_topic, event_topics())
    assert await told_of_people(app, tenant) == {
        (kind.TOPIC, name)
        for kind in kinds
        for name in marked_fields(kind, FREE_TEXT)
        if name in sealed_fields(kind)
    }
    connection = await asyncpg.connect(app.settings.dsn("owner"))
    try:
        await connection.execute(f"set app.tenant = '{tenant}'")
        tables = [name for (name,) in await connection.fetch(TABLES)]
        telling = [name for name in tables if await connection.fetchval(TELLS.format(name))]
        assert telling == [FOLLOW_UPS.table]
        await connection.execute("delete from person_keys where tenant_id = $1", tenant)
    finally:
        await connection.close()
    assert await told_of_people(app, tenant) == set()
    assert {one.name for one in PROJECTIONS if one.personal} == {
        "follow_ups",
        "people",
        "roster",
    }
    assert [one for one in SOURCES if one.personal] == []
    for one in PROJECTIONS:
        if not one.personal:
            assert await stored(app, tenant, one) == await folded(app, tenant, one)


def about_people(told: Step) -> Step:
    """The same with another text wherever something is written about a person."""
    commands = []
    for command in told.commands:
        hints = get_type_hints(type(command), include_extras=True)
        marks = {name: unwrapped(hint)[1] for name, hint in hints.items()}
        texts = [name for name, its in marks.items() if FREE_TEXT in its and OF_NOBODY not in its]
        said = {name: f"{CANARY} {type(command)}" for name in texts if getattr(command, name)}
        commands.append(msgspec.structs.replace(command, **said))
    return msgspec.structs.replace(told, commands=tuple(commands))


async def told_of_people(app: App, tenant: UUID) -> set[tuple[str, str]]:
    """The events that tell what was written about people, each with the field."""
    told = await app.events(Principal.of_system(tenant, "tester"), after=0, most=1_000)
    events = [one.event for one in told if isinstance(one, Recorded)]
    assert len(events) == len(told)
    return {
        (event.TOPIC, name)
        for event in events
        for name in marked_fields(type(event), FREE_TEXT)
        if CANARY in (getattr(event, name) or "")
    }
