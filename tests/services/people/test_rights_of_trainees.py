"""What a trainee may do by other roles, from one stay to the next."""

from datetime import timedelta

import pytest

from domain.kernel.whose import own_stream
from services.kernel.context import Role
from services.kernel.scopes import Scope
from services.people import giving
from services.people import person as p
from services.teaching.cohort import OpenCohort
from services.trainees.correction import CorrectLeaving
from services.trainees.trainee import (
    EnrolTrainee,
    RecordExamResult,
    RecordLeaving,
    RejoinTrainee,
)
from services.trainees.withdrawal import WithdrawFact
from tests.services.people.test_rights import TODAY, WHY, YESTERDAY, Office, of


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_trainee_has_no_role_from_the_day_after_leaving_until_coming_back(
    office: Office,
) -> None:
    first = YESTERDAY - timedelta(days=1)
    office.does(OpenCohort("B-1", "渠道新人班", first))
    person = own_stream(office.does(EnrolTrainee("B-1", "T-1", "某人", first)))
    office.does(p.AssignRole(person, first, Role.HR_MANAGER, Scope.ALL))
    office.does(RecordLeaving("T-1", first))
    assert office.may(person, first).rights and not office.may(person, YESTERDAY).rights
    back = RejoinTrainee("T-1", "B-1", TODAY)
    specialist = office.may(office.person(Role.TRAINING_SPECIALIST))
    assert office.refused(back, specialist) == "right_not_held"  # The role comes back with them.
    office.does(back)
    assert not office.may(person, YESTERDAY).rights and office.may(person).rights


def test_whoever_records_stays_lets_a_trainee_see_the_own_again(office: Office) -> None:
    first = YESTERDAY - timedelta(days=1)
    office.does(OpenCohort("B-1", "渠道新人班", first))
    stay = office.does(EnrolTrainee("B-1", "T-1", "某人", first))
    person, officer = own_stream(stay), office.may(office.person(Role.HR_OFFICER))
    office.does(p.AssignRole(person, first, Role.TRAINEE, Scope.SELF))
    office.does(RecordLeaving("T-1", first), officer)
    assert not office.may(person).rights
    for again in (
        CorrectLeaving("T-1", YESTERDAY, WHY),
        WithdrawFact(2, WHY, stay),
        RecordLeaving("T-1", YESTERDAY),
        RejoinTrainee("T-1", "B-1", TODAY),
    ):
        office.does(again, officer)
    assert office.may(person).rights == of(Role.TRAINEE, person)
    given = p.AssignRole(office.person(), TODAY, Role.TRAINEE, Scope.SELF)
    assert office.refused(given, office.may(office.person(Role.HR_MANAGER))) == "right_not_held"


def test_what_says_nothing_of_a_stay_asks_nobody_who_may_what(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.does(OpenCohort("B-1", "渠道新人班", YESTERDAY))
    stay = office.does(EnrolTrainee("B-1", "T-1", "某人", YESTERDAY))
    office.does(RecordExamResult("T-1", "written", True, YESTERDAY))
    asked = list[bool]()
    monkeypatch.setattr(giving, "Persons", lambda *_, **how: asked.append(how["lifted"]))
    office.does(WithdrawFact(2, WHY, stay))
    assert not asked
