"""Python's cycle collector, kept out of the way of what folds events by the thousand."""

import gc


def tune_garbage_collector() -> None:
    """Looks for cycles seldom, and never again among what is there now.

    For processes that project, or answer from the past: their rows and events make no cycles, and
    looking for them cost a third of the time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
