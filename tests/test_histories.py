"""Steps and the histories that are made of them."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest

from domain.kernel.aggregate import event_topics
from domain.people.person import Person
from infra.bootstrap import App
from tests import batches, follow_ups, situation
from tests.carrying import carry_out, new_partner, recorded
from tests.histories import KINDS, OF_THE_TENANT
from tests.situation import ordered, scheme_published
from tests.steps import Step
from tests.teller import FAR, Draw, Teller

MOST_HISTORIES = 1_500
"""Among which even the rarest event is."""

CATEGORIES = ("cohort.", "follow_up.", "session.", "scheme.", "trainee.")
"""The others are not a history's: a partner's, a report's, a submission's."""


def random_history(
    random: Random, kinds: tuple[str, ...] = KINDS + OF_THE_TENANT[:1]
) -> list[Step]:
    draws = [Draw(*map(random.randrange, (len(kinds), 6, len(FAR), 8))) for _ in range(40)]
    return list(Teller(6, 3, kinds).tell(draws))


def test_a_step_prints_as_the_sentence_that_makes_it() -> None:
    assert repr(ordered("E0", "N1", on=date(2025, 3, 4), product=None)) == (
        "ordered('E0', 'N1', on=date(2025, 3, 4))"
    )
    assert repr(scheme_published("2025-03", window_days=7)) == (
        "scheme_published('2025-03', window_days=7)"
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_history_that_is_printed_makes_itself_again(seed: int) -> None:
    history = random_history(Random(seed))
    names = {
        **vars(situation),
        **vars(batches),
        **vars(follow_ups),
        "date": date,
        "Decimal": Decimal,
    }
    assert eval(repr(history), names) == history  # noqa: S307 - our own text


def test_every_event_of_people_batches_classes_and_schemes_happens_in_some_history() -> None:
    random, happened = Random(20_261_128), set[str]()
    wanted = {topic for topic in event_topics() if topic.startswith(CATEGORIES)}
    # Of people what is said, corrected and withdrawn with a stay, and whom a batch names first.
    wanted |= {Person.Registered.TOPIC, Person.RegistrationCorrected.TOPIC}
    wanted |= {Person.Renamed.TOPIC, Person.FactWithdrawn.TOPIC}
    for _ in range(MOST_HISTORIES):
        if happened == wanted:
            break
        happened |= {one.event.TOPIC for one in recorded(random_history(random))}
    assert happened == wanted


async def test_the_log_in_memory_holds_what_the_servers_hold(app: App) -> None:
    principal = await new_partner(app)
    history = random_history(Random(7))
    await carry_out(app, principal, history)
    async with app.db.tenant(principal.tenant) as connection:
        rows = await connection.plain.fetch("select topic from events order by position offset 1")
    events = [one.event for one in recorded(history)]
    assert [row["topic"] for row in rows] == [event.TOPIC for event in events]
