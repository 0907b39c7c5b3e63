"""Every mutation: a command in its own words, one input, one payload; by capability."""

import strawberry

from api.graphql.cohort_changes import CohortChanges
from api.graphql.complaint_changes import ComplaintChanges
from api.graphql.correction_changes import CorrectionChanges
from api.graphql.job_changes import JobChanges
from api.graphql.order_changes import OrderChanges
from api.graphql.report_changes import ReportChanges
from api.graphql.scheme_changes import SchemeChanges
from api.graphql.session_changes import SessionChanges
from api.graphql.submission_changes import SubmissionChanges
from api.graphql.trainee_changes import TraineeChanges
from api.graphql.whatif_changes import WhatIfChanges
from api.graphql.whatif_for_all import WhatIfForAllChanges


@strawberry.type
class Mutation(
    CohortChanges,
    ComplaintChanges,
    CorrectionChanges,
    JobChanges,
    OrderChanges,
    ReportChanges,
    SchemeChanges,
    SessionChanges,
    SubmissionChanges,
    TraineeChanges,
    WhatIfChanges,
    WhatIfForAllChanges,
):
    pass
