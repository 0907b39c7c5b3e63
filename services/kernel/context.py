"""The context of a command (principal, instant, tenant): arguments, never globals."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.kernel.errors import PermissionRefusedError
from domain.people.partner import DEFAULT_ZONE, HEAD_OFFICE_ID
from services.kernel.permissions import Permission
from services.kernel.ports import Log
from services.kernel.scopes import EVERYTHING, Scope, Scopes


class Role(StrEnum):
    """The 18 roles that the source implies (spec/requirements.md), the administrator, who lets
    others in and sees no business, and the operator.

    Roles are assignable sets, not one person each (T20).
    """

    TRAINEE = "trainee"
    TRAINING_MANAGER = "training_manager"
    TRAINING_SPECIALIST = "training_specialist"
    LECTURER = "lecturer"
    INTERNAL_LECTURER = "internal_lecturer"
    HEAD_TEACHER = "head_teacher"
    INVIGILATOR = "invigilator"
    ASSISTANT = "assistant"
    HR_OFFICER = "hr_officer"
    HR_MANAGER = "hr_manager"
    DEPARTMENT_HEAD = "department_head"
    SUPERVISOR = "supervisor"
    PROJECT_LEAD = "project_lead"
    GENERAL_MANAGER = "general_manager"
    PARTY_REPRESENTATIVE = "party_representative"
    CHANNEL_SPECIALIST = "channel_specialist"
    HEAD_OFFICE = "head_office"
    INTEGRATION = "integration"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"

    def is_of(self, tenant_id: UUID) -> bool:
        """Whether it can be somebody's of an organisation. In head office's none is about trainees,
        who are partners'."""
        if tenant_id == HEAD_OFFICE_ID:
            return self in (Role.HEAD_OFFICE, Role.ADMINISTRATOR)
        return self not in (Role.HEAD_OFFICE, Role.OPERATOR)


Rights = Mapping[Permission, Scopes]
"""What somebody may do, and how far each reaches; what is not in it, they may not."""

PROGRAM: Final = "token-"
"""What the actor of a program begins with; the id of its token follows."""


class Principal(msgspec.Struct, frozen=True):
    """The person or program that a credential belongs to.

    tenant: the organisation in whose log its person is: a partner, whose business it may see, or
    head office, which sees every partner's figures, and nothing below them. roles.py makes those
    who have a role. person_id: of the person that it is; None for a program. acts_for: the ids of
    the person, of who was joined into it, and of those stood in for today; what is whose own by
    which right the rights say. by_role: what each of the roles gives by itself, where there may be
    several; it is no right, which may be limited besides.
    """

    tenant: UUID
    actor: str
    roles: tuple[Role, ...]
    rights: Rights
    zone: str = DEFAULT_ZONE
    expires_at: datetime | None = None
    person_id: str | None = None
    acts_for: frozenset[str] = frozenset()
    by_role: Mapping[Role, Rights] = {}

    @classmethod
    def of_system(cls, tenant: UUID, actor: str, zone: str = DEFAULT_ZONE) -> "Principal":
        """A part of the system itself, or an operator, who may do everything."""
        return cls(tenant, actor, (Role.OPERATOR,), dict.fromkeys(Permission, EVERYTHING), zone)

    @property
    def role(self) -> Role | None:
        """The first of the roles, for words; what somebody may do the rights say."""
        return self.roles[0] if self.roles else None

    def may(self, permission: Permission, *, everything: bool = False) -> bool:
        """Whether it is held, however far it reaches. everything: over everything."""
        return self.may_everywhere(permission) if everything else permission in self.rights

    def may_everywhere(self, permission: Permission) -> bool:
        """Whether it is held over everything."""
        return Scope.ALL in self.rights.get(permission, ())

    def require(self, *permissions: Permission) -> None:
        """Requires every permission. Raises PermissionRefusedError `permission_refused`."""
        for one in permissions:
            if one not in self.rights:
                raise self.refused(str(one))

    def refused(self, permission: str) -> PermissionRefusedError:
        """The refusal of what somebody may not do."""
        return PermissionRefusedError("permission_refused", permission=permission)

    def require_everything(self, *permissions: Permission) -> None:
        """Requires that every permission reaches everything, for what no scope can cut. Raises
        PermissionRefusedError `permission_refused`, `everything_needed`."""
        self.require(*permissions)
        for one in permissions:
            if not self.may_everywhere(one):
                raise PermissionRefusedError("everything_needed", permission=str(one))

    @property
    def is_program(self) -> bool:
        """Whether it has a token: who logs in is a person."""
        return self.actor.startswith(PROGRAM)

    @property
    def is_of_head_office(self) -> bool:
        """Whether it is nobody of a partner."""
        return self.tenant == HEAD_OFFICE_ID


def typed() -> dict[str, Any]:
    """The source of what a person says directly."""
    return {"kind": "typed"}


def integrated() -> dict[str, Any]:
    """The source of what a program says."""
    return {"kind": "integrated"}


class Context(msgspec.Struct, frozen=True):
    """The circumstances of a command.

    now: the instant at which it was accepted. as_seen: the position of the tenant's log at which
    was read what the command amends; None where nobody says it. seen_causes: what was recorded
    for these causes was read too, wherever it stands.
    """

    principal: Principal
    log: Log
    now: datetime
    source: dict[str, Any] = msgspec.field(default_factory=typed)
    idempotency_key: str | None = None
    as_seen: int | None = None
    seen_causes: Collection[UUID] = ()
    correlation_id: UUID | None = None
    causation_id: UUID | None = None

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.principal.zone)).date()
