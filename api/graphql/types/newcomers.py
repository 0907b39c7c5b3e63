"""Newcomers, their cohorts and their figures: types that lead to each other.

A trainee belongs to a cohort, a cohort has figures, and figures open to the trainees behind them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any, cast, get_args

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.context import Info
from api.graphql.engine.fields import (
    Connection,
    Item,
    connection_of,
    linked,
    opened_lines,
    opened_size,
    paged,
    taking,
)
from api.graphql.engine.scalars import CHOSEN_FACTS, EVENT_TOPIC, POST, spelled
from api.graphql.engine.structs import View, hint_of, output_of, showing, size_of
from api.graphql.types.ratio import UNITS, AsOf, Ratio
from domain.kernel.errors import Refusal
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated
from domain.kpi.group import WHOLE, By, Way
from domain.kpi.proof import explanation as exact
from domain.kpi.subjects.facts import ExamFact, OrderFact, TrialFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.teaching import Handover
from projections.figures.held_orders import HeldOrder, OrderStatus
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.kernel.totals import GroupTotal
from projections.teaching.cohorts import COHORT_LIST, COHORT_STATUS, CohortStatus, LedCohort
from projections.trainees.cohort_roster import (
    STATUSES_BY_COHORT,
    TRAINEE_LIST,
    NamedTrainee,
    TraineeStatus,
)
from projections.trainees.follow_ups import FOLLOW_UP_LIST, FollowUpRow, Note
from projections.trainees.orders import ORDER_LIST
from projections.trainees.timeline import TIMELINE_LIST, TimelineRow
from services.kernel.permissions import Permission
from services.reading.moment import Question
from services.reading.names import labelled

HEADCOUNTS = ("entered", "went_live", "employed")
RATES = ("order_rate", "average_orders", "trial_pass_rate", "trial_pass_rate_of_entered")
BOARD: tuple[Way, ...] = ("all", "month", "cohort", "manager")
MOST_MONTHS = 120

LOGGED = "position happened_on recorded_at actor source"
"""What every event of the log says."""

output_of(OrderFact, "CreditedOrder", "closed_on voided_on credited_on reassigned_on order_no=no")
output_of(TrialFact, "Trial", "fact on passed")
output_of(ExamFact, "Exam", "fact kind on passed score")
RECORDED_EVENT = output_of(TimelineRow, "RecordedEvent", f"{LOGGED} topic", topic=EVENT_TOPIC)
output_of(Handover, "Handover", "on training_manager")
output_of(Note, "FollowUpNote", "on note")
output_of(GroupTotal, "OrderTotal", "status count amount without_amount", status=OrderStatus)


def _facts(name: str, permission: Permission) -> Any:
    """A field of the facts that a person's figures are counted from, as far as they may be read."""

    async def resolve(self: "Trainee", info: Info) -> Any:
        loaders, thing = info.context.at(self.moment), self.row.trainee_id
        is_held = await loaders.reader.reaches(permission, TRAINEE_LIST, thing)
        known = self.facts or await loaders.newcomer_by_trainee.load(thing)
        return getattr(known, name, ()) if is_held else ()

    return taking(answer=hint_of(Newcomer, name))(resolve)


@showing(TimelineRow, f"{LOGGED} fact topic", topic=EVENT_TOPIC)
class TimelineEvent(View):
    """Something that happened to a trainee or in a follow-up, as the log has it."""

    @property
    def facts(self) -> JSON:
        facts = self.row.facts.items()
        return JSON({name: spelled(fact) if name in CHOSEN_FACTS else fact for name, fact in facts})


def timeline_field() -> Any:
    """A page of what happened to one thing, in the order of recording."""

    async def timeline(self: Item, info: Info, paging: Paging) -> Any:
        loaders = info.context.at(self.moment)
        stream = getattr(self.row, self.listing.id_column)
        if paging == Paging(paging.size):
            page = await loaders.first_events(paging.size).load(stream)
            page = page or TIMELINE_LIST.page_of([], paging)
        else:
            page = await loaders.timelines.page(stream, paging)
        return Connection.of(
            page, lambda row: TimelineEvent(row=row), lambda: loaders.timelines.count(stream)
        )

    return taking(paged(TIMELINE_LIST.page_size), answer=connection_of(TimelineEvent))(timeline)


@showing()
class OfCohort(Item):
    """Something in a cohort, whose id its row knows."""

    @strawberry.field
    async def cohort(self, info: Info) -> "Cohort":
        row = await info.context.at(self.moment).named(COHORT_LIST).load(self.row.cohort_id)
        return Cohort(row=row, moment=self.moment)


@showing(
    NamedTrainee,
    "employee_no name manager status entered_on left_on post went_live_on=live_on"
    " orders trials exams timeline",
    post=POST,
)
class Trainee(OfCohort):
    """A salesperson from entering the training to leaving.

    facts: where they are known already, and perhaps newer than the read model.
    """

    listing = TRAINEE_LIST
    facts: strawberry.Private[Newcomer | None] = None
    orders = _facts("orders", Permission.READ_ORDERS)
    trials = _facts("trials", Permission.READ_SCORES)
    exams = _facts("exams", Permission.READ_SCORES)
    timeline = timeline_field()
    rejoins = linked("Trainee", "rejoins")


@showing()
class OfTrainee(View):
    """Something about a trainee, whose id its row knows."""

    trainee = linked("Trainee", "trainee_id")


@showing()
class ExplainedLine(OfTrainee):
    """A line of an explanation, with the events behind it."""

    @taking()
    async def events(self, info: Info) -> list[TimelineRow]:
        return await events_at(info, self.row.positions)


@showing(
    exact.Member,
    "positions rule employee_no=label cohort=cohort_code went_live_on=state.window.first_day "
    "last_day=state.window.last_day left_on=state.left_on scheme_version=state.window.version",
)
class CountedMember(ExplainedLine):
    """A line of the denominator; `rule` says why it does not count."""

    valid_orders = size_of("row.state.orders")


@showing(
    exact.Member,
    "positions employee_no=label cohort=cohort_code entered_on=state.newcomer.entered_on",
)
class TraineeInTraining(ExplainedLine):
    """Entered the training and has not gone live."""


@showing(
    exact.OrderLine, "positions rule employee_no=label order_no=order.no closed_on=order.closed_on"
)
class CountedOrder(ExplainedLine):
    """An order; `rule` says why it is not counted."""


@showing(exact.TrialLine, "positions employee_no=label on=trial.on passed=trial.passed")
class JudgedTrial(ExplainedLine):
    """A verdict on a trial post."""


def events_field() -> Any:
    """A page of every event behind the lines of a row."""

    async def resolve(self: Any, info: Info, paging: Paging) -> Any:
        found = await self.row.lines("positions", paging)
        events = await events_at(info, found.lines)
        return Connection.numbered(events, found.start, found.total)

    about = "Every event behind the lines, in the order of the log."
    answer = connection_of(RECORDED_EVENT)
    return taking(paged(LARGEST_PAGE), description=about, answer=answer)(resolve)


@showing()
class Explanation(View):
    """Every line of the figures; counted again, they give the figures."""

    counted_members = opened_size("members_counted")
    not_counted_members = opened_size("members_not_counted")
    counted_orders = opened_size("orders_counted")
    excluded_orders = opened_size("orders_excluded")
    members_counted = opened_lines(CountedMember, "members_counted")
    members_not_counted = opened_lines(CountedMember, "members_not_counted")
    in_training = opened_lines(TraineeInTraining, "in_training")
    orders_counted = opened_lines(CountedOrder, "orders_counted")
    orders_excluded = opened_lines(CountedOrder, "orders_excluded")
    trials_judged = opened_lines(JudgedTrial, "trials")
    events = events_field()


async def events_at(info: Info, positions: Sequence[int]) -> list[TimelineRow]:
    """The events at these places in the log."""
    rows = await info.context.at().event_by_position.load_many(list(positions))
    return [row for row in rows if row is not None]


@showing()
class NewcomerFigures:
    """The figures of a group of newcomers on the evening of a day."""

    entered: int
    went_live: int
    employed: int
    order_rate: Ratio
    average_orders: Ratio
    trial_pass_rate: Ratio
    trial_pass_rate_of_entered: Ratio
    floor: Ratio
    ceiling: Ratio
    is_final: bool
    final_on: date | None
    as_of: AsOf

    @strawberry.field
    def explanation(self, info: Info) -> Explanation:
        found = info.context.opened(exact.explain, self.as_of)
        return Explanation(row=found, moment=self.as_of.moment)


def figures_of(found: Evaluated, position: int, asked: Question) -> NewcomerFigures:
    """The catalog's figures as the schema has them."""
    figures, rate = found.figures, found.figures["order_rate"]
    counts: dict[str, Any] = {slug: figures[slug].ratio.numerator for slug in HEADCOUNTS}
    for slug in RATES:
        counts[slug] = Ratio(row=figures[slug].ratio, unit=UNITS[slug], rounding=found.rounding)
    for bound in ("floor", "ceiling"):
        exact = getattr(rate, bound) or rate.ratio
        counts[bound] = Ratio(row=exact, unit="percent", rounding=found.rounding)
    return NewcomerFigures(
        **counts,
        is_final=rate.is_final,
        final_on=rate.final_on,
        as_of=AsOf(asked, position, found.versions),
    )


@showing()
class CohortCounts:
    """How many entered, and of these how many stand where."""

    to_come: int
    entered: int
    in_training: int
    live: int
    held: int
    left: int
    eliminated: int


@showing(LedCohort, "code name opened_on trial_required training_manager handovers")
class Cohort(Item):
    """A batch of newcomers that is trained together."""

    listing = COHORT_LIST

    @taking(answer=CohortStatus)
    async def status(self, info: Info) -> str:
        return COHORT_STATUS.state_of(await self._counts(info))

    @strawberry.field
    async def counts(self, info: Info) -> CohortCounts:
        found = await self._counts(info)
        return CohortCounts(
            entered=found.total() - found["to_come"],
            **{status: found[status] for status in get_args(TraineeStatus)},
        )

    @strawberry.field
    async def figures(self, info: Info) -> NewcomerFigures:
        known, code = info.context.at(self.moment), self.row.code
        figures, position = await known.figures_by_cohort.load(code)
        return figures_of(figures, position, known.question.narrowed("cohort", code))

    async def _counts(self, info: Info) -> Counter[str]:
        counts = info.context.at(self.moment).counts(STATUSES_BY_COHORT)
        return await counts.load(self.row.cohort_id) or Counter()


@showing()
class GroupFigures:
    """The figures of one month, cohort or manager."""

    key: str
    label: str
    figures: NewcomerFigures


@showing()
class Board(View):
    """A partner's figures at a glance. row: the ways of the answer, with which it is forgotten."""

    as_of: AsOf
    by_manager: list[GroupFigures]
    last_months: strawberry.Private[int]

    @cached_property
    def whole(self) -> NewcomerFigures:
        return figures_of(self.row["all"][WHOLE], self.as_of.position, self.as_of.question)

    @cached_property
    def months(self) -> list[GroupFigures]:
        return _groups(self.row, self.as_of, "month")[-self.last_months :]

    @cached_property
    def by_cohort(self) -> list[GroupFigures]:
        return _groups(self.row, self.as_of, "cohort")


async def newcomer_figures(info: Info, asked: Question) -> NewcomerFigures:
    """Answers a question."""
    context = info.context
    answer = await context.figures.answer(context.principal, asked, NEWCOMER_FIGURES)
    return context.views.of(answer, None, lambda: figures_of(answer.whole, answer.position, asked))


async def board(info: Info, asked: Question, last_months: int = 24) -> Board:
    """Answers a question by month, cohort and manager; of months the last so many. Managers are
    named with the board, asked for or not: so it is answered whole from then on."""
    context = info.context
    if not 1 <= last_months <= MOST_MONTHS:
        raise Refusal("months_out_of_range", given=last_months, most=MOST_MONTHS)
    answer = await context.figures.answer(context.principal, asked, NEWCOMER_FIGURES, BOARD)
    if (known := context.views.known(answer, last_months)) is not None:
        return cast(Board, known)
    as_of, ways = AsOf(asked, answer.position, answer.whole.versions), answer.ways
    managers = await labelled(context.at(as_of.moment).reader, _groups(ways, as_of, "manager"))
    made = partial(Board, row=ways, as_of=as_of, by_manager=managers, last_months=last_months)
    return context.views.of(answer, last_months, made)


def _groups(ways: Mapping[str, Mapping[str, Evaluated]], as_of: AsOf, by: By) -> list[GroupFigures]:
    found, at, asked = ways[by].items(), as_of.position, as_of.question
    its = [(key, figures_of(one, at, asked.narrowed(by, key))) for key, one in found]
    return [GroupFigures(key=key, label=key, figures=figures) for key, figures in its]


@showing(FollowUpRow, "code employee_no status opened_on notes action due_on ended_on timeline")
class FollowUp(OfTrainee, Item):
    """A follow-up of a newcomer, from the visit to the agreed action."""

    listing = FOLLOW_UP_LIST
    timeline = timeline_field()


@showing(HeldOrder, "order_no closed_on product amount status voided_on credited_on")
class Order(OfTrainee, Item):
    """An order (出单), and whose it is."""

    listing = ORDER_LIST
    taken_from = linked("Trainee", "taken_from")
