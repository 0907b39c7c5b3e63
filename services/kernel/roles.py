"""What the roles may do: one row per role. Data, not code."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.people.partner import DEFAULT_ZONE
from services.kernel.context import Principal, Rights, Role
from services.kernel.permissions import Permission
from services.kernel.scopes import EVERYTHING

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

_PERMISSIONS: dict[Role, frozenset[Permission]] = {
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

ROLES: Final[Mapping[Role, Rights]] = {
    role: dict.fromkeys(permissions, EVERYTHING) for role, permissions in _PERMISSIONS.items()
}


def in_role(
    tenant_id: UUID | None,
    actor: str,
    role: Role,
    *,
    zone: str = DEFAULT_ZONE,
    expires_at: datetime | None = None,
    only: Collection[Permission] | None = None,
) -> Principal:
    """Somebody who has one role. only: the permissions to which that is limited."""
    rights = ROLES[role]
    if only is not None:
        rights = {one: scopes for one, scopes in rights.items() if one in only}
    return Principal(tenant_id, actor, role, rights, zone, expires_at)
