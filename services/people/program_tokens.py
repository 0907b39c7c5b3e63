"""Tokens that people give to programs: their own, and a service's, of the organisation."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

from domain.kernel.bounds import Text
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import required
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES, in_role
from services.people.access import LoginSession
from services.people.rights import require_own
from services.people.sessions import require_recent
from services.people.tokens import Issued, KnownToken, Tokens

_LABEL = Text(100)


class ProgramTokens(ABC):
    """The use cases, put together in infra/app.py. What shows a token refuses `log_in_anew`
    (minutes)."""

    def __init__(self, tokens: Tokens, clock: Callable[[], datetime]) -> None:
        self._tokens, self._clock = tokens, clock

    @abstractmethod
    async def list_tokens(self, asker: Principal) -> Sequence[KnownToken]:
        """What somebody may revoke, the newest first."""

    @abstractmethod
    def permissions_to_give(self, giver: Principal) -> set[Permission]:
        """What a program can be allowed by somebody."""

    @abstractmethod
    def _role(self, giver: Principal) -> Role | None:
        """As of KnownToken, of a new one. Refuses who may make none."""

    async def issue(
        self, session: LoginSession, *, label: str, scopes: Collection[str], days: int
    ) -> Issued:
        """A token of a program, shown once. scopes: permissions, of `permissions_to_give`.

        Refuses `label_missing`, `text_too_long`, `scopes_missing`, `right_not_held`, and what
        Tokens.add refuses.
        """
        giver = session.principal
        role = self._role(giver)
        require_recent(session, self._clock())
        label = required(label, "label")
        _LABEL.check(label, "label")
        if not scopes:
            raise Refusal("scopes_missing", field="scopes")
        lacked = {*Permission} - self.permissions_to_give(giver)
        if one := next((one for one in scopes if one in lacked), None):
            raise Refusal("right_not_held", field="scopes", permission=one)
        return await self._tokens.add(
            giver.tenant,
            role,
            label=label,
            scopes=[*scopes],
            days=days,
            made_by=session.user_id,
        )

    async def rotate(
        self, session: LoginSession, token_id: UUID, *, days: int, overlap_days: int
    ) -> Issued:
        """Another token in the place of one, shown once, and made by who asks. Refuses
        `right_not_held` where a service's may do more than they, and what Tokens.rotate refuses."""
        token = await self._find(session.principal, token_id)
        require_recent(session, self._clock())
        if token.role is not None:
            may = in_role(token.tenant_id, "", token.role, only=token.scopes)
            require_own(session.principal, may.rights, "scopes")
        return await self._tokens.rotate(
            token_id, days=days, overlap_days=overlap_days, made_by=session.user_id
        )

    async def revoke(self, asker: Principal, token_id: UUID) -> None:
        """Ends a token; every process refuses it within a second. Raises NotFoundError
        `token_unknown`."""
        await self._find(asker, token_id)
        await self._tokens.revoke(token_id)

    async def _find(self, asker: Principal, token_id: UUID) -> KnownToken:
        for one in await self.list_tokens(asker):
            if one.token_id == token_id:
                return one
        raise NotFoundError("token_unknown", field="id", id=str(token_id))


class PersonalTokens(ProgramTokens):
    """Somebody's own. The program may do what they may, whenever it uses the token, as far as they
    may, and no more than the token's permissions: so it ends with them."""

    async def list_tokens(self, asker: Principal) -> Sequence[KnownToken]:
        return await self._tokens.own(asker)

    def permissions_to_give(self, giver: Principal) -> set[Permission]:
        # Who lets others in logs in for it, or a token that was lost would make doors.
        return {*giver.rights} - {Permission.MANAGE_ACCESS}

    def _role(self, giver: Principal) -> None:
        return None


class ServiceTokens(ProgramTokens):
    """The organisation's, for who manages access there, who sees and revokes people's own besides.

    A program may do no more than who makes its token may, which no log tells: whoever lets others
    in takes a role first, which the log tells. It goes on when they leave, see Tokens.left_alone.
    All raise PermissionRefusedError `permission_refused`, `everything_needed`.
    """

    async def list_tokens(self, asker: Principal) -> Sequence[KnownToken]:
        asker.require_everything(Permission.MANAGE_ACCESS)
        return await self._tokens.list_of(asker.tenant)

    def permissions_to_give(self, giver: Principal) -> set[Permission]:
        return {one for one in ROLES[self._role(giver)] if giver.may_everywhere(one)}

    def _role(self, giver: Principal) -> Role:
        giver.require_everything(Permission.MANAGE_ACCESS)
        return Role.HEAD_OFFICE if giver.is_of_head_office else Role.INTEGRATION
