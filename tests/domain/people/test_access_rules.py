"""One-time codes are required from a day on, said anew, and left to everybody again."""

from datetime import date

from domain.people.access_rules import AccessRules
from tests.gwt import fact, given

JUNE_10, JUNE_11 = date(2026, 6, 10), date(2026, 6, 11)
BEGUN = fact(AccessRules.Begun)
REQUIRED = fact(AccessRules.CodesRequired, on=JUNE_10)


def test_codes_are_due_from_the_day_on_that_was_said_last() -> None:
    rules = AccessRules.begin("access_rules-1")
    assert not rules.are_codes_due(JUNE_11)
    for on in (JUNE_10, JUNE_11):
        rules.require_codes(on=on)
        assert rules.are_codes_due(JUNE_11) and rules.are_codes_due(on)
    assert not rules.are_codes_due(JUNE_10)
    rules.leave_codes()
    assert not rules.are_codes_due(JUNE_11)


def test_nothing_is_written_where_nothing_changes() -> None:
    given(AccessRules, BEGUN, REQUIRED).when(lambda rules: rules.require_codes(on=JUNE_10)).then()
    given(AccessRules, BEGUN).when(lambda rules: rules.leave_codes()).then()
