"""What may be permitted. Which roles may do what stands in roles.py, a command's permission in
services/registry.py."""

from enum import StrEnum


class Permission(StrEnum):
    """A right that roles have."""

    READ_FIGURES = "read_figures"
    READ_TRAINEES = "read_trainees"
    WRITE_COHORTS = "write_cohorts"
    APPROVE_PLANS = "approve_plans"
    WRITE_TRAINEES = "write_trainees"
    WRITE_SCORES = "write_scores"
    WRITE_ORDERS = "write_orders"
    WRITE_SCHEME = "write_scheme"
    WRITE_SCHEME_FOR_ALL = "write_scheme_for_all"
    IMPORT_FILES = "import_files"
    REQUEST_REPORTS = "request_reports"
    RECORD_REPORTS = "record_reports"
    SUBMIT_FIGURES = "submit_figures"
    RECORD_RESTATEMENTS = "record_restatements"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_ACCESS = "manage_access"
