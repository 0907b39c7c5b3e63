"""What is remembered is of its own state, and takes no more room than was stated."""

from uuid import uuid4

from msgspec import Struct

from services.reading.memo import Memo, MemoKey

TENANT = uuid4()


class Answer(Struct, frozen=True):
    position: int
    weight: int = 1


def key(position: int, what: str = "q") -> MemoKey:
    return (TENANT, (position, position), what)


def test_an_answer_is_recalled_for_its_state_and_question_alone() -> None:
    memo = Memo[Answer](10)
    memo.remember(key(7), Answer(7))
    assert memo.recall(key(7)) == Answer(7)
    assert memo.recall(key(8)) is None
    assert memo.recall(key(7, "other")) is None
    assert memo.recall(None) is None


def test_what_shows_a_later_state_than_its_key_is_not_kept() -> None:
    memo = Memo[Answer](10)
    memo.remember(key(7), Answer(8))
    memo.remember(None, Answer(7))
    assert memo.recall(key(7)) is None


def test_those_not_asked_for_longest_go_when_there_is_no_room() -> None:
    memo = Memo[Answer](10)
    for what in ("a", "b"):
        memo.remember(key(7, what), Answer(7, weight=4))
    memo.recall(key(7, "a"))
    memo.remember(key(7, "c"), Answer(7, weight=4))
    known = {what: memo.recall(key(7, what)) is not None for what in ("a", "b", "c")}
    assert known == {"a": True, "b": False, "c": True}


def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    memo = Memo[Answer](10)
    memo.remember(key(7, "small"), Answer(7))
    memo.remember(key(7, "large"), Answer(7, weight=11))
    assert memo.recall(key(7, "small")) is not None
    assert memo.recall(key(7, "large")) is None
