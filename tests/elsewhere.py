"""The past as another process answers for it, without one."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.bootstrap import App
from infra.readside.evaluator import PastReaders
from services.kernel.context import Principal
from services.reading import lists
from services.reading.evaluations import PastQuestion, RemoteQuestion, V
from services.reading.lists import PastReader
from services.reading.moment import Moment


class Elsewhere:
    """Answers as much of a question as arrives there, by as much of an answer as arrives here."""

    def __init__(self, app: App) -> None:
        self._readers = PastReaders(app.db, app.time_travel)

    async def evaluate(self, asked: RemoteQuestion[V]) -> V:
        question = pickle.loads(pickle.dumps(asked))  # noqa: S301 - our own
        assert isinstance(question, PastQuestion)
        content = pickle.dumps(await self._readers.answer(question))
        answer: V = pickle.loads(content)  # noqa: S301 - our own
        return answer


@contextmanager
def past_elsewhere(app: App, principal: Principal, moment: Moment) -> Iterator[PastReader]:
    """A reader all of whose questions go there."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MOST_POSITIONS_HERE", "FEW"):
            patch.setattr(lists, name, -1)
        yield PastReader(principal, app.db, app.time_travel, moment, Elsewhere(app))
