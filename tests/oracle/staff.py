"""Whom a name means that somebody's manager, or a head teacher, is told by.

Kinds of facts, beside those of tests/oracle/known.py; all of them name people by what they are, or
were, called:

    staff renamed    who, name, on
    staff joined     who, into      two that were told of are one, as far as it is known
    staff parted     who            they are two after all
"""

from dataclasses import dataclass, field
from datetime import date

from tests.oracle.classes import Fact

IN_CHARGE = ("manager", "training_manager")
"""What other facts say of them."""


@dataclass
class Staff:
    """Each by the name that was told first.

    meant: by every name, however it is spelt, whose it is. names: the later ones. joined: into
    whom.
    """

    meant: dict[str, str] = field(default_factory=dict)
    names: dict[str, list[Fact]] = field(default_factory=dict)
    joined: dict[str, str] = field(default_factory=dict)

    def learn(self, fact: Fact) -> None:
        who, kind = self._who(fact["who"]), fact["kind"]
        if kind == "staff renamed":
            self.names.setdefault(who, []).append(fact)
            self.meant.setdefault(_spelt(fact["name"]), who)
        elif kind == "staff joined":
            self.joined[who] = self.one(fact["into"])
        else:
            del self.joined[who]

    def told(self, fact: Fact) -> Fact:
        """The fact with the people in charge that it means, as far as was known then."""
        return fact | {
            name: fact[name] and self.one(fact[name]) for name in IN_CHARGE if name in fact
        }

    def one(self, said: str) -> str:
        """Whom a name means; somebody new, where it was told of nobody yet."""
        who = self._who(said)
        return self.joined.get(who, who)

    def called(self, who: str, day: date) -> str:
        """The name on the evening of a day."""
        known = [fact for fact in self.names.get(who, ()) if fact["on"] <= day]
        last = max(known, key=lambda fact: (fact["on"], fact["position"]), default={"name": who})
        name: str = last["name"]
        return name

    def _who(self, said: str) -> str:
        return self.meant.setdefault(_spelt(said), said)


def _spelt(name: str) -> str:
    return "".join(name.split()).casefold()
