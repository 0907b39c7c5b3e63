"""Whatever an import recorded of a person: once it is undone, nobody sees that it ever was."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.trainees.trainee import Trainee
from services.execute import execute
from services.importing.sheets.roster import ImportRosterRow
from services.importing.undoing import ImportedEvent, UndoImport
from services.kernel.context import Context, Principal, Role
from services.kernel.work import Work
from services.teaching.cohort import OpenCohort
from services.trainees.correction import CorrectEnrolment
from services.trainees.trainee import (
    TRAINEES,
    ChangeManager,
    ChangePost,
    EnrolTrainee,
    RecordLeaving,
    RejoinTrainee,
    enrolments_of,
)
from tests.carrying import RECORDED, TENANT, MemoryLog, at_once

IMPORT, UNDO = UUID(int=1), UUID(int=2)
NO, JUNE_1 = "E1", date(2026, 6, 1)
STAYS, LONG = 3, 20
"""The stays of a person, each so many days after the one before, and half as long."""

EVENINGS = [JUNE_1 + timedelta(days=n) for n in range(STAYS * LONG)]
ENROLMENT = ("entered_on", "name", "post", "manager", "phone", "mail", "inherited")

PRINCIPAL = Principal(TENANT, "user-1", Role.TRAINING_MANAGER)

Said = tuple[bool, msgspec.Struct]
"""Whether the import says it, and the command."""


def day_in(stay: int, day: int = 0) -> date:
    return JUNE_1 + timedelta(days=LONG * stay + day)


stays = st.integers(0, STAYS - 1)
days = st.integers(0, LONG // 2)
contacts = {"phone": (None, "13800000001"), "mail": (None, "w@qq.com")}


def drawn(**fields: Sequence[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {name: st.sampled_from(values) for name, values in fields.items()}


of_import = st.builds(
    lambda stay, day, **said: ImportRosterRow(
        NO, "王小明", "A1", day_in(stay), changed_on=day_in(stay, day), **said
    ),
    stays,
    st.integers(1, LONG // 2),
    **drawn(post=(None, "customer_service"), manager=(None, "孙主管"), **contacts),
)
"""Of what nobody else says, so that a correction by hand does not say the same by chance."""

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
)
coming_back = st.builds(
    lambda stay, **said: (
        RecordLeaving(NO, day_in(stay, LONG // 2)),
        RejoinTrainee(NO, "A1", day_in(stay + 1), **said),
    ),
    st.integers(0, STAYS - 2),
    **drawn(post=(None, "sales"), phone=(None, "13800000001"), mail=(None, "x@qq.com")),
)
histories = st.lists(
    st.one_of(
        st.builds(lambda row: [(True, row)], of_import),
        st.builds(lambda command: [(False, command)], by_hand),
        st.builds(lambda several: [(False, one) for one in several], coming_back),
    ),
    min_size=4,
    max_size=16,
).map(lambda steps: [one for step in steps for one in step])


class Office:
    """One person's records, and the import that says some of them."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        opened = OpenCohort("A1", "一期", JUNE_1)
        enrolled = EnrolTrainee("A1", NO, "王小明", JUNE_1, post="unknown")
        assert self.says(opened) and self.says(enrolled)

    def context(self, **how: Any) -> Context:
        return Context(PRINCIPAL, self.log, RECORDED, **how)

    def says(self, command: msgspec.Struct, cause: UUID | None = None) -> bool:
        """Whether it is accepted."""
        with suppress(Refusal):
            at_once(execute(self.context(causation_id=cause), command))
            return True
        return False

    async def _stays(self) -> list[Trainee]:
        work = Work(self.context())
        return await enrolments_of(work, await TRAINEES.get(work, NO))

    def seen(self) -> list[Any]:
        """Of each stay what anybody sees of it."""
        return [
            (
                [getattr(who.enrolled, name) or None for name in ENROLMENT],
                [(who.post_on(day), who.manager_on(day)) for day in EVENINGS],
                who.left_on,
            )
            for who in (one.employment for one in at_once(self._stays()))
        ]

    def undoes(self) -> bool:
        """Takes the import back; whether nothing stood in the way."""
        its = [one for one in self.log.recorded if one.causation_id == IMPORT]
        if not its:
            return True
        events = [
            ImportedEvent(one.event.originator_id, one.event.originator_version) for one in its
        ]
        seen = {"as_seen": its[0].position - 1, "seen_causes": {IMPORT, UNDO}}
        with suppress(Refusal):
            its_context = self.context(causation_id=UNDO, **seen)
            at_once(execute(its_context, UndoImport(events, "导入错了文件")))
            return True
        return False


@for_all(histories)
def test_an_import_that_is_undone_leaves_everything_as_if_it_had_never_been(
    history: list[Said],
) -> None:
    told, never = Office(), Office()
    for is_imported, command in history:
        if is_imported:
            told.says(command, IMPORT)
        elif told.says(command) != never.says(command):
            return  # What was said by hand meant something else with the import than without it.
    if told.undoes():
        assert told.seen() == never.seen()
