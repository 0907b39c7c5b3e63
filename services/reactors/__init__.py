"""Reactors, by which commands follow from events: one file per sentence, and this list of them.

`when_<event>_then_<action>.py` holds one Reactor. It may import what a use case may; it writes
nothing itself, but answers with commands and jobs.
"""

from services.reactors.reactor import Reactor
from services.reactors.when_a_fact_is_recorded_then_restate import (
    WHEN_A_FACT_IS_RECORDED_THEN_RESTATE,
)

REACTORS: tuple[Reactor, ...] = (WHEN_A_FACT_IS_RECORDED_THEN_RESTATE,)
"""Every reactor that runs; checkpoints are made from it."""
