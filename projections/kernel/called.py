"""What a list and its things are called."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False, kw_only=True)
class Called:
    """name: of the list, in the plural; kind: of one of its things, as global ids say it."""

    name: str
    kind: str

    @property
    def words(self) -> str:
        """What its things are called in a sentence."""
        return self.name.replace("_", "-")

    @property
    def singular(self) -> str:
        """The name of one of its things, as a field or a variable is called."""
        return self.kind[0].lower() + self.kind[1:]

    @property
    def plural(self) -> str:
        """The name of a page of them, as a field is called."""
        first, *others = self.name.split("_")
        return first + "".join(map(str.capitalize, others))
