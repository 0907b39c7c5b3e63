"""What is said, at every door alike, of the facts of a row of which something is refused."""

from collections.abc import Iterator

from services.importing.report import FactName, Fate, RowReport
from services.importing.sheets import KINDS
from services.words.texts import Texts


def told_facts(row: RowReport, texts: Texts, *, is_planned: bool) -> Iterator[str]:
    """A sentence for those of each fate, and for all that is left for the same reason."""
    tense = "planned" if is_planned else "carried_out"
    said: dict[tuple[Fate, str], list[str]] = {}
    for one in row.facts:
        rests_on = _called(one.rests_on, row.kind, texts) if one.rests_on else ""
        said.setdefault((one.fate, rests_on), []).append(_called(one.fact, row.kind, texts))
    for (fate, rests_on), names in said.items():
        facts = texts("word.and").join(names)
        yield texts(f"import.fact.{fate}.{tense}", facts=facts, rests_on=rests_on)


def _called(fact: FactName, kind: str, texts: Texts) -> str:
    # The words over the cell may be of another language than the reader's.
    if fact.name == kind:
        return texts(f"import.fact.{kind}")
    return KINDS[kind].heading(fact.name, texts.language).lower()
