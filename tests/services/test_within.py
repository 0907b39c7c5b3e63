"""What is outside of somebody's right is unknown to them, whatever they try with it."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.kernel.whose import person_of
from services.execute import execute
from services.kernel.context import Context, Principal, Role
from services.kernel.permissions import Permission
from services.kernel.rehearsal import rehearsing
from services.kernel.roles import in_role
from services.kernel.scopes import EVERYTHING, Ids, Scope, Scopes
from services.people import department as d
from services.people import person as p
from services.registry import COMMANDS
from services.reporting.report import RequestReport
from services.teaching import cohort as c
from services.teaching import session as s
from services.trainees import follow_up as f
from services.trainees import trainee as t
from services.trainees.withdrawal import WithdrawFact
from tests.carrying import RECORDED, TENANT, MemoryLog, at_once
from tests.examples import examples

JUNE_1, JUNE_10 = date(2026, 6, 1), date(2026, 6, 10)
WHOSE = ("ME", "BELOW", "OTHER", "NOBODY")
"""Who answers for each of the batches; who is below is of a department that I head."""

COMMANDS_ON: Mapping[str, tuple[type[msgspec.Struct], dict[str, Any]]] = {
    "trainee": (t.RecordSpotCheck, {"employee_no": "E-{}", "topic": "basics", "passed": True}),
    "trainee that cannot": (t.GoLive, {"employee_no": "E-{}"}),
    "trainee's fact": (WithdrawFact, {"fact": 4, "reason": "录错", "employee_no": "E-{}"}),
    "trainee's unknown fact": (WithdrawFact, {"fact": 99, "reason": "录错", "employee_no": "E-{}"}),
    "follow-up's trainee": (f.OpenFollowUp, {"employee_no": "E-{}", "code": "NEW"}),
    "follow-up": (f.NoteFollowUp, {"follow_up": "F-{}", "note": "好"}),
    "cohort": (c.HandOverCohort, {"cohort": "C-{}", "training_manager": "某人"}),
    "cohort's trainee": (t.EnrolTrainee, {"cohort": "C-{}", "employee_no": "N", "name": "新人"}),
    "cohort's class": (s.PlanSession, {"cohort": "C-{}", "code": "NEW", "topics": ["产品知识"]}),
    "cohort that has people": (c.WithdrawCohortOpening, {"cohort": "C-{}", "reason": "录错"}),
    "session": (s.OpenSession, {"session": "K-{}", "headcount": 9}),
    "session that cannot": (s.WriteSummary, {"session": "K-{}", "text": "完成"}),
    "session's plan": (s.ApprovePlanChange, {"session": "K-{}", "topics": ["礼"], "reason": "改"}),
}  # fmt: skip
DAYS = {"on", "entered_on", "planned_on"}


class Partner:
    """Four batches, each with a class, and somebody who went live and is followed up."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.me = self.does(p.RegisterPerson("我", JUNE_1))
        below, _ = (self.does(p.RegisterPerson(one, JUNE_1)) for one in ("属下", "旁人"))
        self.does(d.OpenDepartment("xs", "销售部", JUNE_1, self.me))
        self.does(d.OpenDepartment("zx", "直销组", JUNE_1, part_of="xs"))
        self.does(p.AssignDepartment(below, JUNE_1, "zx"))
        managers = {"BELOW": "属下", "OTHER": "我"}
        names = {"ME": "我", "BELOW": "属下", "OTHER": "旁人", "NOBODY": None}
        self.sessions, self.trainees = dict[str, str](), dict[str, str]()
        for whose in WHOSE:
            cohort, no = f"C-{whose}", f"E-{whose}"
            self.does(c.OpenCohort(cohort, "一期", JUNE_1, False, names[whose]))
            self.sessions[whose] = self.does(
                s.PlanSession(cohort, f"K-{whose}", JUNE_10, ["产品知识"])
            )
            enrolling = t.EnrolTrainee(cohort, no, "学员", JUNE_1, manager=managers.get(whose))
            self.trainees[whose] = self.does(enrolling)
            self.does(t.RecordExamResult(no, "written", True, JUNE_1))
            self.does(t.RecordExamResult(no, "drill", True, JUNE_1))
            self.does(t.GoLive(no, JUNE_1))
            self.does(f.OpenFollowUp(no, f"F-{whose}", JUNE_10))

    def does(self, command: msgspec.Struct) -> str:
        everybody = Principal.of_system(TENANT, "user-1")
        return at_once(execute(Context(everybody, self.log, RECORDED), command)).stream_id

    def tries(self, principal: Principal, command: msgspec.Struct) -> dict[str, Any] | None:
        """What it is refused with; None where it is done. Nothing is written."""
        try:
            at_once(execute(rehearsing(Context(principal, self.log, RECORDED)), command))
        except Refusal as refusal:
            return {"refused": refusal.code, "in": refusal.field} | dict(refusal.params)
        return None


partner = cache(Partner)


def is_within(scope: Scope, what: str, whose: str) -> bool:
    """Told from the partner's story alone."""
    about_somebody = what.startswith(("trainee", "follow-up"))
    match scope:
        case Scope.ALL:
            return True
        case Scope.OWN_COHORTS:
            return whose == "ME"
        case Scope.OWN_DEPARTMENT:
            return whose in (("OTHER", "BELOW") if about_somebody else ("ME", "BELOW"))
        case Scope.OWN_CLASSES:
            return whose == "OTHER" and not what.startswith("cohort")
        case Scope.SELF:
            return whose == "NOBODY" and about_somebody
        case Scope.OWN_PEOPLE:
            return whose == "OTHER" and about_somebody


def command_on(what: str, name: str) -> msgspec.Struct:
    kind, said = COMMANDS_ON[what]
    named = {one: it.format(name) if isinstance(it, str) else it for one, it in said.items()}
    days = {one: JUNE_10 for one in kind.__struct_fields__ if one in DAYS}
    return kind(**days | named)


def limited(scopes: Collection[Scope], besides: Permission | None = None) -> Principal:
    """Somebody with every right in these scopes; with one of them over everything."""
    story = partner()
    own = {
        Scope.ALL: Ids(),
        Scope.SELF: Ids([f"person-{person_of(story.trainees['NOBODY'])}"]),
        Scope.OWN_CLASSES: Ids([story.sessions["OTHER"]]),
    }
    reached: Scopes = {scope: own.get(scope, Ids([story.me])) for scope in scopes}
    rights = dict.fromkeys(Permission, reached)
    if besides is not None:
        rights[besides] = EVERYTHING
    return Principal(
        TENANT,
        "user-2",
        (Role.HR_MANAGER,),
        rights,
        acts_for=Ids([story.me]),
    )


@settings(max_examples=examples(100))
@given(
    what=st.sampled_from(sorted(COMMANDS_ON)),
    whose=st.sampled_from(WHOSE),
    scopes=st.frozensets(st.sampled_from(Scope), min_size=1),
)
def test_whoever_tries_whatever_the_same_comes_of_it_as_with_all_rights_or_with_what_is_not_there(
    what: str, whose: str, scopes: frozenset[Scope]
) -> None:
    found = partner().tries(limited(scopes), command_on(what, whose))
    if any(is_within(scope, what, whose) for scope in scopes):
        everything = limited(EVERYTHING)
        assert found == partner().tries(everything, command_on(what, whose))
    else:
        unknown = partner().tries(limited(EVERYTHING), command_on(what, "NONE"))
        assert unknown is not None and found is not None
        assert found == {one: _renamed(it, whose) for one, it in unknown.items()}


def _renamed(said: Any, whose: str) -> Any:
    return said.replace("NONE", whose) if isinstance(said, str) else said


def test_a_fact_is_withdrawn_where_the_right_to_record_it_reaches() -> None:
    recorder = limited(frozenset([Scope.OWN_COHORTS]), Permission.WRITE_TRAINEES)
    exam = {whose: WithdrawFact(2, "录错", employee_no=f"E-{whose}") for whose in ("ME", "OTHER")}
    found = {whose: partner().tries(recorder, one) for whose, one in exam.items()}
    assert {whose: one and one["refused"] for whose, one in found.items()} == {
        "ME": None,
        "OTHER": "trainee_unknown",
    }


def test_something_new_that_would_be_outside_is_refused_for_want_of_the_right() -> None:
    opener = limited(frozenset([Scope.OWN_COHORTS]))
    own, others = (c.OpenCohort("C-NEW", "一期", JUNE_1, False, one) for one in ("我", "旁人"))
    assert partner().tries(opener, own) is None
    refused = partner().tries(opener, others)
    assert refused is not None and refused["refused"] == "permission_refused"


def test_who_works_here_may_be_named_by_everybody_and_is_made_by_a_new_name() -> None:
    handed = c.HandOverCohort("C-ME", "没见过的人", JUNE_10)
    assert partner().tries(limited(frozenset([Scope.OWN_COHORTS])), handed) is None


@pytest.mark.parametrize("whose", WHOSE)
def test_nobody_approves_the_change_of_a_plan_of_a_batch_that_they_answer_for(whose: str) -> None:
    refused = partner().tries(limited(EVERYTHING), command_on("session's plan", whose))
    assert (refused and refused["refused"]) == ("own_override" if whose == "ME" else None)


def test_a_role_without_a_person_reaches_nothing_of_its_own() -> None:
    head = in_role(TENANT, "token-1", Role.DEPARTMENT_HEAD)
    asked = command_on("session's plan", "ME")
    assert COMMANDS[type(asked)].permission in head.rights
    refused = partner().tries(head, asked)
    assert refused is not None and refused["refused"] == "session_unknown"


@pytest.mark.parametrize("scope", [one for one in Scope if one is not Scope.ALL])
def test_what_is_nobodys_is_reached_by_a_right_over_everything_alone(scope: Scope) -> None:
    for asked in (RequestReport("2026-06"), d.OpenDepartment("yy", "运营部", JUNE_1)):
        refused = partner().tries(limited([scope]), asked)
        assert refused is not None and refused["refused"] == "permission_refused"
        assert partner().tries(limited(EVERYTHING), asked) is None
