"""Who guesses passwords is made to wait, and is known by the account and by the address.

An attempt is counted before the password is looked at, and forgiven when it was right: so many at
once are no more than so many in turn. What waits is answered at once, and costs nobody else
anything. An account is what was typed as its mail address, whether there is one or not.
"""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final, Protocol, TypeVar
from uuid import UUID

import msgspec

from domain.kernel.errors import Refusal

T = TypeVar("T")

LONGEST_WAIT = timedelta(seconds=300)
PREFIX: Final = {4: 32, 6: 56}
"""Bits of an address by which its holder is known: with IPv6 one is given a network."""


class Failures(msgspec.Struct, frozen=True):
    """How often somebody was wrong, and when last."""

    count: int
    last_at: datetime


class Limit(msgspec.Struct, frozen=True):
    """How often one may be wrong. free: without waiting. locked: from then on it is for others to
    lift. forgotten: after so long without another."""

    free: int
    locked: int | None
    forgotten: timedelta

    def is_locked(self, count: int) -> bool:
        return self.locked is not None and count >= self.locked

    def standing(self, failures: Failures, now: datetime) -> Failures:
        """What still counts of the failures as another attempt begins: none, as of now, where they
        are forgotten. Refuses `log_in_locked`, `log_in_later` (seconds)."""
        count = failures.count
        if self.is_locked(count):
            raise Refusal("log_in_locked")
        if count == 0 or now - failures.last_at >= self.forgotten:
            return Failures(0, now)
        if count >= self.free:
            wait = min(timedelta(seconds=2 ** min(count - self.free, 9)), LONGEST_WAIT)
            left = (failures.last_at + wait - now).total_seconds()
            if left > 0:
                raise Refusal("log_in_later", seconds=int(left) + 1)
        return failures


OF_ACCOUNT = Limit(free=5, locked=20, forgotten=timedelta(days=7))
OF_ADDRESS = Limit(free=30, locked=None, forgotten=timedelta(hours=1))
"""Higher, since a whole office may have one, and never locked: it may be somebody else's by now."""


class Attempts(Protocol):
    """The port of what was counted; adapter in infra/access/attempts.py."""

    async def begin(self, limits: Mapping[bytes, Limit], now: datetime) -> dict[bytes, Failures]:
        """Counts one more under each key, or under none where a limit refuses; answers what stood
        there before."""

    async def forgive(self, before: Mapping[bytes, Failures]) -> None:
        """Takes an attempt back, of which `begin` answered this: nobody waits for it."""

    async def is_locked(self, keys: Collection[bytes]) -> bool:
        """Whether one of them is for others to lift."""

    async def forget(self, key: bytes) -> bool:
        """Begins anew; False where nothing was counted."""


def account_key(address: str) -> bytes:
    """address: as accounts are kept by it."""
    return hashlib.sha256(b"account " + address.encode()).digest()


def code_key(user_id: UUID) -> bytes:
    """Of codes after the password, which are guessed apart from it: whoever knows one of them is to
    get no further with the other, nor with another account of the address."""
    return hashlib.sha256(b"code " + user_id.bytes).digest()


def holder_of(client: str | None) -> str | None:
    """Who is known by a client's address; None of one that tells nobody apart: this machine's own,
    where a proxy may stand that nobody named, or none."""
    try:
        address = ip_address(client or "")
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return None
    return str(ip_network(f"{address}/{PREFIX[address.version]}", strict=False))


def holder_key(holder: str) -> bytes:
    """holder: as `holder_of` answers."""
    return hashlib.sha256(b"address " + holder.encode()).digest()


def limits_of(account: bytes, holder: str | None) -> dict[bytes, Limit]:
    """What is counted of an attempt, the account's first."""
    limits = {account: OF_ACCOUNT}
    if holder is not None:
        limits[holder_key(holder)] = OF_ADDRESS
    return limits


async def attempted(
    attempts: Attempts,
    account: bytes,
    holder: str | None,
    now: datetime,
    look: Callable[[], Awaitable[T | None]],
    is_alone: Callable[[T], bool] = lambda _: True,
) -> T | None:
    """What an attempt is answered, counted before it is looked at; None, of a wrong one, stays
    counted, also where who asked leaves meanwhile. is_alone: whether what was found is all that is
    guessed at; else the count goes on, or whoever has one of several would guess the others by it.

    Refuses `log_in_later` (seconds) and `log_in_locked` before any work.
    """
    limits = limits_of(account, holder)
    before = await attempts.begin(limits, now)
    try:
        found = await look()
    except Exception:  # Not of who leaves, or leaving would be a way to guess on.
        await attempts.forgive(before)
        raise
    if found is not None:
        begins_anew = is_alone(found)
        kept = {key: one for key, one in before.items() if key != account or not begins_anew}
        await attempts.forgive(kept)
        if begins_anew:
            await attempts.forget(account)
    return found
