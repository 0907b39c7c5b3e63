"""SIGTERM ends a command as Ctrl-C does, so that it tidies up; also one that a shell's `&` has made
deaf to Ctrl-C.

An exception that is raised wherever the interpreter stands may be swallowed there, as by what is
called when an object goes. So a loop that runs is told to cancel what it runs, and a loop that is
to begin asks first.
"""

import signal
from collections.abc import Callable


class ProcessEnding:
    """Whether somebody has asked this process to end. cancel: ends what runs in a loop, where one
    runs. is_done: the command is over, so that there is nothing to end."""

    def __init__(self) -> None:
        self.is_asked = self.is_done = False
        self.cancel: Callable[[], object] | None = None

    def ask(self, *_: object) -> None:
        """Of SIGTERM. Raises KeyboardInterrupt where no loop runs."""
        self.is_asked = True
        if self.is_done:
            return
        if signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, signal.default_int_handler):
            signal.raise_signal(signal.SIGINT)  # A loop hears Ctrl-C, each in its way.
        elif self.cancel is not None:
            self.cancel()
        else:
            raise KeyboardInterrupt


ENDING = ProcessEnding()
"""Of this process, which runs one command."""
