"""Whatever an import recorded of a person: once it is undone, nobody sees that it ever was."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import example
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.kernel.whose import OF_PEOPLE, own_stream
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from services.execute import execute
from services.importing.sheets.filling import OF_PERSON
from services.importing.sheets.orders import OF_ORDER, ImportOrderRow
from services.importing.sheets.roster import ImportRosterRow
from services.importing.undoing import ImportedEvent, UndoImport
from services.kernel.context import Context, Role
from services.kernel.roles import in_role
from services.kernel.work import RESTATED_SINCE, Work
from services.teaching.cohort import OpenCohort
from services.trainees.correction import CorrectEnrolment, CorrectOrder
from services.trainees.selling import RecordOrder, holder_of
from services.trainees.trainee import (
    TRAINEES,
    ChangeManager,
    ChangePost,
    EnrolTrainee,
    RecordLeaving,
    RejoinTrainee,
    enrolments_of,
)
from services.trainees.whose import name_on
from tests.carrying import RECORDED, TENANT, MemoryLog, at_once

IMPORT, UNDO = UUID(int=1), UUID(int=2)
NO, ORDER, JUNE_1 = "E1", "N1", date(2026, 6, 1)
STAYS, LONG = 3, 20
"""The stays of a person, each so many days after the one before, and half as long."""

EVENINGS = [JUNE_1 + timedelta(days=n) for n in range(STAYS * LONG)]

PRINCIPAL = in_role(TENANT, "user-1", Role.TRAINING_MANAGER)

Said = tuple[bool, msgspec.Struct]
"""Whether the import says it, and the command."""


class OrderRetyped(msgspec.Struct, frozen=True):
    """The form of the order, which says all that is recorded, sent back with one field changed."""

    field: str
    to: Any


def day_in(stay: int, day: int = 0) -> date:
    return JUNE_1 + timedelta(days=LONG * stay + day)


stays = st.integers(0, STAYS - 1)
days = st.integers(0, LONG // 2)
contacts = {"phone": (None, "13800000001"), "mail": (None, "w@qq.com")}


def drawn(**fields: Sequence[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {name: st.sampled_from(values) for name, values in fields.items()}


def row(stay: int, day: int = 1, **said: Any) -> ImportRosterRow:
    return ImportRosterRow(NO, "王小明", "A1", day_in(stay), changed_on=day_in(stay, day), **said)


def left(stay: int) -> RecordLeaving:
    return RecordLeaving(NO, day_in(stay, LONG // 2))


of_import = st.one_of(
    st.builds(
        row,
        stays,
        st.integers(1, LONG // 2),
        **drawn(post=(None, "customer_service"), manager=(None, "孙主管"), **contacts),
    ),
    st.builds(
        lambda **said: ImportOrderRow(ORDER, NO, JUNE_1, **said),
        **drawn(product=(None, "宽带"), amount=(None, Decimal(10))),
    ),
)
"""Of what nobody else says, so that a correction by hand does not say the same by chance."""

the_first = st.builds(
    row, st.just(0), **drawn(post=("customer_service",), manager=(None, "孙主管"), **contacts)
)
"""What the import says first: it is accepted."""

by_hand = st.one_of(
    st.builds(
        lambda stay, **said: CorrectEnrolment(NO, "录错", was_on=day_in(stay), **said),
        stays,
        **drawn(
            post=(None, "sales", "channel_assistant"),
            phone=(None, "13900000002", ""),
            manager=(None, "钱主管"),
        ),
    ),
    st.builds(
        lambda stay, day, post: ChangePost(NO, day_in(stay, day), post),
        stays,
        days,
        st.sampled_from(("sales", "channel_assistant")),
    ),
    st.builds(
        lambda stay, day, to: ChangeManager(NO, day_in(stay, day), to),
        stays,
        days,
        st.sampled_from(("钱主管", "赵主管")),
    ),
    st.sampled_from(
        [OrderRetyped("closed_on", day_in(0, 1)), OrderRetyped("product", "专线")]
        + [OrderRetyped("amount", to) for to in (None, Decimal(20))]
    ),
)
coming_back = st.builds(
    lambda stay, **said: (left(stay), RejoinTrainee(NO, "A1", day_in(stay + 1), **said)),
    st.integers(0, STAYS - 2),
    **drawn(post=("unknown", "sales"), phone=(None, "13800000001"), mail=(None, "x@qq.com")),
)
"""With a post: the one that is recorded then is stated otherwise, the import's perhaps."""

enrolled_by_import = st.builds(
    lambda stay: [(False, left(stay)), (True, row(stay + 1, rejoined=True))],
    st.integers(0, STAYS - 2),
)
histories = st.tuples(
    the_first,
    st.lists(
        st.one_of(
            st.builds(lambda row: [(True, row)], of_import),
            st.builds(lambda command: [(False, command)], by_hand),
            st.builds(lambda several: [(False, one) for one in several], coming_back),
            enrolled_by_import,
        ),
        min_size=4,
        max_size=16,
    ),
).map(lambda drawn: [(True, drawn[0]), *(one for step in drawn[1] for one in step)])

changed_before = (False, ChangePost(NO, day_in(0, 2), "customer_service"))
came_back_since_it_was_filled_in: list[Said] = [
    (True, row(0, phone="13800000001")),
    (False, left(0)),
    (False, RejoinTrainee(NO, "A1", day_in(1), post="sales", mail="x@qq.com")),
    (True, row(1, phone="13800000001")),
    changed_before,
]
said_again_since_it_was_filled_in: list[Said] = [
    (True, row(0, phone="13800000001")),
    (False, left(0)),
    (False, RejoinTrainee(NO, "A1", day_in(1), post="sales", phone="13800000001")),
]
enrolled_since: list[Said] = [
    (False, left(0)),
    (True, row(1, rejoined=True, phone="13800000001")),
    changed_before,
]
other_fields_amended_since: list[Said] = [
    (True, row(0, phone="13800000001", post="customer_service")),
    (False, CorrectEnrolment(NO, "漏录主管", manager="钱主管")),
    (False, CorrectEnrolment(NO, "没有手机", phone="", manager="赵主管")),
    (False, CorrectEnrolment(NO, "换了手机", phone="13900000002")),
]
other_fields_of_the_order_amended_since: list[Said] = [
    (True, ImportOrderRow(ORDER, NO, JUNE_1, product="宽带")),
    (False, OrderRetyped("amount", Decimal(20))),
]


class Office:
    """One person's records, and the import that says some of them."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        opened = OpenCohort("A1", "一期", JUNE_1)
        enrolled = EnrolTrainee("A1", NO, "王小明", JUNE_1, post="unknown")
        assert self.says(opened) and self.says(enrolled)
        assert self.says(RecordOrder(NO, ORDER, JUNE_1))

    def context(self, **how: Any) -> Context:
        return Context(PRINCIPAL, self.log, RECORDED, **how)

    def says(self, command: msgspec.Struct, cause: UUID | None = None) -> bool:
        """Whether it is accepted."""
        if isinstance(command, OrderRetyped):
            order = at_once(holder_of(Work(self.context()), ORDER)).selling.orders[ORDER]
            said = {name: getattr(order, name) for name in ("closed_on", *OF_ORDER)}
            command = CorrectOrder(ORDER, reason="录错", **said | {command.field: command.to})
        with suppress(Refusal):
            at_once(execute(self.context(causation_id=cause), command))
            return True
        return False

    async def _stays(self) -> list[Trainee]:
        work = Work(self.context())
        return await enrolments_of(work, await TRAINEES.get(work, NO))

    def seen(self) -> list[Any]:
        """Of each stay what anybody sees of it."""
        person: Any = at_once(self.log.aggregate(TENANT, self.person_id))
        return [
            (
                (entered := who.enrolled.entered_on, who.enrolled.post),
                (name_on(person, entered), *(person.reached_by(one, entered) for one in OF_PERSON)),
                self._name_of(who.enrolled.manager_id),
                [(who.post_on(day), self._name_of(who.manager_on(day))) for day in EVENINGS],
                who.left_on,
                orders,
            )
            for who, orders in (
                (one.employment, one.selling.orders) for one in at_once(self._stays())
            )
        ]

    def _name_of(self, person_id: str | None) -> str | None:
        found = at_once(self.log.aggregate(TENANT, person_id)) if person_id else None
        return found.name if isinstance(found, Person) else None

    @property
    def person_id(self) -> str:
        return own_stream(at_once(self._stays())[0].id)

    def _is_about(self, stream_id: str) -> bool:
        category = stream_id.partition("-")[0]
        return category in OF_PEOPLE and own_stream(stream_id) == self.person_id

    def undo(self) -> Refusal | None:
        """Takes the import back; answers what stood in the way."""
        caused = [one for one in self.log.recorded if one.causation_id == IMPORT]
        its = [one for one in caused if self._is_about(one.event.originator_id)]
        events = [
            ImportedEvent(one.event.originator_id, one.event.originator_version) for one in its
        ]
        seen = {"as_seen": its[0].position - 1, "seen_causes": {IMPORT, UNDO}}
        its_context = self.context(causation_id=UNDO, **seen)
        try:
            at_once(execute(its_context, UndoImport(events, "导入错了文件")))
        except Refusal as refused:
            return refused
        return None

    def _says(self, thing: Trainee | Person) -> dict[Any, Any]:
        """What sheets fill in of a stay, or of somebody by what says it."""
        if isinstance(thing, Person):
            facts = [one for one in thing.facts if hasattr(one, "phone")]
            its = [(one, name) for one in facts for name in OF_PERSON]
            return {(one.fact_id, name): getattr(one, name) or None for one, name in its}
        says: dict[Any, Any] = {"post": thing.employment.enrolled.post}
        for order in thing.selling.orders.values():
            says |= {name: getattr(order, name) for name in OF_ORDER}
        return says

    def amended(self, position: int) -> set[Any]:
        """What the import had filled in of a stay or of the order, and the record there, made by
        hand, says otherwise."""
        by = self.log.recorded[position - 1]
        assert by.causation_id is None
        filled, was, new = dict[Any, Any](), dict[Any, Any](), set[Any]()
        thing: Any = None
        for one in self.log.recorded[:position]:
            if one.event.originator_id != by.event.originator_id:
                continue
            thing = one.event.mutate(thing)
            says = self._says(thing)
            new = {name for name, to in says.items() if was and was.get(name) != to}
            if one.causation_id == IMPORT:
                filled = {name: was.get(name) for name in new} | filled
            filled = {name: to for name, to in filled.items() if says[name] != to}
            was = says
        return filled.keys() & new


@for_all(histories)
@example(came_back_since_it_was_filled_in)
@example(said_again_since_it_was_filled_in)
@example(enrolled_since)
@example(other_fields_amended_since)
@example(other_fields_of_the_order_amended_since)
def test_an_import_that_is_undone_leaves_everything_as_if_it_had_never_been(
    history: list[Said],
) -> None:
    told, never = Office(), Office()
    for is_imported, command in history:
        if is_imported:
            told.says(command, IMPORT)
        elif told.says(command) != never.says(command):
            return  # What was said by hand meant something else with the import than without it.
    if refused := told.undo():
        assert refused.code == RESTATED_SINCE
        assert told.amended(refused.params["position"])
    else:
        assert told.seen() == never.seen()
