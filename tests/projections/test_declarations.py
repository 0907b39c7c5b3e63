"""The list of projections is whole, and each declaration holds together."""

import pkgutil
from importlib import import_module
from typing import Any

import pytest

import projections
from domain.kernel.aggregate import topics_of
from domain.kpi.scheme.scheme import KpiScheme
from domain.kpi.subjects import newcomer
from domain.people.department import Department
from domain.people.person import Person
from domain.reporting.submission import Submission
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.follow_up import FollowUp
from domain.trainees.trainee import Trainee
from projections import LISTINGS, PROJECTIONS
from projections.figures.newcomers import NEWCOMERS
from projections.kernel.listing import Listing
from projections.kernel.projection import Projection
from projections.teaching.sessions import SESSIONS
from projections.trainees.timeline import TIMELINE

every_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.table)
TOPICS = topics_of(
    kind
    for aggregate in (Cohort, Session, Trainee, KpiScheme, Submission, FollowUp, Person, Department)
    for kind in aggregate.events()
)


def test_lists_every_projection_that_a_module_declares() -> None:
    declared = {
        value.table
        for module in pkgutil.walk_packages(projections.__path__, "projections.")
        for value in vars(import_module(module.name)).values()
        if isinstance(value, Projection)
    }
    assert {projection.table for projection in PROJECTIONS} == declared
    assert len(PROJECTIONS) == len(declared)


def test_lists_every_listing_that_a_module_declares() -> None:
    declared = {
        value.name: value
        for module in pkgutil.walk_packages(projections.__path__, "projections.")
        for value in vars(import_module(module.name)).values()
        if isinstance(value, Listing)
    }
    assert {listing.name: listing for listing in LISTINGS} == declared
    assert len(LISTINGS) == len(declared)


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: one.name)
def test_a_list_names_columns_that_there_are_and_an_order_without_ties(
    listing: Listing[Any],
) -> None:
    filters = (*listing.filters.values(), *listing.unique.values())
    assert {*listing.order}.union(one.column for one in filters) <= set(listing.stored.columns)
    assert listing.order[-1] in listing.stored.primary_key
    assert all(hasattr(listing.page_row, column) for column in listing.columns)
    assert set(listing.narrowed) <= {*listing.filters, *listing.unique}
    assert not set(listing.filters) & set(listing.keys)


@every_projection
def test_names_columns_and_topics_that_there_are(projection: Projection[Any]) -> None:
    for stored in projection.tables:
        named = {*projection.primary_key, *stored.primary_key}.union(*stored.indexes)
        assert named <= set(stored.columns)
    assert projection.topics <= TOPICS


def test_the_timeline_shows_every_event_of_what_has_a_page() -> None:
    kinds = ("trainee.", "cohort.", "session.", "follow_up.")
    assert TIMELINE.topics == {topic for topic in TOPICS if topic.startswith(kinds)}


def test_newcomers_look_at_exactly_the_events_that_their_fold_knows() -> None:
    assert topics_of(newcomer.FOLD) == NEWCOMERS.topics


def test_sessions_look_at_every_event_of_a_class() -> None:
    assert {t for t in TOPICS if t.startswith("session.")} == SESSIONS.topics
