"""Whose a stream is."""

import pytest

from domain.kernel.whose import person_of

PERSON = "0199f0c2-7b1a-7e3d-9c55-3f0a6d2b8e41"


@pytest.mark.parametrize("stream", ["person-{}", "trainee-{}", "trainee-{}.2", "follow_up-{}.0f3a"])
def test_every_stream_about_a_person_leads_to_the_same_person(stream: str) -> None:
    assert person_of(stream.format(PERSON)) == PERSON


@pytest.mark.parametrize("stream", ["cohort-{}", "session-{}", "report-{}", "{}"])
def test_a_stream_about_nobody_leads_to_no_person(stream: str) -> None:
    with pytest.raises(ValueError, match="about no person"):
        person_of(stream.format(PERSON))
