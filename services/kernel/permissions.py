"""The permissions of every role: one row per role. Data, not code.

A command's permission stands in services/registry.py.
"""

from enum import StrEnum

from domain.kernel.errors import PermissionRefusedError
from services.kernel.context import Principal, Role


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


_READ = frozenset({Permission.READ_FIGURES, Permission.READ_TRAINEES})
_TEACH = _READ | {Permission.WRITE_SCORES}
_TRAIN = _TEACH | {
    Permission.WRITE_COHORTS,
    Permission.WRITE_TRAINEES,
    Permission.WRITE_ORDERS,
    Permission.IMPORT_FILES,
    Permission.REQUEST_REPORTS,
}
_MANAGE = _READ | {
    Permission.APPROVE_PLANS,
    Permission.REQUEST_REPORTS,
    Permission.SUBMIT_FIGURES,
}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.TRAINEE: frozenset(),
    Role.TRAINING_MANAGER: _TRAIN | {Permission.WRITE_SCHEME, Permission.SUBMIT_FIGURES},
    Role.TRAINING_SPECIALIST: _TRAIN,
    Role.LECTURER: _TEACH,
    Role.INTERNAL_LECTURER: _TEACH,
    Role.HEAD_TEACHER: _TEACH,
    Role.INVIGILATOR: _TEACH,
    Role.ASSISTANT: frozenset({Permission.READ_TRAINEES}),
    Role.HR_OFFICER: _READ | {Permission.WRITE_TRAINEES},
    Role.HR_MANAGER: _MANAGE | {Permission.WRITE_TRAINEES, Permission.MANAGE_PEOPLE},
    Role.DEPARTMENT_HEAD: _READ | {Permission.APPROVE_PLANS},
    Role.SUPERVISOR: _READ,
    Role.PROJECT_LEAD: _READ,
    Role.GENERAL_MANAGER: _MANAGE,
    Role.PARTY_REPRESENTATIVE: _READ,
    Role.CHANNEL_SPECIALIST: frozenset(),
    Role.HEAD_OFFICE: frozenset({Permission.WRITE_SCHEME_FOR_ALL}),
    Role.INTEGRATION: _TRAIN,
    Role.OPERATOR: frozenset(Permission),
}


def require(principal: Principal, permission: Permission, *others: Permission) -> None:
    """Requires every permission. Raises PermissionRefusedError `permission_refused`."""
    for one in (permission, *others):
        if not may(principal, one):
            raise PermissionRefusedError(
                "permission_refused", permission=str(one), role=str(principal.role)
            )


def held(principal: Principal) -> frozenset[Permission]:
    """The permissions of the role, of these the scopes' if the credential is limited to some."""
    of_role, scopes = ROLES[principal.role], principal.scopes
    return of_role if scopes is None else frozenset(one for one in of_role if one in scopes)


def may(principal: Principal, permission: Permission) -> bool:
    """Whether it is held."""
    return permission in held(principal)
