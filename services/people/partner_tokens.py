"""The tokens of an organisation's programs, for who manages access there."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

from domain.kernel.bounds import Text
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import required
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES, in_role
from services.people.access import Accounts, Issued, LoginSession
from services.people.rights import require_own
from services.people.sessions import require_recent
from services.people.tokens import KnownToken, Tokens

_LABEL = Text(100)


class PartnerTokens:
    """The use cases, put together in infra/app.py. A program may do no more than who makes its
    token may, which no log tells: whoever lets others in takes a role first, which the log tells.

    All raise PermissionRefusedError `permission_refused`, `everything_needed`; what shows a token
    refuses `log_in_anew` (minutes).
    """

    def __init__(self, tokens: Tokens, accounts: Accounts, clock: Callable[[], datetime]) -> None:
        self._tokens, self._accounts, self._clock = tokens, accounts, clock

    async def list_tokens(self, asker: Principal) -> Sequence[KnownToken]:
        """Of the organisation of who asks, the newest first."""
        return await self._tokens.list_tokens(await self._partner(asker))

    async def issue(
        self, session: LoginSession, *, label: str, scopes: Collection[str], days: int
    ) -> Issued:
        """A token of a program, shown once. scopes: permissions, of `permissions_to_give`.

        Refuses `label_missing`, `text_too_long`, `scopes_missing`, `right_not_held`, and what
        Accounts.issue_token refuses.
        """
        giver = session.principal
        partner = await self._partner(giver)
        require_recent(session, self._clock())
        label = required(label, "label")
        _LABEL.check(label, "label")
        if not scopes:
            raise Refusal("scopes_missing", field="scopes")
        known = permissions_to_give(giver)
        if lacked := next((one for one in scopes if one in {*Permission} - known), None):
            raise Refusal("right_not_held", field="scopes", permission=lacked)
        return await self._accounts.issue_token(
            role=_role_of_programs(giver), partner=partner, days=days, label=label, scopes=[*scopes]
        )

    async def rotate(
        self, session: LoginSession, token_id: UUID, *, days: int, overlap_days: int
    ) -> Issued:
        """Another token in the place of one, shown once. Refuses `right_not_held` where that may do
        more than who asks, and what Tokens.rotate refuses."""
        token = await self._own(session.principal, token_id)
        require_recent(session, self._clock())
        may = in_role(token.tenant_id, "", token.role, only=token.scopes)
        require_own(session.principal, may.rights, "scopes")
        return await self._tokens.rotate(token_id, days=days, overlap_days=overlap_days)

    async def revoke(self, asker: Principal, token_id: UUID) -> None:
        """Ends a token; every process refuses it within a second. Raises NotFoundError
        `token_unknown`."""
        await self._own(asker, token_id)
        await self._tokens.revoke(token_id)

    async def _partner(self, asker: Principal) -> str | None:
        asker.require_everything(Permission.MANAGE_ACCESS)
        if asker.is_of_head_office:
            return None
        return (await self._accounts.organisation_of(asker.tenant)).code

    async def _own(self, asker: Principal, token_id: UUID) -> KnownToken:
        for one in await self.list_tokens(asker):
            if one.token_id == token_id:
                return one
        raise NotFoundError("token_unknown", field="id", id=str(token_id))


def permissions_to_give(giver: Principal) -> set[Permission]:
    """What a program can be allowed by somebody: what programs may, and the giver over
    everything."""
    known = ROLES[_role_of_programs(giver)]
    return {one for one in known if giver.may_everywhere(one)}


def _role_of_programs(giver: Principal) -> Role:
    return Role.HEAD_OFFICE if giver.is_of_head_office else Role.INTEGRATION
