"""What no database can store is refused before it is in the log, also where it would be sealed."""

import pytest
from msgspec.structs import astuple

from domain.kernel.errors import Refusal
from infra.log.mapper import EventMapper
from infra.log.sealing import KeyRing, PersonSeal
from tests.infra.log.appends import JUNE_1, enrolled

SEAL = PersonSeal(KeyRing(b"secret").new_key(), "trainee-1")
MAPPER = EventMapper()


@pytest.mark.parametrize("text", ["a\0b", "a\ud800"], ids=["NUL", "half a pair"])
def test_a_text_that_cannot_be_stored_is_refused_sealed_or_not(text: str) -> None:
    trainee = enrolled("trainee-1", name=text)
    trainee.record_trial_verdict(verdict="passed", on=JUNE_1, feedback=text)
    for event in trainee.collect_events():
        with pytest.raises(Refusal, match="text_invalid"):
            MAPPER.to_stored(event, SEAL)


@pytest.mark.parametrize("text", [r"a\u0000", r"a\\u0000", r"\ud800"])
def test_a_text_that_looks_like_one_is_stored_as_it_is(text: str) -> None:
    trainee = enrolled("trainee-1", name=text)
    trainee.record_trial_verdict(verdict="passed", on=JUNE_1, feedback=text)
    for event in trainee.collect_events():
        stored = MAPPER.to_stored(event, SEAL)
        assert vars(MAPPER.to_event(*astuple(stored), event.timestamp, SEAL)) == vars(event)
