"""Of one partner few evaluations are under way at once, and the event loop waits for little of what
other processes answer."""

import asyncio
import pickle
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from infra.readside.evaluators import AT_ONCE_BYTES, EvaluatorPool, unpickled
from infra.settings import load_settings
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.reading.evaluations import Evaluation, first_orders


class Unpickling:
    """Unpickled, it is the thread in which that was done."""

    def __reduce__(self) -> tuple[Callable[[], int], tuple[()]]:
        return threading.get_ident, ()


async def test_a_large_answer_is_unpacked_beside_the_event_loop_and_a_small_one_at_once() -> None:
    here = threading.get_ident()
    assert await unpickled(pickle.dumps((Unpickling(), b"small"))) == (here, b"small")
    large = b"-" * AT_ONCE_BYTES
    thread, answer = await unpickled(pickle.dumps((Unpickling(), large)))
    assert (thread != here, answer) == (True, large)


async def test_another_partners_question_waits_for_one_evaluation_of_a_flood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loud, quiet = (in_role(UUID(int=n), "somebody", Role.TRAINING_MANAGER) for n in (1, 2))
    pool, evaluated = EvaluatorPool(load_settings({}), at_once=1, deadline=1.0), list[UUID]()

    async def noted(evaluation: Evaluation[Any]) -> None:
        evaluated.append(evaluation.principal.tenant)
        await asyncio.sleep(0)

    monkeypatch.setattr(pool, "_answer", noted)
    await asyncio.gather(
        *(pool.evaluate(Evaluation(one, first_orders, ())) for one in (loud, loud, loud, quiet))
    )
    assert evaluated == [loud.tenant, quiet.tenant, loud.tenant, loud.tenant]
