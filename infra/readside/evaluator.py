"""A process that evaluates figures and the past, one question at a time, for an EvaluatorPool.

It reads by itself what they are counted from, and keeps that for the next question, so that what is
handed over is the question and its figures. How long it may take is for who asks to say, and it
ends with them.
"""

import asyncio
import gc
import os
import pickle
import signal
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, BinaryIO
from uuid import UUID

from cachetools import TTLCache

from infra.database.db import Database
from infra.log.secret_keys import SecretKeys
from infra.log.tenant_log import TenantLog
from infra.readside.folding import tune_garbage_collector
from infra.readside.time_travel import TimeTravel
from infra.servers.process import end_with
from infra.settings import Settings
from services.reading.budget import MOST_TRAVELS
from services.reading.evaluations import PastQuestion, V
from services.reading.figures import FigureReader
from services.reading.lists import PastReader
from services.reading.moment import Times
from services.reading.ports import Tables, Travel

SIZE_BYTES = 8
"""What stands before an answer: how long it is."""

NICENESS = 5
"""What is answered at once goes before what takes long, where processors are few."""

KEPT_SECONDS = 5.0
"""For which is kept what was read of the past, whatever else is asked here: one who asks has
several questions about it."""

NumberedQuestion = tuple[int, Any]
"""A question, and which one it is."""

LAST_DAY = datetime(9999, 1, 1, tzinfo=UTC)
"""Today, as far as is asked here: what lies ahead was refused where the question came from."""


async def run(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answers until nobody can ask any more; first that it is ready."""
    settings: Settings
    number, settings = pickle.load(asked)  # noqa: S301 - from the process that started this one
    keys = SecretKeys(settings)
    async with (
        Database.open(keys.dsn, keys.renew) as db,
        TenantLog.open(db, keys, in_groups=False) as log,
    ):
        travel = TimeTravel(db, log)
        figures = FigureReader(db, travel, Times(travel, lambda: LAST_DAY))
        pasts = PastReaders(db, travel)
        _send(answers, number, None)
        while (heard := await asyncio.to_thread(_next, asked)) is not None:
            number, question = heard
            found: object
            try:
                if isinstance(question, PastQuestion):
                    found = await pasts.answer(question)
                else:
                    found = await figures.evaluated(question)
            except Exception as error:
                error.add_note(traceback.format_exc())
                found = error
            _send(answers, number, found)


class PastReaders:
    """Answers in another process for those that ask, each of which reads a thing once."""

    def __init__(self, tables: Tables, travel: Travel) -> None:
        self._tables, self._travel = tables, travel
        self._known = TTLCache[UUID, PastReader](MOST_TRAVELS, KEPT_SECONDS)

    async def answer(self, question: PastQuestion[V]) -> V:
        """What the question asks for."""
        reader = self._known.get(question.reader)
        if reader is None:
            of = (question.principal, self._tables, self._travel, question.moment)
            reader = PastReader(*of)
        try:
            return await question.ask(reader, *question.asked, **question.given)
        finally:
            self._known[question.reader] = reader  # For so long again.
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self._known.expire)


def _next(asked: BinaryIO) -> NumberedQuestion | None:
    try:
        question: NumberedQuestion = pickle.load(asked)  # noqa: S301 - as above
    except EOFError:
        return None
    return question


def _send(answers: BinaryIO, number: int, answer: object) -> None:
    content = pickle.dumps((number, answer))
    answers.write(len(content).to_bytes(SIZE_BYTES) + content)
    answers.flush()


def main() -> None:
    """Speaks over standard input and output, where nothing else is written."""
    end_with(os.getppid(), signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks to answer.
    os.nice(NICENESS)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    tune_garbage_collector()
    gc.enable()
    asyncio.run(run(sys.stdin.buffer, answers))
