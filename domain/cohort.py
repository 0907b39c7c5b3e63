"""A batch (批次) of newcomers that is trained together (S10, S42, S114)."""

from datetime import date

from eventsourcing.domain import event

from domain.aggregate import Aggregate, DomainCreated


class Cohort(Aggregate):
    """The batch and the rules that its members pass."""

    TOPIC = "cohort"

    class Opened(DomainCreated):
        """The class opened (开班)."""

        TOPIC = "cohort.opened"
        code: str
        name: str
        opened_on: date
        trial_required: bool = False

    @classmethod
    def open(
        cls, cohort_id: str, *, code: str, name: str, opened_on: date, trial_required: bool
    ) -> "Cohort":
        """A new batch; `trial_required`: nobody goes live without a passed trial post (试岗)."""
        return cls._create(
            cls.Opened,
            id=cohort_id,
            code=code,
            name=name,
            opened_on=opened_on,
            trial_required=trial_required,
        )

    @event(Opened)
    def __init__(self, code: str, trial_required: bool) -> None:
        self.code = code
        self.trial_required = trial_required
