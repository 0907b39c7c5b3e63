"""The schema's text is current, and every field says who may read it."""

import json
import re
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

import api.graphql
from api.graphql.engine.permissions import FIELDS, TYPES, need_of
from api.graphql.schema import (
    build_schema,
    describe,
    load_glossary,
    sdl,
    things,
    undescribed_schema,
)
from infra.work.worker import KINDS
from projections.trainees.timeline import TIMELINE
from tests.place import GOLDEN

TEXT = Path(api.graphql.__file__).with_name("schema.graphql")


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()


def fields(schema: GraphQLSchema) -> list[tuple[str, str]]:
    return [
        (name, field)
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
        for field in kind.fields
    ]


def test_the_committed_text_is_the_schema(schema: GraphQLSchema) -> None:
    assert TEXT.read_text(encoding="utf-8") == sdl(schema)


def test_every_field_has_a_permission(schema: GraphQLSchema) -> None:
    assert [pair for pair in fields(schema) if need_of(schema, *pair) is None] == []


def test_who_may_read_what_is_as_it_was_decided(schema: GraphQLSchema) -> None:
    """A field that is derived, or a type that a field newly leads to, opens nothing unseen."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, field in fields(schema):
        need = str(need_of(schema, kind, field))
        found.setdefault(kind, {}).setdefault(need, []).append(field)
    decided = json.loads((GOLDEN / "permissions.json").read_text(encoding="utf-8"))
    assert {
        kind: {n: " ".join(f) for n, f in its.items()} for kind, its in found.items()
    } == decided


def test_every_root_field_has_a_row_of_its_own(schema: GraphQLSchema) -> None:
    roots = ("Query", "Mutation", "Subscription")
    assert [f"{t}.{f}" for t, f in fields(schema) if t in roots and f"{t}.{f}" not in FIELDS] == []


def test_no_permission_is_for_what_is_not_there(schema: GraphQLSchema) -> None:
    known = fields(schema)
    assert set(TYPES) <= {type_name for type_name, _ in known}
    assert set(FIELDS) <= {f"{type_name}.{field}" for type_name, field in known}


def test_the_fixed_names_are_there(schema: GraphQLSchema) -> None:
    assert schema.query_type and schema.mutation_type and schema.subscription_type
    assert {
        "me", "partner", "cohort", "cohorts", "trainee", "trainees", "newcomerFigures", "job",
        "node", "board",
    } <= set(schema.query_type.fields)  # fmt: skip
    assert {
        "openCohort", "enrolTrainee", "recordTrialVerdict", "recordExamResult", "goLive",
        "recordOrder", "voidOrder", "recordLeaving", "publishScheme", "requestReport",
    } <= set(schema.mutation_type.fields)  # fmt: skip
    assert set(schema.subscription_type.fields) == {"figuresChanged", "jobProgress"}


def test_every_mutation_takes_one_input_with_an_idempotency_key(schema: GraphQLSchema) -> None:
    assert schema.mutation_type
    for name, field in schema.mutation_type.fields.items():
        assert list(field.args) == ["input"]
        (argument,) = field.args.values()
        kind = argument.type.of_type  # type: ignore[union-attr]
        assert kind.name == f"{name[0].upper()}{name[1:]}Input"
        assert "idempotencyKey" in kind.fields
        payload = field.type.of_type  # type: ignore[union-attr]
        assert {"position", "errors"} < set(payload.fields)


def test_every_type_field_argument_and_value_is_described(schema: GraphQLSchema) -> None:
    assert [names[0] for thing, _, names in things(schema) if not thing.description] == []


def test_no_description_bears_a_mark_that_its_reader_cannot_look_up(schema: GraphQLSchema) -> None:
    marked = [
        names[0]
        for thing, _, names in things(schema)
        if re.search(r"\b[ST]\d|\.md\b", thing.description)
    ]
    assert marked == []


def test_a_list_is_named_as_people_write_it(schema: GraphQLSchema) -> None:
    assert schema.query_type
    described = schema.query_type.fields["followUps"].description
    assert described == "A page of the follow-ups."


def test_the_glossary_describes_nothing_that_is_not_there_or_is_described_in_the_code() -> None:
    glossary = load_glossary()
    written = {(part, name) for part, entries in glossary.items() for name in entries}
    assert written - describe(undescribed_schema(), glossary) == set()


def test_every_kind_of_job_and_every_event_of_a_timeline_has_its_value(
    schema: GraphQLSchema,
) -> None:
    values = {
        name: {value.value for value in kind.values.values()}
        for name in ("JobKind", "EventTopic")
        if isinstance(kind := schema.type_map[name], GraphQLEnumType)
    }
    assert values["JobKind"] == set(KINDS)
    assert TIMELINE.topics <= values["EventTopic"]
