"""What an organisation, a partner or head office, asks of whoever logs in there."""

from datetime import date
from uuid import UUID

from domain.kernel.aggregate import Aggregate, DomainCreated, DomainEvent


class AccessRules(Aggregate):
    """The rules of an organisation, in one stream; there is none before it rules something."""

    TOPIC = "access_rules"

    class Begun(DomainCreated):
        """Rules something of its own."""

        TOPIC = "access_rules.begun"

    class CodesRequired(DomainEvent):
        """Requires one-time codes after the password, from a day on."""

        TOPIC = "access_rules.codes_required"
        on: date

    class CodesLeft(DomainEvent):
        """Leaves it to everybody again whether a code is asked."""

        TOPIC = "access_rules.codes_left"

    @staticmethod
    def id_of(tenant_id: UUID) -> str:
        """The id of an organisation's stream of this kind."""
        return f"{AccessRules.TOPIC}-{tenant_id}"

    @classmethod
    def begin(cls, rules_id: str) -> "AccessRules":
        """The rules of an organisation that had none."""
        return cls._create(cls.Begun, id=rules_id)

    def __init__(self) -> None:
        self.codes_from: date | None = None

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case AccessRules.CodesRequired(on=on):
                self.codes_from = on
            case AccessRules.CodesLeft():
                self.codes_from = None

    def are_codes_due(self, day: date) -> bool:
        """Whether codes are required on a day."""
        return self.codes_from is not None and self.codes_from <= day

    def require_codes(self, *, on: date) -> None:
        """Requires codes from a day on, in place of another; nothing where it is that already."""
        if self.codes_from != on:
            self.trigger_event(self.CodesRequired, on=on)

    def leave_codes(self) -> None:
        """Requires codes no more; nothing where they are not."""
        if self.codes_from is not None:
            self.trigger_event(self.CodesLeft)
