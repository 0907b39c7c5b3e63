"""A channel company (渠道商): the tenant (S111)."""

from typing import Any

from domain.kernel.aggregate import Aggregate, DomainCreated

DEFAULT_ZONE = "Asia/Shanghai"


class Partner(Aggregate):
    """The company, whose joining is the first event of every tenant."""

    TOPIC = "partner"

    class Joined(DomainCreated):
        """Joined Chudan. `zone`: IANA name; business dates are local there."""

        TOPIC = "partner.joined"
        code: str
        name: str
        zone: str = DEFAULT_ZONE

    @classmethod
    def join(cls, partner_id: str, **facts: Any) -> "Partner":
        """Takes a partner in. `facts` are the fields of Joined."""
        return cls._create(cls.Joined, id=partner_id, **facts)

    def __init__(self, code: str, zone: str) -> None:
        self.code = code
        self.zone = zone
