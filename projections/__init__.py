"""The read side: one file per question, and this list of them.

A file holds the question in its docstring, the row, the declaration (key, evolve) and the queries.
May import the domain; connections come in as arguments.
"""

from typing import Any

from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES
from projections.kernel.projection import Projection
from projections.reporting.submissions import SUBMISSIONS
from projections.teaching.cohorts import COHORTS
from projections.teaching.sessions import SESSIONS
from projections.trainees.cohort_members import COHORT_MEMBERS
from projections.trainees.cohort_roster import COHORT_ROSTER
from projections.trainees.timeline import TIMELINE

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
