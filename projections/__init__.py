"""The read side: one file per question, and this list of them.

A file holds the question in its docstring, the row, the declaration (key, evolve) and the queries.
May import the domain; connections come in as arguments.
"""

from typing import Any

from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.kernel.listing import Listing
from projections.kernel.projection import Projection
from projections.people.departments import DEPARTMENT_LIST, DEPARTMENTS
from projections.people.joinings import JOININGS
from projections.people.people import PEOPLE, PERSON_LIST
from projections.reporting.submissions import SUBMISSION_LIST, SUBMISSIONS
from projections.teaching.cohorts import COHORT_LIST, COHORTS
from projections.teaching.sessions import SESSION_LIST, SESSIONS
from projections.trainees.cohort_members import COHORT_MEMBERS
from projections.trainees.cohort_roster import ROSTER, TRAINEE_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST, FOLLOW_UPS
from projections.trainees.orders import ORDER_LIST
from projections.trainees.timeline import TIMELINE, TIMELINE_LIST

PROJECTIONS: tuple[Projection[Any], ...] = (
    NEWCOMERS,
    COHORTS,
    ROSTER,
    COHORT_MEMBERS,
    TIMELINE,
    SCHEMES,
    SESSIONS,
    SUBMISSIONS,
    FOLLOW_UPS,
    PEOPLE,
    DEPARTMENTS,
    JOININGS,
)
"""Every projection that the projector runs; tables and checkpoints are made from it."""

LISTINGS: tuple[Listing[Any], ...] = (
    COHORT_LIST,
    TRAINEE_LIST,
    SESSION_LIST,
    SUBMISSION_LIST,
    TIMELINE_LIST,
    FOLLOW_UP_LIST,
    ORDER_LIST,
    PERSON_LIST,
    DEPARTMENT_LIST,
)
"""Every list that the doors offer; arguments, permissions, limits and exports are made from it."""
