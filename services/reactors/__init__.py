"""What follows from an event by itself: one file per sentence, and this list of them.

`when_<event>_then_<action>.py` holds one Reactor. It may import what a use case may; it writes
nothing itself, but answers with commands and jobs.
"""

from services.reactors.reactor import Reactor

REACTORS: tuple[Reactor, ...] = ()
"""Every reactor that runs; checkpoints are made from it."""
