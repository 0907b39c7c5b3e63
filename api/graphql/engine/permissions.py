"""Who may read which field: one row per type, and one per field where it differs; those of lists
follow from their declarations, and a page asks for what the things on it ask for.

A document's fields are known before it runs, so what it needs is gathered once per document and
compared with the caller before any resolver runs: no resolver asks again. What a mutation changes
is the command's permission (services/registry.py), whose refusal is data.
"""

from collections.abc import Mapping
from enum import StrEnum

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)

from domain.kernel.errors import PermissionRefusedError, Refusal
from projections import LISTINGS
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission, may
from services.reading.lists import PERMISSIONS
from services.registry import COMMANDS


class Standing(StrEnum):
    """What a field asks for beside a permission."""

    SIGNED_IN = "signed_in"
    MEMBER = "partner_data"
    """Any principal of a partner; head office and operators are none."""
    HEAD_OFFICE = "head_office"
    """Head office itself; nobody of a partner, and no operator."""


Need = Permission | Standing

MUTATIONS: Mapping[str, Need] = {
    **{command.__name__: Standing.MEMBER for command, row in COMMANDS.items() if row.answers},
    "CancelJob": Standing.MEMBER,
    "RequestWhatIf": Standing.MEMBER,
    "PublishSchemeForAll": Standing.HEAD_OFFICE,
    "RequestWhatIfForAll": Standing.HEAD_OFFICE,
    "CancelWhatIfForAll": Standing.HEAD_OFFICE,
}
"""Who may ask for a mutation and read its payload; in capitals, as its input is named."""

TYPES: Mapping[str, Need] = {
    "Viewer": Standing.SIGNED_IN,
    # Reached only through fields that ask: of a partner's figures, or of head office's.
    "Ratio": Standing.SIGNED_IN,
    "PageInfo": Standing.SIGNED_IN,
    "HeadOffice": Standing.HEAD_OFFICE,
    "NamedPartner": Standing.HEAD_OFFICE,
    "PartnerFigure": Standing.HEAD_OFFICE,
    "PartnerSeries": Standing.HEAD_OFFICE,
    "LeaguePlace": Standing.HEAD_OFFICE,
    # Reached through a field that asks for membership, or through a viewer who has a partner.
    "Partner": Standing.SIGNED_IN,
    "Scheme": Standing.SIGNED_IN,
    "SchemeVersion": Standing.SIGNED_IN,
    "SchemeLine": Standing.SIGNED_IN,
    "SchemeCriterion": Standing.SIGNED_IN,
    "SchemeParameters": Standing.SIGNED_IN,
    "SchemeTarget": Standing.SIGNED_IN,
    "WorkingDays": Standing.SIGNED_IN,
    "Deadline": Standing.SIGNED_IN,
    "MissedPeriod": Standing.SIGNED_IN,
    "NewcomerFigures": Permission.READ_FIGURES,
    "AsOf": Permission.READ_FIGURES,
    "Explanation": Permission.READ_FIGURES,
    "CountedMember": Permission.READ_FIGURES,
    "TraineeInTraining": Permission.READ_FIGURES,
    "CountedOrder": Permission.READ_FIGURES,
    "JudgedTrial": Permission.READ_FIGURES,
    "RecordedEvent": Permission.READ_FIGURES,
    "Board": Permission.READ_FIGURES,
    "Kpi": Permission.READ_FIGURES,
    "KpiFigure": Permission.READ_FIGURES,
    "Comparison": Permission.READ_FIGURES,
    "ComparedFigure": Permission.READ_FIGURES,
    "MovedLine": Permission.READ_FIGURES,
    "ScorecardComparison": Permission.READ_FIGURES,
    "KpiExplanation": Permission.READ_FIGURES,
    "KpiLine": Permission.READ_FIGURES,
    "Bucket": Permission.READ_FIGURES,
    "SeriesPoint": Permission.READ_FIGURES,
    "FirstOrderCurve": Permission.READ_FIGURES,
    "CurvePoint": Permission.READ_FIGURES,
    "Forecast": Permission.READ_FIGURES,
    "Estimate": Permission.READ_FIGURES,
    "Scorecard": Permission.READ_FIGURES,
    "ScorecardDimension": Permission.READ_FIGURES,
    "ScorecardLine": Permission.READ_FIGURES,
    "ScorecardCriterion": Permission.READ_FIGURES,
    "Points": Permission.READ_FIGURES,
    "GroupFigures": Permission.READ_FIGURES,
    "CohortCounts": Permission.READ_TRAINEES,
    "Handover": Permission.READ_TRAINEES,
    "SessionPlan": Permission.READ_TRAINEES,
    "SessionOpening": Permission.READ_TRAINEES,
    "SessionClosing": Permission.READ_TRAINEES,
    "SessionSummary": Permission.READ_TRAINEES,
    "FollowUpNote": Permission.READ_TRAINEES,
    "Order": Permission.READ_TRAINEES,
    "Trial": Permission.READ_TRAINEES,
    "Exam": Permission.READ_TRAINEES,
    "SubmissionVintage": Permission.READ_FIGURES,
    "SubmittedFigure": Permission.READ_FIGURES,
    "SubmissionRestatement": Permission.READ_FIGURES,
    "RestatedFigure": Permission.READ_FIGURES,
    "RestatementCause": Permission.READ_FIGURES,
    "Job": Permission.REQUEST_REPORTS,
    "JobError": Permission.REQUEST_REPORTS,
    "Node": Standing.MEMBER,
    "UserError": Standing.SIGNED_IN,
    "WhatIfForAll": Standing.HEAD_OFFICE,
    "PartnerWhatIf": Standing.HEAD_OFFICE,
    **{listing.kind: PERMISSIONS[listing.name] for listing in LISTINGS},
    **{f"{name}Payload": need for name, need in MUTATIONS.items()},
}

FIELDS: Mapping[str, Need] = {
    **{
        f"Query.{field}": PERMISSIONS[listing.name]
        for listing in LISTINGS
        for field in (listing.plural, listing.singular)
        if listing.is_root
    },
    "Query.me": Standing.SIGNED_IN,
    "Query.workingDays": Standing.SIGNED_IN,
    "Query.deadline": Standing.SIGNED_IN,
    "Query.reportSubject": Standing.SIGNED_IN,
    "Query.cadence": Standing.SIGNED_IN,
    "Query.partner": Standing.MEMBER,
    "Query.node": Standing.MEMBER,
    "Query.newcomerFigures": Permission.READ_FIGURES,
    "RestatementCause.trainee": Permission.READ_TRAINEES,
    "Query.job": Permission.REQUEST_REPORTS,
    "Query.board": Permission.READ_FIGURES,
    "Query.kpiCatalog": Permission.READ_FIGURES,
    "Query.kpis": Permission.READ_FIGURES,
    "Query.compare": Permission.READ_FIGURES,
    "Query.compareScorecards": Permission.READ_FIGURES,
    "Query.whatIf": Permission.READ_FIGURES,
    "Query.whatIfForAll": Standing.HEAD_OFFICE,
    "Query.series": Permission.READ_FIGURES,
    "Query.firstOrderCurve": Permission.READ_FIGURES,
    "Query.forecast": Permission.READ_FIGURES,
    "Query.scorecard": Permission.READ_FIGURES,
    "Query.headOffice": Standing.HEAD_OFFICE,
    "Viewer.partner": Standing.SIGNED_IN,
    "Cohort.figures": Permission.READ_FIGURES,
    "CountedMember.trainee": Permission.READ_TRAINEES,
    "KpiLine.trainee": Permission.READ_TRAINEES,
    "MovedLine.trainee": Permission.READ_TRAINEES,
    "CountedOrder.trainee": Permission.READ_TRAINEES,
    "JudgedTrial.trainee": Permission.READ_TRAINEES,
    "TraineeInTraining.trainee": Permission.READ_TRAINEES,
    "Subscription.figuresChanged": Permission.READ_FIGURES,
    "Subscription.jobProgress": Permission.REQUEST_REPORTS,
    **{f"Mutation.{name[0].lower()}{name[1:]}": need for name, need in MUTATIONS.items()},
}


def need_of(type_name: str, field_name: str) -> Need | None:
    """What a field asks for; None where no row says it, which a test refuses."""
    if field_name.startswith("__") or type_name.startswith("__"):
        return Standing.SIGNED_IN
    named = FIELDS.get(f"{type_name}.{field_name}") or TYPES.get(type_name)
    return named or TYPES.get(type_name.removesuffix("Connection").removesuffix("Edge"))


def needs(schema: GraphQLSchema, document: DocumentNode) -> frozenset[Need]:
    """What all fields of a validated document ask for."""
    found: set[Need] = set()
    types = TypeInfo(schema)

    class Gathering(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            parent = types.get_parent_type()
            need = need_of(parent.name, node.name.value) if parent else None
            # A field without a row may be read by nobody.
            found.add(need or Permission.MANAGE_ACCESS)

    visit(document, TypeInfoVisitor(types, Gathering()))
    return frozenset(found)


def check(principal: Principal | None, needed: frozenset[Need]) -> Principal:
    """Refuses `not_signed_in`, `permission_refused`."""
    if principal is None:
        raise Refusal("not_signed_in")
    for need in sorted(needed):
        if not _stands(principal, need):
            raise PermissionRefusedError(
                "permission_refused", permission=str(need), role=str(principal.role)
            )
    return principal


def _stands(principal: Principal, need: Need) -> bool:
    if need is Standing.SIGNED_IN:
        return True
    if need is Standing.HEAD_OFFICE:
        return principal.tenant_id is None and principal.role is Role.HEAD_OFFICE
    if principal.tenant_id is None:
        return False
    return need is Standing.MEMBER or (isinstance(need, Permission) and may(principal, need))
