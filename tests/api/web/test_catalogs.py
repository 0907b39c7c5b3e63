"""The sentences: complete in every language, and exactly those that the pages ask for."""

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po

from api import web
from api.web.kit.figures_view import FILTERS
from api.web.kit.filters import BYS
from api.web.kit.languages import LOCALES, choose_language
from api.web.pages.what_if import ASKED as DRAFTED
from domain.kpi.catalog import CATALOG
from domain.kpi.rule import Rule
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import SCORINGS
from domain.kpi.scheme.scorecard import LineVerdict, Missing
from domain.kpi.scheme.versions import CHOICES, HEAD_OFFICE, PARTNER, Parameters
from projections.trainees.timeline import TIMELINE
from services.importing.report import Outcome
from services.kernel.context import Role
from services.words.texts import FOLDER, read_texts

PAGES = Path(web.__file__).parent
ASKED = re.compile(r"""\b(?:t|word)\(\s*["']([a-z0-9_.-]+)["']\s*[,)]""", re.IGNORECASE)
PLACES = ("board", "all_figures", "scorecard", "what_if")


SENTENCES = {language: read_texts(language).sentences for language in LOCALES}


def test_every_language_has_every_sentence() -> None:
    complete = {language: set(known) for language, known in SENTENCES.items()}
    assert len(set(map(frozenset, complete.values()))) == 1
    assert set(complete) == set(LOCALES)


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


def test_every_sentence_that_a_page_or_a_command_asks_for_is_there() -> None:
    asked = {msgid for text in _texts() for msgid in ASKED.findall(text)}
    assert len(asked) > 40
    assert sorted(msgid for msgid in asked if msgid not in SENTENCES["en"]) == []


def test_every_name_that_a_page_is_put_together_from_is_there() -> None:
    names = {
        *(f"role.{role}" for role in Role),
        *(f"rule.{rule}" for rule in get_args(Rule)),
        *(f"topic.{topic}" for topic in TIMELINE.topics),
        *(f"language.{language}" for language in LOCALES),
        *(line.name_id for line in CHANNEL_TRAINER),
        *(f"verdict.{verdict}" for verdict in get_args(LineVerdict)),
        *(f"missing.{code}" for code in get_args(Missing)),
        *("scorecard.summary", "scorecard.summary_of_scored"),
        *(f"board.{word}.{by}" for word in ("by", "lines") for by in BYS),
        *(f"filter.{word}{name}" for word in ("", "every_") for name in FILTERS),
        *(f"{place}.{word}" for place in PLACES for word in ("title", "what")),
        *(f"scorecard.part.{kind}" for kind in ("earned", "missed", "unscored", "undefined")),
        *(
            f"import.{said}.{outcome}"
            for said in ("outcome", "planned", "carried_out")
            for outcome in Outcome
        ),
        *(f"what_if.{name}" for name in (*DRAFTED, "before", "after")),
        *(f"{name}.{choice}" for name, choices in CHOICES.items() for choice in choices),
        *(f"{word}.{name}" for name in Parameters.__struct_fields__ for word in ("field", "help")),
        *(f"scoring.{scoring}" for scoring in SCORINGS),
        *(f"scheme.origin.{origin}" for origin in (PARTNER, HEAD_OFFICE)),
        *(f"lines.{part}" for part in ("counted", "not_counted")),
        *(f"curve.tip.{outcome}" for outcome in ("ordered", "left")),
        *(f"{drawing}.title" for drawing in ("curve", "spread")),
        *(name for kpi in CATALOG for name in (kpi.name_id, kpi.meaning_id, kpi.formula_id)),
    }
    assert sorted(name for name in names if name not in SENTENCES["en"]) == []


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


def _gaps(sentence: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def _texts() -> Iterator[str]:
    code = [path for room in ("kit", "pages", "../cli") for path in (PAGES / room).glob("*.py")]
    for path in (*code, *(PAGES / "templates").glob("*.html")):
        yield path.read_text("utf-8")
