"""Every refusal has a status and a sentence in both languages, and no sentence shows a gap."""

import ast
import re
from datetime import date
from functools import cache
from string import Formatter
from typing import Any

import asyncpg
import msgspec
import pytest
import structlog

from api.errors import KINDS, STATUSES, body, sentence, status_of, told
from domain.kernel.errors import (
    InstallationError,
    NotFoundError,
    PermissionRefusedError,
    Refusal,
    TakenError,
)
from domain.kernel.values import Month
from infra.database.retries import DatabaseAwayError
from services.words.params import kept, read
from services.words.texts import LOCALES, read_texts
from tests.place import ROOT

FOLDERS = ("domain", "services", "projections", "infra", "api")
RAISERS = {
    "Refusal": 0,
    "NotFoundError": 0,
    "TakenError": 0,
    "PermissionRefusedError": 0,
    "SettingsError": 0,
    "ServerError": 0,
    "CellRefusal": 0,
    "refuse": 0,
}
"""Name of what makes a refusal -> which argument is the code."""

IMPLIED = {"code", "employee_no", "line", "order_no"}
"""Parameters that a thing's own `refuse` gives: what a class, trainee, line or order is called."""


def test_a_month_in_a_sentence_is_written_as_people_write_it() -> None:
    params = {"month": Month(2026, 8)}
    assert sentence("restatement_open", params) == "请先确认2026年8月的指标更正，再重新上报。"
    assert "Aug 2026" in sentence("restatement_open", params, "en")
    assert body("restatement_open", params, "en")["params"] == {"month": "2026-08"}


@cache
def raised() -> dict[str, set[str]]:
    """Code -> names of the parameters that are always given with it."""
    found: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
                place = RAISERS.get(name, len(node.args))
                if place >= len(node.args):
                    continue
                code = node.args[place]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    given = {keyword.arg for keyword in node.keywords if keyword.arg}
                    given.discard("field")  # Which is no parameter of the sentence.
                    given |= IMPLIED if name == "refuse" else set()
                    open_ended = any(keyword.arg is None for keyword in node.keywords)
                    known = found.setdefault(code.value, given)
                    if not open_ended:
                        known &= given
    return found


SOMETIMES_MORE = {"data_folder_full", "fact_unknown", "order_lines_disagree"}
"""Raised with more parameters than are spelt out where they are raised."""


OF_COMMANDS = ("trainees", "teaching", "reporting", "people", "scheme")
OF_THE_WHOLE = {
    "scheme_changed",
    "partner_unknown",
    "login_refused",
    "log_in_later",
    *("log_in_locked", "log_in_not_locked", "log_in_elsewhere", "log_in_unknown"),
    *("log_in_anew", "not_signed_in"),
    *("last_way_in", "identity_taken", "identity_unknown", "provider_unknown"),
    *("sign_in_cancelled", "sign_in_over", "too_busy"),
    "log_in_step_over",
    "one_time_codes_on",
    "one_time_codes_over",
    "passkeys_too_many",
}
"""Refusals of a command that no single field mends."""


def nameless() -> set[str]:
    """Codes that are raised by a command's handler or aggregate without a field."""
    found = set()
    for path in (*(ROOT / "services").rglob("*.py"), *(ROOT / "domain").rglob("*.py")):
        if path.parent.name not in OF_COMMANDS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in RAISERS and "field" not in {one.arg for one in node.keywords}:
                found.add(ast.unparse(node.args[0]).strip("'"))
    return found


def test_a_refusal_of_a_command_names_the_field_that_is_to_be_mended() -> None:
    assert nameless() == OF_THE_WHOLE


@pytest.mark.parametrize("language", LOCALES)
def test_says_what_is_wrong_in_every_language(language: str) -> None:
    sentences = read_texts(language).sentences
    assert raised()
    assert [code for code in {*raised(), *STATUSES} if f"error.{code}" not in sentences] == []


@pytest.mark.parametrize("language", LOCALES)
def test_a_sentence_has_all_its_gaps_filled(language: str) -> None:
    for code, params in raised().items():
        said = sentence(code, dict.fromkeys(params, "x"), language)
        assert "{" not in said, f"{code}: {said}"
        assert code in SOMETIMES_MORE or "…" not in said, f"{code}: {said}"


def test_says_words_of_the_program_in_the_language_of_the_reader() -> None:
    params = {"employee_no": "T1", "missing": ["written_exam", "drill"]}
    assert "笔试、演练" in sentence("gate_not_passed", params, "zh_CN")
    assert "the written exam, the drill" in sentence("gate_not_passed", params, "en")


def test_shows_the_code_where_a_sentence_is_missing() -> None:
    assert sentence("never_heard_of", {}, "en") == "never_heard_of"


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Refusal("gate_not_passed"), 422),
        (NotFoundError("cohort_unknown"), 404),
        (TakenError("order_no_taken"), 409),
        (PermissionRefusedError("permission_refused"), 403),
        (Refusal("credential_refused"), 401),
        (Refusal("file_too_large"), 413),
    ],
)
def test_answers_the_status_of_the_kind_or_of_the_code(refusal: Refusal, status: int) -> None:
    assert status_of(refusal) == status
    assert KINDS[-1] == (Refusal, 422)


@pytest.mark.parametrize("language", LOCALES)
def test_days_and_months_of_any_refusal_are_said_alike_whether_or_not_it_was_stored(
    language: str,
) -> None:
    said = read_texts(language).sentences
    refused = {msgid.removeprefix("error."): text for msgid, text in said.items()}
    for code, text in refused.items():
        gaps = {name for _, name, _, _ in Formatter().parse(text) if name}
        for value in (date(2026, 7, 1), [date(2026, 7, 1), date(2026, 7, 2)], Month(2026, 7)):
            params = dict.fromkeys(gaps, value)
            stored = msgspec.json.decode(msgspec.json.encode(kept(params)))
            fresh = body(code, params, language)
            assert body(code, read(**stored), language) == fresh
            assert stored["params"] == fresh["params"]
            assert "2026-07" not in fresh["message"]


@pytest.mark.parametrize(
    ("value", "again"),
    [
        ({date(2026, 7, 1)}, [date(2026, 7, 1)]),
        (frozenset([Month(2026, 7)]), [Month(2026, 7)]),
        ([None, date(2026, 7, 1)], [None, date(2026, 7, 1)]),
        (
            {"on": date(2026, 7, 1), "given": "2026-07-01", "in": [{"of": Month(2026, 7)}]},
            {"on": date(2026, 7, 1), "given": "2026-07-01", "in": [{"of": Month(2026, 7)}]},
        ),
    ],
)
def test_days_and_months_within_a_parameter_are_read_as_what_they_were(
    value: Any, again: Any
) -> None:
    stored = msgspec.json.decode(msgspec.json.encode(kept({"x": value})))
    assert read(**stored) == {"x": again}


def test_a_text_that_looks_like_a_day_is_said_as_it_was_typed() -> None:
    typed = {"on": "2026-07-01", "given": "2026-07-01"}
    stored = msgspec.json.decode(msgspec.json.encode(kept(typed)))
    assert read(**stored) == typed
    assert "2026-07-01" in sentence("contradicts_recorded", read(**stored), "en")


def _listed() -> list[tuple[str, str]]:
    """Where a docstring says what is refused, and each code that it names."""
    found = []
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    doc = ast.get_docstring(node) or ""
                    for sentence in re.findall(r"(?:Refuses|Raises)\b[^.]*\.", doc):
                        named = re.sub(r"what (`\w+`(, | and )?)+ refuses?", "", sentence)
                        codes = re.findall(r"`([a-z]+(?:_[a-z]+)+)`", named)
                        found += [
                            (f"{path.relative_to(ROOT)}:{node.lineno}", code) for code in codes
                        ]
    return found


def test_every_code_that_a_docstring_lists_has_a_sentence() -> None:
    known = read_texts("en").sentences
    assert "idempotency_key_blank" in {code for _, code in _listed()}
    assert [listed for listed in _listed() if f"error.{listed[1]}" not in known] == []


def test_a_database_that_is_away_is_in_the_log_by_its_kind_alone() -> None:
    with structlog.testing.capture_logs() as logged:
        refusal = told(DatabaseAwayError("王芳"), structlog.get_logger("api"), "request_failed")
    assert refusal.code == "database_gone"
    assert logged == [
        {"event": "database_gone", "log_level": "warning", "error": "DatabaseAwayError"}
    ]


def test_what_the_installation_lacks_is_no_fault_of_what_was_asked() -> None:
    lacking = InstallationError(Refusal("secret_key_missing", key="5ca1ab1e"))
    assert status_of(told(lacking, structlog.get_logger("api"), "request_failed")) == 503


def test_two_statements_at_once_are_in_the_log_as_a_fault() -> None:
    error = asyncpg.InterfaceError("another operation is in progress")
    with structlog.testing.capture_logs() as logged:
        refusal = told(error, structlog.get_logger("api"), "request_failed")
    assert refusal.code == "internal_error"
    assert logged == [{"event": "request_failed", "log_level": "error", "exc_info": error}]
