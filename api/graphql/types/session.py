"""Class sessions, from the plan to the written summary."""

from datetime import date

from api.graphql.engine.scalars import SESSION_KIND
from api.graphql.engine.structs import computed, output_of, showing
from api.graphql.types.newcomers import OfCohort
from domain.kpi.subjects.teaching import Closing, Opening, Plan
from projections.teaching.sessions import SESSION_LIST, SessionRow
from services.kernel.context import Role

output_of(Plan, "SessionPlan", "planned_on topics approved_on approved_by", approved_by=Role | None)
output_of(Opening, "SessionOpening", "on headcount")
output_of(Closing, "SessionClosing", "on topics_taught headcount")


@showing()
class SessionSummary:
    """The written summary of a class."""

    on: date
    text: str


@showing(
    SessionRow,
    "code status kind=facts.kind opening=facts.opening closing=facts.closing",
    kind=SESSION_KIND,
)
class Session(OfCohort):
    """A class of a cohort, from the plan to the written summary."""

    listing = SESSION_LIST
    plan = computed(lambda facts: facts.plan_on(date.max), Plan, "row.facts")
    plans = computed(lambda facts: [facts.plan, *facts.changes], list[Plan], "row.facts")

    @property
    def summary(self) -> SessionSummary | None:
        summary = self.row.facts.summary
        return SessionSummary(on=summary.on, text=self.row.summary or "") if summary else None

    cancelled_on = computed(lambda known: known and known.on, date | None, "row.facts.cancelling")
