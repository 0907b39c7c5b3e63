"""Whoever may read some people's things alone reads of them what everybody does, and nothing else:
in every list, count, sum, search, timeline and figure, of today and of the past."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from random import Random
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.kernel.errors import PermissionRefusedError, Refusal
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections import LISTINGS
from projections.kernel.listing import Listing
from projections.kernel.paging import Paging
from projections.people.people import PERSON_LIST
from projections.reporting.submissions import SUBMISSION_LIST
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.cohort_roster import STATUSES_BY_COHORT, TRAINEE_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from projections.trainees.orders import ORDER_LIST
from services.execute import execute
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.rehearsal import rehearsing
from services.kernel.scopes import EVERYTHING, Ids, Scope, Scopes
from services.reading.lists import Reader
from services.reading.moment import Moment, Question
from services.reading.purviews import may_find
from services.teaching.session import ApprovePlanChange
from tests.carrying import carry_out, new_partner
from tests.elsewhere import past_elsewhere
from tests.examples import examples
from tests.histories import KINDS, OF_THE_STAFF
from tests.situation import batch_opened, class_planned, enrolled, examined, withdrawn
from tests.staff import assigned, department_opened, joined, registered
from tests.teller import FAR, Draw, Teller

NAMES = {"W1": "王主管", "Z1": "赵主管", "C1": "陈经理", "L1": "李经理", "W2": "王老板"}
OFFICE = (
    *(registered(number, name=name) for number, name in NAMES.items()),
    joined("W2", into="W1"),
    department_opened("xs", head="L1"),
    assigned("Z1", on=date(2025, 3, 1), department="xs", manager="W1"),
    assigned("C1", on=date(2025, 3, 1), department="xs", manager="W2"),
)
MISTAKEN = (
    batch_opened("X1", on=date(2025, 3, 1), training_manager="陈经理"),
    class_planned("X1", cohort="X1", on=date(2025, 3, 5)),
    enrolled("X1", cohort="X1", on=date(2025, 3, 1), manager="王主管"),
    examined("X1", "written", on=date(2025, 3, 2)),
    withdrawn("X1", 2),
)
"""A batch of the department's; of somebody in it an exam that never was."""
READ = frozenset(one for one in Permission if one.startswith("read_"))
MOMENTS = [None, (1, date(2025, 3, 20)), (0.6, date.max)]
"""Shares of the log that are known, and the last days that count; None: today."""

often = settings(max_examples=examples(12), suppress_health_check=list(HealthCheck))


class Lived(msgspec.Struct):
    """A partner, everybody's right to read it, its people by number, its classes, and its last
    position."""

    everybody: Principal
    people: dict[str, str]
    classes: list[str]
    position: int


@pytest_asyncio.fixture(scope="module")
async def lived(app: App) -> Lived:
    """A partner with a random history, whose managers are people of it."""
    principal, random = await new_partner(app), Random(11)
    kinds = (*KINDS, *OF_THE_STAFF)
    draws = [
        Draw(*(random.randrange(most) for most in (len(kinds), 6, len(FAR), 8))) for _ in range(90)
    ]
    await carry_out(app, principal, [*OFFICE, *MISTAKEN, *Teller(6, 1, kinds).tell(draws)])
    await catch_up(app, principal.tenant)
    people = await app.lists(principal).page(PERSON_LIST, Paging(200))
    numbers = {row.number: row.person_id for row in people.rows if row.number in NAMES}
    assert {*numbers} == {*NAMES}
    held = await app.lists(principal).page(SESSION_LIST, Paging(9))
    classes = [row.session_id for row in held.rows]
    assert classes
    return Lived(principal, numbers, classes, await app.log.position(principal.tenant))


Asker = tuple[frozenset[Scope], str, set[str], set[Permission]]
"""How far one may read, who that is, for whom else one acts, and what one may not read at all."""
HEAD: Asker = (frozenset([Scope.OWN_DEPARTMENT]), "L1", set(), set())


def limited(
    lived: Lived, scopes: Collection[Scope], person: str, others: set[str], lacked: set[Permission]
) -> Principal:
    """Somebody who may read what these scopes say alone, and who has a class."""
    acting = frozenset(lived.people[one] for one in (person, *others))
    own = {
        Scope.SELF: frozenset((lived.people[person],)),
        Scope.OWN_CLASSES: frozenset(lived.classes[:1]),
    }
    reached: Scopes = {scope: own.get(scope, acting) for scope in scopes}
    rights = dict.fromkeys(READ - lacked, reached)
    return Principal(lived.everybody.tenant, "somebody", (Role.SUPERVISOR,), rights)


@contextmanager
def reading(
    app: App, principal: Principal, lived: Lived, moment: Moment | None
) -> Iterator[Reader]:
    """What is asked of the past goes to another process."""
    if moment is None:
        with nullcontext():
            yield app.lists(principal)
    else:
        with past_elsewhere(app, principal, moment) as reader:
            yield reader


async def all_of(reader: Reader, listing: Listing[Any]) -> list[Any]:
    """The rows of a list, page by page."""
    rows, after = list[Any](), None
    while True:
        page = await reader.page(listing, Paging(50, after))
        rows += page.rows
        if not page.has_next:
            return rows
        after = page.end_cursor


class Seen:
    """What everybody sees at a moment, and what of it is whose."""

    def __init__(self, rows: dict[str, list[Any]], asks: Principal) -> None:
        self.rows, self.scopes = rows, asks.rights[Permission.READ_TRAINEES]
        self.held = asks.rights
        people = rows["people"]
        own, members = self.scopes.get, set[Any]()
        if meant := own(Scope.OWN_DEPARTMENT, Ids()):
            its = {one.department_id for one in rows["departments"] if one.head_id in meant}
            for _ in rows["departments"]:
                its |= {one.department_id for one in rows["departments"] if one.part_of_id in its}
            members = meant | {p.person_id for p in people if p.department_id in its}
        its = {p.name for p in people if p.person_id in members}
        self.planned = {one.cohort_id for one in rows["cohorts"] if one.training_manager in its}
        bosses = members | own(Scope.OWN_PEOPLE, Ids())
        self.bosses = bosses | {p.name for p in people if p.person_id in bosses}
        leads = own(Scope.OWN_COHORTS, Ids())
        self.led = {one.cohort_id for one in rows["cohorts"] if one.training_manager_id in leads}
        self.codes = {one.code for one in rows["cohorts"] if one.cohort_id in self.led}
        self.plans = {one.code for one in rows["cohorts"] if one.cohort_id in self.planned}
        self.classes = own(Scope.OWN_CLASSES, Ids())
        held = [one for one in rows["sessions"] if one.session_id in self.classes]
        self.taught = {one.cohort_id for one in held}
        self.persons = members | own(Scope.SELF, Ids())
        self.bodies = {one.removeprefix("person-") for one in self.persons}

    def of(self, name: str) -> list[Any]:
        """The rows that are to be seen of a list."""
        return [row for row in self.rows[name] if getattr(self, name)(row)]

    def ids(self, listing: Listing[Any]) -> set[str]:
        return {getattr(row, listing.id_column) for row in self.of(listing.name)}

    def leads(self, row: Any, permission: Permission) -> bool:
        is_taught = row.cohort_id in self.taught and permission in OF_TAUGHT
        return is_taught or row.cohort_id in self.led

    def cohorts(self, row: Any, permission: Permission = Permission.READ_TRAINEES) -> bool:
        return row.cohort_id in self.planned or self.leads(row, permission)

    def trainees(self, row: Any, permission: Permission = Permission.READ_TRAINEES) -> bool:
        is_self = row.trainee_id.removeprefix("trainee-")[:36] in self.bodies
        return is_self or row.manager in self.bosses or self.leads(row, permission)

    def orders(self, row: Any) -> bool:
        return self.trainees(row, Permission.READ_ORDERS)

    def sessions(self, row: Any, permission: Permission = Permission.READ_ATTENDANCE) -> bool:
        return row.session_id in self.classes or self.cohorts(row, permission)

    def follow_ups(self, row: Any, permission: Permission = Permission.READ_CASES) -> bool:
        its = [one for one in self.rows["trainees"] if one.trainee_id == row.trainee_id]
        return any(self.trainees(one, permission) for one in its)

    def timeline(self, row: Any) -> bool:
        takes = {Permission.READ_TRAINEES}
        said = row.facts.get("what", row.topic)
        takes |= {one for one, words in TAKES.items() if any(map(said.__contains__, words))}
        return all(one in self.held and self.tells(row.stream_id, one) for one in takes)

    def tells(self, stream_id: str, permission: Permission) -> bool:
        """Whether something is to be known of the thing of a stream."""
        kinds: Any = (TRAINEE_LIST, COHORT_LIST, SESSION_LIST, FOLLOW_UP_LIST)
        return any(
            getattr(self, one.name)(row, permission)
            for one in kinds
            for row in self.rows[one.name]
            if getattr(row, one.id_column) == stream_id
        )

    def people(self, row: Any) -> bool:
        return row.person_id in self.persons or row.manager_id in self.bosses

    def departments(self, row: Any) -> bool:
        return row.head_id in self.bosses

    def submissions(self, row: Any) -> bool:
        return False

    def shown(self, name: str) -> list[Any]:
        """The same as they are shown: without the names of others."""
        rows = self.of(name)
        if name != ORDER_LIST.name:
            return rows
        known = self.ids(TRAINEE_LIST)
        return [
            row if row.taken_from in known else replace(row, taken_from_name=None) for row in rows
        ]


TAKES = {
    Permission.READ_SCORES: ("trial_", "exam", "drill", "makeup", "spot"),
    Permission.READ_ORDERS: ("order",),
    Permission.READ_CASES: ("complaint", "follow_up"),
    Permission.READ_ATTENDANCE: ("session.",),
}
"""Words in topics whose entries take more than the right to read people."""
OF_TAUGHT = (Permission.READ_TRAINEES, Permission.READ_SCORES)
"""What somebody may know of who is taught in the own classes."""

askers = st.tuples(
    st.frozensets(st.sampled_from([one for one in Scope if one is not Scope.ALL])),
    st.sampled_from(list(NAMES)),
    st.sets(st.sampled_from(list(NAMES)), max_size=1),
    st.sets(st.sampled_from([*TAKES]), max_size=1),
)


def moment_of(lived: Lived, at: Any) -> Moment | None:
    return at and Moment(at[1], int(lived.position * at[0]), date.max)


@pytest.mark.parametrize("at", MOMENTS, ids=str)
@often
@given(asks=askers)
@example(asks=(frozenset([Scope.OWN_PEOPLE]), "W1", set(), {Permission.READ_SCORES}))
@example(asks=HEAD)
async def test_every_list_is_everybodys_without_what_is_not_within(
    app: App, lived: Lived, at: Any, asks: Asker
) -> None:
    moment, who = moment_of(lived, at), limited(lived, *asks)
    with (
        reading(app, lived.everybody, lived, moment) as everybody,
        reading(app, who, lived, moment) as own,
    ):
        seen = Seen({one.name: await all_of(everybody, one) for one in LISTINGS}, who)
        for one in LISTINGS:
            if one.permission not in who.rights:
                with pytest.raises(PermissionRefusedError):
                    await own.count(one)
                continue
            shown = seen.shown(one.name)
            assert await all_of(own, one) == shown
            assert may_find(who, one) or not shown
            assert await own.count(one) == len(shown)
            assert await own.total(one) == one.total_of(shown)
            every = [*dict.fromkeys(getattr(row, one.id_column) for row in seen.rows[one.name])]
            named = await everybody.by_id(one, every)
            mine = {key for key, row in named.items() if getattr(seen, one.name)(row)}
            # An entry of a timeline has no id of its own.
            assert {*await own.by_id(one, every)} == mine or not one.is_root
            for name, its in one.filters.items():
                if its.texts == its.column in one.columns and its.kind is str:
                    texts = {getattr(row, its.column) for row in seen.of(one.name)}
                    assert {*await own.values(one, name, 200)} == texts - {None}
            for key in every[:3]:
                assert (await own.get(one, id=key) is None) == (key not in seen.ids(one))
        trainees = [row.trainee_id for row in seen.rows["trainees"]]
        assert {*await own.newcomers(trainees)} <= seen.ids(TRAINEE_LIST)
        streams = [*{row.stream_id for row in seen.rows["timeline"]}]
        lines = await own.timelines(streams, 200)
        found = {row.position for page in lines.values() if page for row in page.rows}
        assert found == {row.position for row in seen.of("timeline")}
        cohorts = [row.cohort_id for row in seen.rows["cohorts"]]
        counts = await own.tally(STATUSES_BY_COHORT, cohorts)
        assert sum(sum(its.values()) for its in counts.values()) == len(
            [row for row in seen.of("trainees") if row.cohort_id in cohorts]
        )


@often
@given(asks=askers)
@example(asks=HEAD)
async def test_whose_plan_somebody_may_change_is_what_they_may_read(
    app: App, lived: Lived, asks: Asker
) -> None:
    who = limited(lived, *asks[:3], set())
    approving = {Permission.APPROVE_PLANS: who.rights[Permission.READ_ATTENDANCE]}
    approver = replace(who, roles=(Role.DEPARTMENT_HEAD,), rights=approving)
    read = await all_of(app.lists(who), SESSION_LIST)
    for row in await all_of(app.lists(lived.everybody), SESSION_LIST):
        change = ApprovePlanChange(row.code, row.planned_on, ["礼仪"], row.planned_on, "改")
        try:
            await execute(rehearsing(app.context(approver)), change)
            is_known = True
        except Refusal as refusal:
            is_known = refusal.code != "session_unknown"
        assert is_known == (row in read)


async def test_a_list_is_refused_to_whom_its_permission_was_not_given(
    app: App, lived: Lived
) -> None:
    rights = {Permission.READ_FIGURES: EVERYTHING}
    who = replace(lived.everybody, rights=rights)
    assert await app.lists(who).count(SUBMISSION_LIST) == 0
    with pytest.raises(PermissionRefusedError):
        await app.lists(who).count(TRAINEE_LIST)
    with pytest.raises(PermissionRefusedError):
        await app.figures.answer(replace(who, rights={}), Question(date.today(), date.today()))
