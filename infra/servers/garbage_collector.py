"""Python's garbage collector, tuned for processes that fold events by the thousand."""

import gc


def tune_garbage_collector() -> None:
    """Collects cycles seldom, and never again among the objects of now.

    For processes that project, or answer from the past: their rows and events make no cycles, and
    looking for them cost a third of the time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
