"""Somebody of a partner: registered, moved, away, given roles, gone, joined into another."""

from datetime import date
from typing import Any

import pytest

from domain.people.person import Person
from tests.gwt import Fact, Given, fact, given, refused

JUNE_1, JUNE_10, JUNE_20, JUNE_30 = (date(2026, 6, day) for day in (1, 10, 20, 30))
REGISTERED = fact(Person.Registered, name="钱主管", since=JUNE_10, number="M1", post="supervisor")
UNCONFIRMED = fact(Person.Registered, name="钱主管", since=JUNE_10, is_confirmed=False)
DEPARTED = fact(Person.Departed, on=JUNE_20, reason="个人原因")
AWAY = fact(Person.WentAway, on=JUNE_20, reason="探亲", until=JUNE_30, deputy_id="person-2")
SALES = fact(Person.RoleAssigned, on=JUNE_10, role="supervisor", scope="own_people")


def person(*facts: Fact) -> Given:
    return given(Person, REGISTERED, *facts)


def another(number: int = 2) -> Person:
    return Person.register(f"person-{number}", name="李娜", since=JUNE_10)


def calls(method: str, **said: Any) -> Any:
    return lambda one: getattr(one, method)(**said)


def test_is_registered_and_known_by_a_post_of_the_staff() -> None:
    said = REGISTERED.fields
    given(Person).when(lambda kind: kind.register("person-1", **said)).then(REGISTERED)
    for wrong, code in ({"post": "chief"}, "post_unknown"), ({"name": " "}, "name_missing"):
        given(Person).when(lambda kind, w=wrong: kind.register("person-1", **said | w)).then(
            refused(code)
        )


@pytest.mark.parametrize(
    ("method", "kind", "said"),
    [
        ("rename", Person.Renamed, {"name": "钱大海"}),
        ("assign_post", Person.PostAssigned, {"post": "lecturer"}),
        ("assign_department", Person.DepartmentAssigned, {"department_id": "department-1"}),
        ("assign_manager", Person.ManagerAssigned, {"manager_id": "person-2"}),
    ],
    ids=["name", "post", "department", "manager"],
)
def test_is_another_from_a_day_on_and_not_twice_the_same(
    method: str, kind: Any, said: dict[str, str]
) -> None:
    changed = fact(kind, on=JUNE_20, **said)
    person().when(calls(method, on=JUNE_20, **said)).then(changed)
    person(changed).when(calls(method, on=JUNE_30, **said)).then(refused("nothing_changes"))
    person(changed).when(calls(method, on=JUNE_10, **said)).then(fact(kind, on=JUNE_10, **said))
    person().when(calls(method, on=JUNE_1, **said)).then(refused("before_registration"))
    person(DEPARTED).when(calls(method, on=JUNE_30, **said)).then(refused("person_gone"))
    person(DEPARTED).when(calls(method, on=JUNE_20, **said)).then(changed)


def test_a_correction_says_again_what_stays() -> None:
    wrong = {"name": "钱大海", "reason": "录错"}
    person().when(calls("correct_registration", **wrong)).then(
        fact(Person.RegistrationCorrected, since=JUNE_10, post="supervisor", fact=1, **wrong)
    )
    late = {"since": JUNE_30, "reason": "录错"}
    person(AWAY).when(calls("correct_registration", **late)).then(
        refused("recorded_before_registration", on=JUNE_20)
    )
    own = {"manager_id": "person-1", "reason": "录错"}
    person().when(calls("correct_registration", **own)).then(refused("manager_of_oneself"))


def test_contacts_that_were_changed_outlast_a_correction_of_the_first_ones() -> None:
    changed = fact(Person.ContactsChanged, on=JUNE_20, phone="13900000000")
    corrected = fact(
        Person.RegistrationCorrected,
        name="钱主管",
        since=JUNE_10,
        phone="13800000000",
        fact=1,
        reason="录错",
    )
    again = calls("change_contacts", on=JUNE_20, phone="13900000000", mail="")
    person(changed, corrected).when(again).then(refused("nothing_changes"))
    person(corrected).when(again).then(changed)
    none = fact(Person.ContactsChanged, on=JUNE_20, phone="")
    person(corrected, none).when(calls("change_contacts", on=JUNE_30, phone=None, mail="")).then(
        refused("nothing_changes")
    )
    early = calls("change_contacts", on=JUNE_1, phone="13900000000", mail="")
    person().when(early).then(fact(Person.ContactsChanged, on=JUNE_10, phone="13900000000"))


@pytest.mark.parametrize(
    ("kind", "corrected", "was", "said"),
    [
        (Person.Renamed, Person.RenamingCorrected, {"name": "钱大海"}, {"name": "钱海"}),
        (Person.ContactsChanged, Person.ContactsCorrected, {"mail": "a@b.cn"}, {"phone": "1"}),
    ],
    ids=["name", "contacts"],
)
def test_what_was_said_later_is_corrected_where_it_was_said(
    kind: Any, corrected: Any, was: dict[str, str], said: dict[str, str]
) -> None:
    known = person(fact(kind, on=JUNE_20, **was))
    why = {"fact": 2, "reason": "录错"}
    known.when(calls("correct_said", **why, **said)).then(
        fact(corrected, **why, on=JUNE_20, **was | said)
    )
    known.when(calls("correct_said", **why, on=JUNE_30)).then(
        fact(corrected, **why, on=JUNE_30, **was)
    )
    known.when(calls("correct_said", **why, on=JUNE_1)).then(refused("before_registration"))
    known.when(calls("correct_said", **why)).then(refused("nothing_to_correct"))


def test_a_trainee_has_a_number_and_is_joined_into_nobody() -> None:
    trainee = fact(Person.Registered, name="曾伟", since=JUNE_10, number="E0", is_staff=False)
    known = given(Person, trainee)
    known.when(lambda one: one.join(another(), reason="同一人")).then(refused("trainee_not_joined"))
    for method, said in (
        ("assign_manager", {"on": JUNE_20, "manager_id": "person-2"}),
        ("depart", {"on": JUNE_20, "reason": "个人原因"}),
    ):
        known.when(calls(method, **said)).then(refused("trainee_not_staff"))
    known.when(calls("give_number", number="M7")).then(refused("person_numbered_already"))


def test_a_name_in_a_sheet_is_confirmed_once_and_given_a_number_once() -> None:
    given(Person, UNCONFIRMED).when(calls("confirm")).then(fact(Person.Confirmed))
    person().when(calls("confirm")).then(refused("person_confirmed_already"))
    given(Person, UNCONFIRMED).when(calls("give_number", number="M7")).then(
        fact(Person.Numbered, number="M7")
    )
    person().when(calls("give_number", number="M7")).then(
        refused("person_numbered_already", number="M1")
    )


def test_who_stands_in_learns_when_it_begins_and_when_it_ends() -> None:
    deputy, away = another(), Person.register("person-1", name="钱主管", since=JUNE_10)
    away.go_away(on=JUNE_20, until=JUNE_30, reason="探亲", deputy=deputy)
    assert away.away_on(JUNE_30)
    assert away.away_on(date(2026, 7, 1)) is None
    away.end_absence(on=date(2026, 6, 25), deputy=deputy)
    assert away.away_on(JUNE_30) is None
    away.withdraw_fact(fact=3, reason="录错", deputy=deputy)
    assert away.away_on(JUNE_30)
    told = [(type(one), getattr(one, "for_id", None)) for one in deputy.pending_events[1:]]
    assert told == [
        (Person.StandInBegan, "person-1"),
        (Person.StandInEnded, "person-1"),
        (Person.FactWithdrawn, None),
    ]
    with pytest.raises(Exception, match="person_fact_unknown"):
        deputy.withdraw_fact(fact=2, reason="录错")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"on": JUNE_30, "until": JUNE_20}, "ends_before_it_begins"),
        ({"reason": " "}, "reason_missing"),
        ({"on": JUNE_30}, "away_already"),
        ({"on": JUNE_10}, "away_already"),
        ({"on": date(2026, 7, 1), "deputy": another(1)}, "deputy_away"),
    ],
    ids=["over before it begins", "without a reason", "away then", "away later", "by oneself"],
)
def test_an_absence_is_refused_that_cannot_be(said: dict[str, Any], code: str) -> None:
    asked = {"on": date(2026, 7, 1), "until": None, "reason": "探亲"} | said
    person(AWAY).when(calls("go_away", **asked)).then(refused(code))
    person().when(calls("end_absence", on=JUNE_20)).then(refused("not_away"))


def test_a_return_ends_what_was_recorded_before_and_stays_while_the_next_rests_on_it() -> None:
    first = fact(Person.WentAway, on=JUNE_10, reason="探亲")
    back = fact(Person.Returned, on=date(2026, 6, 15))
    person(first, back, AWAY).when(calls("withdraw_fact", fact=3, reason="录错")).then(
        refused("return_rested_on", on=JUNE_20)
    )
    never = fact(Person.FactWithdrawn, fact=2, was_on=JUNE_10, reason="录错", what="")
    again = calls("go_away", on=JUNE_10, until=None, reason="探亲")
    person(first, back, never).when(again).then(first)
    person(first, back, never, first).when(calls("end_absence", on=JUNE_20)).then(
        fact(Person.Returned, on=JUNE_20)
    )


def test_a_role_holds_up_to_its_last_day_or_until_it_is_ended() -> None:
    again = {"until": None, "of_id": None, **SALES.fields}
    person().when(calls("assign_role", **again)).then(SALES)
    person(SALES).when(calls("assign_role", **again | {"on": JUNE_20})).then(
        refused("role_held_already")
    )
    person(SALES).when(calls("end_role", assignment=2, on=JUNE_20)).then(
        fact(Person.RoleEnded, assignment=2, on=JUNE_20)
    )
    ended = fact(Person.RoleEnded, assignment=2, on=JUNE_20)
    person(SALES, ended).when(calls("end_role", assignment=2, on=JUNE_20)).then(
        refused("role_not_held")
    )
    limited = fact(Person.RoleAssigned, **SALES.fields, until=JUNE_20)
    person(limited).when(calls("end_role", assignment=2, on=JUNE_30)).then(refused("role_not_held"))


def test_is_suspended_and_reinstated_by_turns() -> None:
    suspended = fact(Person.Suspended, reason="调查")
    person().when(calls("suspend", reason="调查")).then(suspended)
    person(suspended).when(calls("suspend", reason="调查")).then(refused("suspended_already"))
    person(suspended).when(calls("reinstate")).then(fact(Person.Reinstated))
    person().when(calls("reinstate")).then(refused("not_suspended"))


def test_leaves_once_until_coming_back() -> None:
    back = fact(Person.CameBack, on=JUNE_30)
    for earlier in (JUNE_10, JUNE_20):
        for more in ((), (back,)):
            person(DEPARTED, *more).when(calls("depart", on=earlier, reason="")).then(
                refused("departed_already", left_on=JUNE_20)
            )
    person(DEPARTED, back).when(calls("depart", on=JUNE_30, reason="")).then(
        fact(Person.Departed, on=JUNE_30)
    )


def test_comes_back_after_having_left() -> None:
    person(DEPARTED).when(calls("come_back", on=JUNE_30)).then(fact(Person.CameBack, on=JUNE_30))
    person(DEPARTED).when(calls("come_back", on=JUNE_20)).then(refused("not_gone"))
    person(DEPARTED, fact(Person.CameBack, on=JUNE_30)).when(
        calls("rename", on=JUNE_30, name="钱大海")
    ).then(fact(Person.Renamed, on=JUNE_30, name="钱大海"))


def test_is_joined_into_another_once_and_parted_again() -> None:
    joined = fact(Person.Joined, into_id="person-2", reason="同一人")
    person().when(calls("join", into=another(), reason="同一人")).then(joined)
    person().when(calls("join", into=another(1), reason="同一人")).then(
        refused("joined_into_itself")
    )
    person(joined).when(calls("join", into=another(3), reason="同一人")).then(
        refused("joined_already")
    )
    person(joined).when(calls("withdraw_joining", reason="不是")).then(
        fact(Person.JoiningWithdrawn, reason="不是")
    )
    person().when(calls("withdraw_joining", reason="不是")).then(refused("not_joined"))


def test_the_registration_is_withdrawn_when_nothing_else_is_left() -> None:
    gone = calls("withdraw_fact", fact=1, reason="录错")
    person(DEPARTED).when(gone).then(refused("registration_rested_on", what="person.departed"))
    person().when(gone).then(
        fact(Person.FactWithdrawn, fact=1, was_on=JUNE_10, what="person.registered")
    )
    person().when(calls("withdraw_fact", fact=9, reason="录错")).then(
        refused("person_fact_unknown")
    )
