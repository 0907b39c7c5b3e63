"""What other processes answer is unpacked so that the event loop waits for little of it."""

import pickle
import threading
from collections.abc import Callable

from infra.readside.evaluators import AT_ONCE_BYTES, unpickled


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
