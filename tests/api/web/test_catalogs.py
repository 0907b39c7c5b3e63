"""The sentences: complete in every language, and exactly those that the pages ask for."""

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from api import web
from api.graphql.engine.structs import hint_of
from api.web.kit.filters import BYS, LIMITS
from api.web.kit.form import CommandForm, form_of
from api.web.kit.languages import choose_language
from api.web.kit.resource import name_of
from api.web.kit.timeline import TOLD_BY
from api.web.pages.resources import RESOURCES
from domain.kernel.aggregate import FREE_TEXT, STREAM_ID, marked_fields, open_fields
from domain.kernel.bounds import choices_of
from domain.kpi.catalog import CATALOG
from domain.kpi.rule import Rule
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import SCORINGS
from domain.kpi.scheme.scorecard import LineVerdict, Missing
from domain.kpi.scheme.versions import CHOICES, HEAD_OFFICE, PARTNER, Parameters
from projections import LISTINGS, PROJECTIONS
from projections.kernel.filters import KnownText
from projections.people.named import NamedPerson
from projections.trainees.timeline import TIMELINE
from services.importing.report import Outcome
from services.kernel.context import Role
from services.people.log_ins import InvitePerson
from services.registry import COMMANDS
from services.scheme.scheme import PublishScheme
from services.words.texts import FOLDER, LOCALES, read_texts

PAGES = Path(web.__file__).parent
ASKED = re.compile(r"""\b(?:t|word)\(\s*["']([a-z0-9_.-]+)["']\s*[,)]""", re.IGNORECASE)
QUOTED = re.compile(r"""["']([a-z0-9_]+(?:\.[a-z0-9_]+)+)["']""")
DECLARED = ("column", "command", "field", "filter", "help", "nav", "state", "status")
"""How message ids begin that are said of what is declared."""
COMMANDS_WITH_FORMS = (
    *(command for one in RESOURCES.all for command in (one.opening, *one.commands, *one.amendment)),
    PublishScheme,
    InvitePerson,
)
TOLD = tuple(
    dict.fromkeys(
        [*TIMELINE.events, *(kind for one in RESOURCES.all for kind in one.aggregate.events())]
    )
)
"""The events that pages tell, of all that have pages."""
PLACES = ("board", "all_figures", "scorecard", "what_if")


SENTENCES = {language: read_texts(language).sentences for language in LOCALES}


def test_every_language_has_every_sentence() -> None:
    complete = {language: set(known) for language, known in SENTENCES.items()}
    assert len(set(map(frozenset, complete.values()))) == 1
    assert set(complete) == set(LOCALES)


def test_what_is_not_translated_yet_is_left_out_also_where_it_has_a_plural(tmp_path: Path) -> None:
    area = tmp_path / "en" / "area.po"
    area.parent.mkdir()
    area.write_text(
        'msgid "a"\nmsgstr ""\n\n'
        'msgid "b"\nmsgid_plural "b"\nmsgstr[0] ""\nmsgstr[1] ""\n\n'
        'msgid "c"\nmsgid_plural "c"\nmsgstr[0] "{count} day"\nmsgstr[1] "{count} days"\n'
    )
    texts = read_texts("en", tmp_path)
    assert set(texts.sentences) == {"c"}
    assert [texts("c", count=count) for count in (1, 2)] == ["1 day", "2 days"]


def _catalogs(locale: str) -> dict[str, list[str]]:
    """The message ids by area, in the order in which they are written."""
    return {
        path.stem: re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.MULTILINE)
        for path in (FOLDER / locale).glob("*.po")
    }


@pytest.mark.parametrize("locale", LOCALES.values())
def test_sentences_are_sorted_and_none_is_empty_fuzzy_or_there_twice(locale: str) -> None:
    for area, written in _catalogs(locale).items():
        with (FOLDER / locale / f"{area}.po").open("rb") as file:
            messages = [message for message in read_po(file, locale=locale) if message.id]
        assert [message.id for message in messages if not message.string or message.fuzzy] == []
        assert written == sorted(set(written))


def test_what_begins_alike_stands_in_one_area_the_same_in_every_language() -> None:
    places: dict[str, set[str]] = {}
    for locale in LOCALES.values():
        for area, written in _catalogs(locale).items():
            for msgid in written:
                places.setdefault(msgid.partition(".")[0], set()).add(area)
    assert {kind: areas for kind, areas in places.items() if len(areas) > 1} == {}


def test_the_gaps_of_a_sentence_are_the_same_in_every_language() -> None:
    different = [
        msgid
        for msgid in SENTENCES["en"]
        if len({frozenset(_gaps(known[msgid])) for known in SENTENCES.values()}) > 1
    ]
    assert different == []


def test_one_is_said_otherwise_than_several_where_the_language_does() -> None:
    causes = [read_texts(language)("submissions.causes", count=2) for language in LOCALES]
    assert causes == ["原因 2 个", "2 causes"]
    assert read_texts("en")("submissions.causes", count=1) == "1 cause"
    for language, known in SENTENCES.items():
        singular = read_texts(language).singular
        assert [one for one in singular if {*_gaps(singular[one])} != {*_gaps(known[one])}] == []


def test_every_sentence_that_a_page_or_a_command_asks_for_is_there() -> None:
    asked = {msgid for text in _texts() for msgid in ASKED.findall(text)}
    assert len(asked) > 40
    assert sorted(msgid for msgid in asked if msgid not in SENTENCES["en"]) == []


def test_every_name_that_a_page_is_put_together_from_is_there() -> None:
    assert sorted(name for name in _names() if name not in SENTENCES["en"]) == []


def test_what_is_declared_has_its_words() -> None:
    declared = set(_declared())
    assert len(declared) > 200
    assert [ids for ids in declared if not any(msgid in SENTENCES["en"] for msgid in ids)] == []


def test_every_word_about_what_is_declared_is_asked_for() -> None:
    literally = {msgid for text in _texts() for msgid in QUOTED.findall(text)}
    asked = literally | _names() | {msgid for ids in (*_declared(), *_possible()) for msgid in ids}
    about = [msgid for msgid in SENTENCES["en"] if msgid.partition(".")[0] in DECLARED]
    assert len(about) > 200
    assert [msgid for msgid in about if msgid not in asked] == []


def test_no_chinese_stands_in_templates_or_code() -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    templates = (PAGES / "templates").glob("*.html")
    assert [path.name for path in templates if chinese.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, None, "zh-CN"),
        (None, "fr-FR, de;q=0.8", "zh-CN"),
        (None, "en-GB,en;q=0.9,zh;q=0.5", "en"),
        (None, "zh-TW,zh;q=0.9,en;q=0.5", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh-CN", "en", "zh-CN"),
        ("xx", "en", "en"),
    ],
)
def test_language_is_the_chosen_then_the_accepted_then_chinese(
    chosen: str | None, accepted: str | None, language: str
) -> None:
    assert choose_language(chosen, accepted) == language


def _names() -> set[str]:
    return {
        *(f"role.{role}" for role in Role),
        *(f"rule.{rule}" for rule in get_args(Rule)),
        *(f"topic.{kind.TOPIC}" for kind in TOLD),
        *(f"language.{language}" for language in LOCALES),
        *(f"nav.{listing.name}" for listing in LISTINGS),
        *(f"word.read_model.{projection.name}" for projection in PROJECTIONS),
        *(line.name_id for line in CHANNEL_TRAINER),
        *(f"verdict.{verdict}" for verdict in get_args(LineVerdict)),
        *(f"missing.{code}" for code in get_args(Missing)),
        *("scorecard.summary", "scorecard.summary_of_scored"),
        *(f"board.{word}.{by}" for word in ("by", "lines") for by in BYS),
        *(f"filter.{word}{name}" for word in ("", "every_") for name in LIMITS),
        *(f"{place}.{word}" for place in PLACES for word in ("title", "what")),
        *(f"scorecard.part.{kind}" for kind in ("earned", "missed", "unscored", "undefined")),
        *(
            f"import.{said}.{outcome}"
            for said in ("outcome", "planned", "carried_out")
            for outcome in Outcome
        ),
        *(f"what_if.{name}" for name in ("before", "after")),
        *(f"what_if.moved.{kpi.subject.slug}" for kpi in CATALOG),
        *(f"state.none.{kpi.counted}" for kpi in CATALOG),
        *(f"{name}.{choice}" for name, choices in CHOICES.items() for choice in choices),
        *(f"{word}.{name}" for name in Parameters.__struct_fields__ for word in ("field", "help")),
        *(f"scoring.{scoring}" for scoring in SCORINGS),
        *(f"scheme.origin.{origin}" for origin in (PARTNER, HEAD_OFFICE)),
        *(f"lines.{part}" for part in ("counted", "not_counted")),
        *(f"curve.tip.{outcome}" for outcome in ("ordered", "left")),
        *(f"{drawing}.title" for drawing in ("curve", "spread")),
        *(name for kpi in CATALOG for name in (kpi.name_id, kpi.meaning_id, kpi.formula_id)),
    }


def _declared() -> Iterator[tuple[str, ...]]:
    """The message ids that follow from declarations; where one is missing, the next is said."""
    for resource in RESOURCES.all:
        yield (f"nav.{resource.listing.name}",)
        yield (f"table.empty.{resource.listing.name}",)
        for name, one in resource.listing.filters.items():
            yield (f"filter.{name}",)
            if one.of or isinstance(one, NamedPerson | KnownText):
                yield (f"filter.every_{name}",)
            for choice in choices_of(one.kind):
                own = f"{name}.{resource.listing.name}.{choice}"
                yield own, f"{name}.{choice}", f"word.{choice}"
    for command in COMMANDS_WITH_FORMS:
        yield (f"command.{name_of(command)}",)
        yield from _of_form(form_of(command), "field", name_of(command))
    for listing in LISTINGS:
        for name in listing.columns:
            yield f"column.{listing.name}.{name}", f"column.{name}"
            choices = choices_of(hint_of(listing.page_row, name))
            yield from ((f"{name}.{choice}", f"word.{choice}") for choice in choices)
    for kind in TOLD:
        day = getattr(kind, "DAY", None)
        omitted = {*marked_fields(kind, STREAM_ID), *TOLD_BY, "fact", day}
        said = (*open_fields(kind), *marked_fields(kind, FREE_TEXT))
        names = (name for name in said if name not in omitted)
        yield from ((f"field.{kind.TOPIC}.{name}", f"field.{name}") for name in names)


def _possible() -> Iterator[tuple[str, ...]]:
    """The message ids of what may be said of what is declared, and need not."""
    for command in (*(one for one, row in COMMANDS.items() if row.answers), InvitePerson):
        yield (f"command.{name_of(command)}",)
        for word in ("field", "help"):
            yield from _of_form(form_of(command), word, name_of(command))
    for one in LISTINGS:
        yield from ((f"filter.{name}.{one.name}",) for name in one.filters)
    for kind in TOLD:
        yield from ((f"field.{name}",) for name in marked_fields(kind, STREAM_ID))


def _of_form(form: CommandForm, word: str, within: str) -> Iterator[tuple[str, ...]]:
    for field in form.fields:
        yield f"{word}.{within}.{field.name}", f"{word}.{field.name}"
    for part in form.parts:
        yield from _of_form(part.form, word, f"{within}.{part.name}")


def _gaps(sentence: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def _texts() -> Iterator[str]:
    code = [path for room in ("kit", "pages", "../cli") for path in (PAGES / room).glob("*.py")]
    for path in (*code, *(PAGES / "templates").glob("*.html")):
        yield path.read_text("utf-8")
