"""How much one request may ask for, told from the people and days it touches before it is done.

What is counted are looks: at one person, on one evening, for one figure. 100,000 of them take half
a second of the processor (decision 0037).
"""

from collections.abc import Hashable

from domain.kernel.errors import Refusal

MOST_LOOKS = 150_000

MOST_LOOKS_HERE = 2_000
"""What takes more is evaluated in another process: 10 ms, from where on it is no slower there."""

MOST_TRAVELS = 3
"""Answers from an earlier state, each folded from a partner's whole log at worst."""

MOST_POSITIONS_HERE = 1_000
"""An earlier state of more positions is folded in another process: 11 to 18 ms."""

EVENINGS_PER_LOOK = 15
"""After so many evenings somebody is looked at once more: those whose induction, go-live and window
all lie within them; the others stand still on most."""

KPIS_PER_LOOK = 9
"""So many KPIs more of the same state take as long as the state."""

CURVE, FORECAST, OPENED, EVENTS = 1, 7, 2, 2
"""Looks at each person for what is no figure: what was measured, in whole looks. EVENTS: more than
OPENED, where the events behind all lines are put in order."""


def looks_of(kpis: int, evenings: int = 1) -> float:
    """Looks at each person for so many KPIs on so many evenings."""
    return (1 + (kpis - 1) / KPIS_PER_LOOK) * (1 + (evenings - 1) / EVENINGS_PER_LOOK)


def looks_compared(kpis: int) -> float:
    """Looks at each person on one side of a comparison, line by line."""
    return 1 + kpis / 2


class Budget:
    """What one request has asked for so far, all operations of a batch together.

    weighed: looks, by what the answer is remembered by; of what nobody remembers, each time.
    people: by month and batch, as questions name them, how many newcomers they touch.
    travels: answers from an earlier state.
    """

    def __init__(self) -> None:
        self.weighed: dict[Hashable, int] = {}
        self.people: dict[tuple[str | None, str | None], int] = {}
        self.travels = 0

    def travel(self, times: int) -> None:
        """Refuses `document_too_many_travels`."""
        self.travels += times
        if self.travels > MOST_TRAVELS:
            raise Refusal("document_too_many_travels", found=self.travels, most=MOST_TRAVELS)

    def spend(self, looks: float, remembered: Hashable | None = None) -> None:
        """Refuses `document_too_much_work`."""
        self.weighed[object() if remembered is None else remembered] = int(looks)
        found = sum(self.weighed.values())
        if found > MOST_LOOKS:
            raise Refusal("document_too_much_work", found=found, most=MOST_LOOKS)
