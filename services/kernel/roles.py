"""What the roles may do: one row per role. Data, not code; docs/roles.md is printed from it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from domain.people.partner import DEFAULT_ZONE
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission as P
from services.kernel.scopes import Ids, Scope

OURS: Final = "ours"
"""In the place of the source's statements: where it is silent, and we decided."""


RoleRights = Mapping[P, frozenset[Scope]]
"""What a role gives: permissions, and how far each reaches, whoever has the role."""


class RoleRow(msgspec.Struct, frozen=True):
    """The rights of a role. rests_on: the statements of the source that say so
    (spec/requirements.md), or OURS."""

    rests_on: tuple[str, ...]
    rights: RoleRights


def _row(rests_on: str, **permissions: Collection[P]) -> RoleRow:
    """permissions: those that reach so far, by the value of the scope."""
    rights = {
        one: frozenset(Scope(scope) for scope, its in permissions.items() if one in its)
        for one in P
        if any(one in its for its in permissions.values())
    }
    return RoleRow(tuple(rests_on.split()), rights)


_READ_ALL = {one for one in P if one.startswith("read_")}
_TRAIN = _READ_ALL | {
    P.WRITE_COHORTS,
    P.WRITE_SESSIONS,
    P.WRITE_ATTENDANCE,
    P.WRITE_TRAINEES,
    P.WRITE_SCORES,
    P.WRITE_ORDERS,
    P.WRITE_FOLLOW_UPS,
    P.IMPORT_FILES,
    P.REQUEST_REPORTS,
}
_TEACH = {
    P.READ_TRAINEES,
    P.READ_SCORES,
    P.READ_ATTENDANCE,
    P.WRITE_ATTENDANCE,
    P.WRITE_SCORES,
}
_STAFF = {
    P.READ_TRAINEES,
    P.READ_CONTACTS,
    P.READ_SCORES,
    P.READ_CASES,
    P.READ_ATTENDANCE,
    P.READ_FIGURES,
    P.READ_PEOPLE,
    P.WRITE_TRAINEES,
    P.WRITE_BUDGET,
}

TABLE: Final[Mapping[Role, RoleRow]] = {
    Role.TRAINEE: _row(
        "S95 ours",
        self={P.READ_TRAINEES, P.READ_SCORES, P.READ_ATTENDANCE, P.READ_ORDERS},
    ),
    Role.TRAINING_MANAGER: _row(
        "S1 S10 S11 S12 S14 S16 S17 S19 S20 S54",
        all=_TRAIN | {P.WRITE_SUGGESTIONS, P.WRITE_SCHEME, P.SUBMIT_FIGURES},
    ),
    Role.TRAINING_SPECIALIST: _row("S81 S83", all=_TRAIN),
    Role.LECTURER: _row("S13 S90 S93", own_classes=_TEACH),
    Role.INTERNAL_LECTURER: _row("S15 S90 S93", own_classes=_TEACH),
    Role.HEAD_TEACHER: _row(
        "S14 S94",
        own_cohorts=_TEACH
        | {P.READ_CONTACTS, P.READ_CASES, P.READ_FIGURES, P.WRITE_FOLLOW_UPS, P.APPROVE_LEAVE},
    ),
    Role.INVIGILATOR: _row(
        "S90", own_classes={P.READ_TRAINEES, P.WRITE_ATTENDANCE, P.WRITE_SCORES}
    ),
    Role.ASSISTANT: _row(
        "S68f S107 S108 S109 S110",
        all={
            P.READ_TRAINEES,
            P.READ_ATTENDANCE,
            P.WRITE_ATTENDANCE,
            P.WRITE_MATERIALS,
            P.WRITE_ASSETS,
        },
    ),
    Role.HR_OFFICER: _row("S68b S68c S68d S93", all=_STAFF),
    Role.HR_MANAGER: _row(
        "S82 S91 S97 S100 ours",
        all=_STAFF
        | {
            P.APPROVE_PLANS,
            P.APPROVE_OVERRIDE,
            P.REVIEW_PAPERS,
            P.RECOMMEND_ACTION,
            P.REQUEST_REPORTS,
            P.SUBMIT_FIGURES,
            P.MANAGE_PEOPLE,
        },
    ),
    Role.DEPARTMENT_HEAD: _row(
        "S64 S71",
        own_department={
            P.READ_TRAINEES,
            P.READ_SCORES,
            P.READ_ATTENDANCE,
            P.READ_FIGURES,
            P.APPROVE_PLANS,
        },
    ),
    Role.SUPERVISOR: _row(
        "S12 S45 S113",
        own_people={
            P.READ_TRAINEES,
            P.READ_CONTACTS,
            P.READ_SCORES,
            P.READ_ORDERS,
            P.READ_CASES,
            P.READ_FIGURES,
            P.WRITE_FOLLOW_UPS,
            P.RATE_SATISFACTION,
        },
    ),
    Role.PROJECT_LEAD: _row("S45 ours", all={P.READ_TRAINEES, P.READ_FIGURES, P.RATE_SATISFACTION}),
    Role.GENERAL_MANAGER: _row(
        "S45 S64 ours",
        all={
            P.READ_TRAINEES,
            P.READ_FIGURES,
            P.APPROVE_PLANS,
            P.REQUEST_REPORTS,
            P.SUBMIT_FIGURES,
            P.RATE_SATISFACTION,
        },
    ),
    Role.PARTY_REPRESENTATIVE: _row("S45", all={P.READ_FIGURES, P.RATE_SATISFACTION}),
    Role.CHANNEL_SPECIALIST: _row("S73", own_classes={P.READ_TRAINEES}),
    Role.HEAD_OFFICE: _row("S84 S112 ours", all={P.WRITE_SCHEME_FOR_ALL, P.MANAGE_PARTNERS}),
    Role.INTEGRATION: _row(OURS, all=_TRAIN),
    Role.ADMINISTRATOR: _row(OURS, all={P.READ_PEOPLE, P.MANAGE_PEOPLE, P.MANAGE_ACCESS}),
    Role.OPERATOR: _row(OURS, all=frozenset(P)),
}

ROLES: Final[Mapping[Role, RoleRights]] = {role: row.rights for role, row in TABLE.items()}


def in_role(
    tenant: UUID,
    actor: str,
    role: Role,
    *,
    zone: str = DEFAULT_ZONE,
    expires_at: datetime | None = None,
    only: Collection[P] | None = None,
) -> Principal:
    """Somebody who has one role and is no person, so that nothing is their own. only: the
    permissions to which that is limited."""
    rights = {
        one: dict.fromkeys(scopes, Ids())
        for one, scopes in ROLES[role].items()
        if only is None or one in only
    }
    return Principal(tenant, actor, (role,), rights, zone, expires_at)
