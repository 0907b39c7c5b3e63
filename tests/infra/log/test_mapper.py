"""What no database can store is refused before it is in the log, also where it would be sealed."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from msgspec.structs import astuple

from domain.kernel.aggregate import DomainEvent
from domain.kernel.errors import Refusal
from infra.log.mapper import EventMapper
from infra.log.sealing import KeyRing, PersonSeal
from tests.infra.log.appends import JUNE_1, enrolled, opened, registered

SEAL = PersonSeal(KeyRing(b"secret").new_key(), "trainee-1")
MAPPER = EventMapper()


def sealed_and_plain(text: str) -> Iterator[DomainEvent]:
    """Events that say a text: as a name and as a feedback, which are sealed, and as a code."""
    yield from registered("person-1", text).collect_events()
    trainee = enrolled("trainee-1")
    trainee.record_trial_verdict(verdict="passed", on=JUNE_1, feedback=text)
    yield trainee.collect_events()[-1]
    yield from opened(uuid4(), text).events


@pytest.mark.parametrize("text", ["a\0b", "a\ud800"], ids=["NUL", "half a pair"])
def test_a_text_that_cannot_be_stored_is_refused_sealed_or_not(text: str) -> None:
    for event in sealed_and_plain(text):
        with pytest.raises(Refusal, match="text_invalid"):
            MAPPER.to_stored(event, SEAL)


@pytest.mark.parametrize("text", [r"a\u0000", r"a\\u0000", r"\ud800"])
def test_a_text_that_looks_like_one_is_stored_as_it_is(text: str) -> None:
    for event in sealed_and_plain(text):
        stored = MAPPER.to_stored(event, SEAL)
        assert vars(MAPPER.to_event(*astuple(stored), event.timestamp, SEAL)) == vars(event)
