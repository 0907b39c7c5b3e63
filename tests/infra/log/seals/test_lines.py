"""A seal is as it was signed, to the last byte, or none."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from infra.log.log_seals import Seal, SealKey, read_seal, row_hash

TENANT = UUID(int=1)
KEY = SealKey(b"k" * 32)
LINE = KEY.sign(
    Seal(
        TENANT,
        1,
        KEY.public,
        0,
        4,
        "",
        "a" * 64,
        "b" * 64,
        0,
        "c" * 64,
        datetime(2026, 11, 30, tzinfo=UTC),
    )
)
COLUMNS = st.lists(st.text() | st.integers(0, 1 << 40) | st.none() | st.booleans(), max_size=4)


def test_a_line_of_which_one_character_is_another_says_nothing() -> None:
    assert read_seal(LINE, TENANT)
    for at, was in enumerate(LINE):
        for other in {"0", "F", " ", '"'} - {was}:
            assert read_seal(LINE[:at] + other + LINE[at + 1 :], TENANT) is None


def test_a_line_of_another_partner_or_another_key_says_nothing() -> None:
    assert read_seal(LINE, UUID(int=2)) is None
    assert read_seal(LINE.replace(KEY.public, SealKey(b"x" * 32).public), TENANT) is None
    assert read_seal("", TENANT) is None


@given(COLUMNS, COLUMNS)
def test_no_two_rows_have_the_same_hash(one: list[object], other: list[object]) -> None:
    # True is 1 to Python, and not to a reader of the log.
    is_same = repr(one) == repr(other)
    assert (row_hash(one) == row_hash(other)) == is_same
