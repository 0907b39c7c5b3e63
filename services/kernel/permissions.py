"""What may be permitted. Which roles may do what stands in roles.py, a command's permission in
services/registry.py, a list's in its declaration."""

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """A right that roles have."""

    READ_TRAINEES = "read_trainees"
    READ_CONTACTS = "read_contacts"
    READ_SCORES = "read_scores"
    READ_ORDERS = "read_orders"
    READ_CASES = "read_cases"
    READ_ATTENDANCE = "read_attendance"
    READ_FIGURES = "read_figures"
    READ_PEOPLE = "read_people"
    WRITE_COHORTS = "write_cohorts"
    WRITE_SESSIONS = "write_sessions"
    WRITE_ATTENDANCE = "write_attendance"
    WRITE_TRAINEES = "write_trainees"
    WRITE_SCORES = "write_scores"
    WRITE_ORDERS = "write_orders"
    WRITE_FOLLOW_UPS = "write_follow_ups"
    WRITE_SUGGESTIONS = "write_suggestions"
    WRITE_MATERIALS = "write_materials"
    WRITE_ASSETS = "write_assets"
    WRITE_BUDGET = "write_budget"
    WRITE_SCHEME = "write_scheme"
    WRITE_SCHEME_FOR_ALL = "write_scheme_for_all"
    APPROVE_PLANS = "approve_plans"
    APPROVE_OVERRIDE = "approve_override"
    APPROVE_LEAVE = "approve_leave"
    REVIEW_PAPERS = "review_papers"
    RECOMMEND_ACTION = "recommend_action"
    RATE_SATISFACTION = "rate_satisfaction"
    IMPORT_FILES = "import_files"
    REQUEST_REPORTS = "request_reports"
    RECORD_REPORTS = "record_reports"
    SUBMIT_FIGURES = "submit_figures"
    RECORD_RESTATEMENTS = "record_restatements"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_ACCESS = "manage_access"
    MANAGE_PARTNERS = "manage_partners"


TO_COME: Final = frozenset(
    {
        Permission.WRITE_ATTENDANCE,
        Permission.WRITE_SUGGESTIONS,
        Permission.WRITE_MATERIALS,
        Permission.WRITE_ASSETS,
        Permission.WRITE_BUDGET,
        Permission.APPROVE_OVERRIDE,
        Permission.APPROVE_LEAVE,
        Permission.REVIEW_PAPERS,
        Permission.RECOMMEND_ACTION,
        Permission.RATE_SATISFACTION,
    }
)
"""What nothing asks for yet: what it is about is to come, or is not told apart so far."""

TO_READ_ALL: Final = frozenset(one for one in Permission if one.startswith("read_"))
"""What it takes to read a log, which holds everything."""
