"""Every mutation: a command in its own words, one input, one payload; by capability."""

import strawberry

from api.graphql.types.cohort_changes import CohortChanges
from api.graphql.types.complaint_changes import ComplaintChanges
from api.graphql.types.correction_changes import CorrectionChanges
from api.graphql.types.job_changes import JobChanges
from api.graphql.types.order_changes import OrderChanges
from api.graphql.types.report_changes import ReportChanges
from api.graphql.types.scheme_changes import SchemeChanges
from api.graphql.types.session_changes import SessionChanges
from api.graphql.types.submission_changes import SubmissionChanges
from api.graphql.types.trainee_changes import TraineeChanges
from api.graphql.types.whatif_changes import WhatIfChanges
from api.graphql.types.whatif_for_all import WhatIfForAllChanges


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
