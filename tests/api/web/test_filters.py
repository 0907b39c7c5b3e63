"""What stands in an address: which group, and the two times."""

from contextlib import nullcontext
from datetime import date, datetime
from functools import partial
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from api.web.kit.filters import Filters, PersonKeys, parse_filters
from domain.kernel.errors import Refusal
from tests.source_batch import AS_OF

SHANGHAI = "Asia/Shanghai"
TODAY = date(2026, 7, 2)
NOW = datetime(2026, 7, 2, 12, tzinfo=ZoneInfo(SHANGHAI))
parsed = partial(parse_filters, today=TODAY, zone=SHANGHAI)


def test_holds_only_what_was_chosen() -> None:
    assert Filters().query == "by=month"
    choice = Filters(by="cohort", manager="M 1&2", on=AS_OF)
    assert choice.query == "by=cohort&manager=M+1%262&on=2026-06-30"


def test_reads_what_it_wrote() -> None:
    params = {
        "by": "training_manager",
        "month": "2026-06",
        "cohort": "B-01",
        "manager": "0123",
        "training_manager": "4567",
        "on": "2026-06-30",
        "known": "2026-07-01T09:00",
    }
    choice = parsed(params)
    assert choice.on == date(2026, 6, 30)
    assert choice.is_past and choice.limits


def test_an_instant_is_the_partners_unless_it_says_otherwise() -> None:
    nine = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo(SHANGHAI))
    assert parsed({"known": "2026-07-01T09:00"}).known_by(SHANGHAI, NOW) == nine
    assert parsed({"known": "2026-07-01T01:00+00:00"}).known_by(SHANGHAI, NOW) == nine


def test_an_instant_keeps_its_seconds() -> None:
    for text in ("2026-07-01T09:00:05+08:00", "2026-07-01T09:00:05.250000+08:00"):
        found = parsed({"known": text}).known_by(SHANGHAI, NOW)
        assert found == datetime.fromisoformat(text)


def test_an_instant_beyond_the_calendar_is_refused() -> None:
    beyond = ("0001-01-01T00:00+14:00", "9999-12-31T20:00+00:00", "9999-12-31T23:59-14:00")
    for text in beyond:
        for read in (
            partial(parsed, {"known": text}),
            partial(Filters(known=text).known_by, SHANGHAI, NOW),
        ):
            with pytest.raises(Refusal, match="instant_invalid"):
                read()


@pytest.mark.parametrize(
    ("text", "is_future"),
    [
        ("2026-07-02T20:00+00:00", True),
        ("2026-07-03T00:30+14:00", False),
        ("2026-07-02T15:59+00:00", False),
    ],
)
def test_an_instant_lies_in_the_future_by_the_partners_day(text: str, is_future: bool) -> None:
    with pytest.raises(Refusal, match="day_in_future") if is_future else nullcontext():
        assert parsed({"known": text}).known == text


def test_a_number_is_a_position() -> None:
    choice = parsed({"known": "0120"})
    assert (choice.known, choice.position, choice.known_by(SHANGHAI, NOW)) == ("120", 120, 120)
    assert Filters().known_by(SHANGHAI, NOW) is None


def test_a_month_is_read_whatever_the_width_of_its_digits() -> None:
    assert parsed({"month": "２０２６-０６"}).month == "2026-06"


def test_today_to_its_evening_is_now_with_what_other_clocks_have_recorded_since() -> None:
    asked = {"on": "2026-07-02", "known": "2026-07-02"}
    assert parsed(asked).known == "2026-07-02T23:59"
    assert parsed(asked).known_by(SHANGHAI, NOW) is None


def test_now_is_one_step_away() -> None:
    past = parsed({"month": "2026-06", "on": "2026-06-30", "known": "120"})
    assert past.now == Filters(month="2026-06")
    assert not past.now.is_past
    assert Filters(month="2026-06").at(120).position == 120


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("by", "happiness", "choice_unknown"),
        ("month", "2026-13", "month_invalid"),
        ("on", "yesterday", "day_invalid"),
        ("known", "yesterday", "instant_invalid"),
        ("known", "-1", "instant_invalid"),
        ("known", "9" * 19, "instant_invalid"),
        ("on", "2026-07-03", "day_in_future"),
        ("known", "2026-07-03 00:00", "day_in_future"),
        ("on", "1899-12-31", "day_out_of_range"),
    ],
)
def test_refuses_what_cannot_be_read(name: str, text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        parsed({name: text})
    assert refused.value.code == code


def test_a_sign_or_the_name_itself_stands_for_a_person() -> None:
    keys = PersonKeys(b"secret", UUID(int=1))
    assert keys.name_of(keys.of("钱主管"), ["孙主管", "钱主管", None]) == "钱主管"
    assert keys.name_of("钱主管", ["钱主管"]) == "钱主管"
    assert keys.name_of("nobody", ["钱主管"]) == "nobody"


def test_an_address_made_by_the_secret_before_leads_to_the_same_person() -> None:
    before = PersonKeys(b"old", UUID(int=1)).of("钱主管")
    people = PersonKeys(b"new", UUID(int=1), before=(b"new", b"old"))
    assert people.name_of(before, ["孙主管", "钱主管"]) == "钱主管"
    assert people.of("钱主管") == PersonKeys(b"new", UUID(int=1)).of("钱主管") != before


def test_the_key_of_a_name_is_another_at_another_installation_or_partner() -> None:
    secrets, partners = (b"one", b"other"), (UUID(int=1), UUID(int=2))
    keys = {PersonKeys(*of).of("钱主管") for of in product(secrets, partners)}
    assert len(keys) == 4
    assert PersonKeys(b"one", UUID(int=1)).of("钱主管") in keys
