"""The read side: one file per question, and this list of them.

A file holds the question in its docstring, the row, the declaration (key, evolve) and the queries.
May import the domain; connections come in as arguments.
"""

from typing import Any

from projections.cohort_members import COHORT_MEMBERS
from projections.cohort_roster import COHORT_ROSTER
from projections.cohorts import COHORTS
from projections.newcomers import NEWCOMERS
from projections.projection import Projection
from projections.schemes import SCHEMES
from projections.sessions import SESSIONS
from projections.submissions import SUBMISSIONS
from projections.timeline import TIMELINE

PROJECTIONS: tuple[Projection[Any], ...] = (
    NEWCOMERS,
    COHORTS,
    COHORT_ROSTER,
    COHORT_MEMBERS,
    TIMELINE,
    SCHEMES,
    SESSIONS,
    SUBMISSIONS,
)
"""Every projection that the projector runs; tables and checkpoints are made from it."""
