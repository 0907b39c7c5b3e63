"""One installation, put together for the doors and the processes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, overload
from urllib.parse import urlsplit
from uuid import UUID

from cachetools import LRUCache

from domain.kernel.aggregate import DomainEvent, event_kinds, spoken_of, topics_of
from domain.kernel.errors import InstallationError, Refusal
from domain.planning.calendar import CalendarYear, WorkingDays, local_day
from infra.access.accounts import PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.access.first_start import PostgresFirstStart
from infra.access.holders import PostgresHolders
from infra.access.links import PostgresLinks
from infra.access.log_ins import PostgresLogIns
from infra.access.own_password import PostgresPasswords
from infra.access.passkeys import PostgresPasskeys
from infra.access.providers import providers
from infra.access.second_factor import PostgresCodes
from infra.access.sessions import PostgresSessions
from infra.access.sign_ins import PostgresSignIns
from infra.access.tokens import PostgresTokens
from infra.database.db import POOL_SIZE, Database
from infra.database.watcher import Watcher
from infra.headoffice.head_office import HeadOfficeSchemes
from infra.headoffice.head_office_what_ifs import HeadOfficeWhatIfs
from infra.log.feed import Feed, FeedEntry, Unreadable
from infra.log.key_rotation import KeyRotation
from infra.log.log_check import LogVerifier
from infra.log.log_sealer import UNSEALED
from infra.log.log_seals import SealKey
from infra.log.seal_key_rotation import SealKeyRotation
from infra.log.tenant_log import TenantLog
from infra.readside.checkpoints import Lag, Parked, lag, list_parked, list_skips
from infra.readside.evaluators import EvaluatorPool
from infra.readside.incomplete_models import IncompleteModels
from infra.readside.people import people_at
from infra.readside.rebuild import Rebuilder
from infra.readside.series import count_behind
from infra.readside.skipped import Skip
from infra.readside.time_travel import TimeTravel
from infra.readside.verify import Verifier
from infra.readside.waiting import Waiting
from infra.servers.data_folder import has_room, is_in_folder, list_away
from infra.servers.watchdog import SignsOfLife
from infra.settings import Settings
from infra.turns import Places
from infra.work.causes import LeftOfImport, count_left, recorded_since
from infra.work.files import FOLDER as FILES
from infra.work.files import Files, inspect_upload
from infra.work.jobs import Jobs
from infra.work.mail_messages import FOLDER as MAILS
from infra.work.mail_messages import file_of
from infra.work.mails import PostgresMails
from projections import PROJECTIONS
from projections.kernel.progress import Standing, list_positions
from projections.kernel.projection import Projection, Selection, TenantTables
from services.importing.sheets.kind import StayRecord
from services.jobs.imports import Imports
from services.jobs.jobs import Job
from services.kernel.context import Context, Principal, integrated, typed
from services.kernel.permissions import TO_READ_ALL, Permission
from services.people.access import Accounts
from services.people.acting import as_now
from services.people.first_start import FirstStart
from services.people.holders import Holders
from services.people.links import Links
from services.people.log_ins import LogIns
from services.people.own_password import OwnPassword
from services.people.partners import Admissions
from services.people.passkeys import Challenges, Passkeys
from services.people.passwords import Passwords
from services.people.program_tokens import PersonalTokens, ServiceTokens
from services.people.second_factor import SecondFactor
from services.people.sessions import Sessions
from services.people.sign_in import SignIns
from services.people.tokens import Tokens
from services.people.ways_in import WaysIn
from services.reactors import REACTORS
from services.reading.figures import FigureReader
from services.reading.head_office import HeadOfficeFigures
from services.reading.kept_rows import KeptRows
from services.reading.lists import PastReader, Reader
from services.reading.moment import Moment, Times
from services.reading.namesakes import RecordedPeople
from services.reading.tables import TableReader
from services.reading.timelines import Timelines
from services.scheme.head_office import HeadOffice

V = TypeVar("V")

OF_STAYS = (
    Permission.READ_TRAINEES,
    Permission.READ_CONTACTS,
    Permission.READ_SCORES,
    Permission.READ_ORDERS,
)
"""What reading all that is recorded of somebody takes."""

READS_AT_ONCE = POOL_SIZE // 2
"""Of one partner: one document may ask for thousands, and whoever comes then would wait for all of
them until a connection is free."""

MOST_PARTNERS_KEPT = 100
"""Of whose people the rows are kept that figures name: MOST_KEPT of each, at one standing of their
read model, whose rows are let go of when it moves."""

LOOK_SECONDS = 0.25
"""Between two looks at the positions that are followed."""

_CALENDAR = "select year, days_off, days_worked from calendar_years order by year"


class App:
    """One installation at work, put together over what infra/bootstrap.py opens.

    An attribute is set once: other parts were made with it, and would keep it.

    wait_for: Waiting's, until read models have reached a position; refuses `position_not_reached`.
    time_travel: read models at an earlier position. imports: uploads become jobs. positions: of
    the tenants' figures. signs: of life, of its process.
    """

    def __init__(
        self,
        settings: Settings,
        db: Database,
        log: TenantLog,
        clock: Callable[[], datetime],
        passwords: Passwords,
        waiting: Waiting,
        evaluators: EvaluatorPool,
        signs: SignsOfLife,
    ) -> None:
        self.settings, self.db, self.log, self.clock = settings, db, log, clock
        self.passwords, self.wait_for = passwords, waiting.wait_for
        self._access = rows = PostgresAccess(db, lambda: settings.dsn("owner"), log)
        attempts = PostgresAttempts(db)
        self.accounts = Accounts(rows, attempts, passwords, log, clock)
        self.mails = PostgresMails(db, log.secret_keys, settings.mail_from, clock)
        links = PostgresLinks(db, lambda: settings.dsn("owner"), log)
        self.links = Links(
            links,
            self.accounts,
            attempts,
            passwords,
            self.mails,
            clock,
            settings.origin,
        )
        self.first_start = FirstStart(PostgresFirstStart(db), passwords, log, clock)
        self.partners = Admissions(self.accounts, self.links, clock)
        self.log_ins = LogIns(PostgresLogIns(db), self.links, self.accounts, attempts)
        vouching = providers(settings.registrations, clock)
        offered = WaysIn(tuple(vouching), urlsplit(settings.origin).hostname or "")
        self.sign_ins = SignIns(
            vouching,
            PostgresSignIns(db),
            self.accounts,
            attempts,
            clock,
            settings.origin,
            offered,
        )
        self.sessions = Sessions(PostgresSessions(db), self.accounts, clock)
        codes = PostgresCodes(db, log.secret_keys)
        self.second_factor = SecondFactor(codes, attempts, self.accounts, self.sessions, clock)
        self.passkeys = Passkeys(
            PostgresPasskeys(db),
            Challenges(lambda: log.secret_keys.at_hand),
            self.accounts,
            self.sessions,
            clock,
            offered,
        )
        self.own_password = OwnPassword(PostgresPasswords(db), self.accounts, passwords, clock)
        tokens = PostgresTokens(db, lambda: settings.dsn("owner"))
        self.tokens = Tokens(tokens, rows, self.accounts, clock)
        self.personal_tokens = PersonalTokens(self.tokens, clock)
        self.service_tokens = ServiceTokens(self.tokens, clock)
        self.holders = Holders(PostgresHolders(db), log, self.as_now)
        self.files, self.jobs = Files(db, settings.data / FILES), Jobs(db)
        self.imports = Imports(self.files, self.jobs, inspect_upload)
        self.head_office_figures = HeadOfficeFigures(db)
        self.head_office = HeadOffice(HeadOfficeSchemes(db), HeadOfficeWhatIfs(db, self.jobs))
        self.time_travel = TimeTravel(db, log)
        self.times = Times(self.time_travel, clock)
        self.evaluators, self.signs = evaluators, signs
        self.figures = FigureReader(db, self.time_travel, self.times, evaluators)
        self.positions = Watcher(self.figures.positions, LOOK_SECONDS)
        self.rebuilder = Rebuilder(db, log, settings.data)
        self.verifier = Verifier(db, log, self.time_travel)
        self.log_verifier = LogVerifier(
            db, settings.data, lambda: SealKey(settings.given().seal_keys[0]).public
        )
        self.seal_key_rotation = SealKeyRotation(db, settings)
        self.key_rotation = KeyRotation(db, log.secret_keys)
        self.incomplete_models = IncompleteModels(db)
        self._reads = Places(READS_AT_ONCE)
        self._people_kept = LRUCache[UUID, tuple[Standing, KeptRows]](MOST_PARTNERS_KEPT)

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self):
            raise AttributeError(f"{name} is set already")
        super().__setattr__(name, value)

    def context(
        self,
        principal: Principal,
        *,
        source: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
        as_seen: int | None = None,
        correlation_id: UUID | None = None,
        causation_id: UUID | None = None,
    ) -> Context:
        """The context of a command that is accepted now."""
        return Context(
            principal=principal,
            log=self.log,
            now=self.clock(),
            source=source or (integrated() if principal.is_program else typed()),
            idempotency_key=idempotency_key,
            as_seen=as_seen,
            correlation_id=correlation_id,
            causation_id=causation_id,
        )

    async def as_now(self, principal: Principal) -> Principal:
        """A principal of before as it is now, see services/people/acting.py."""
        return await as_now(self._access, principal, self.clock())

    async def working_days(self) -> WorkingDays:
        """The statutory calendar as it is loaded."""
        async with self.db.untenanted() as connection:
            rows = await connection.fetch(_CALENDAR)
        return WorkingDays(
            CalendarYear(row["year"], tuple(row["days_off"]), tuple(row["days_worked"]))
            for row in rows
        )

    async def events(self, principal: Principal, *, after: int, most: int) -> list[FeedEntry]:
        """The log of who asks in order after a position, personal fields opened. Raises
        PermissionRefusedError `permission_refused`, `everything_needed`: what is whose changes in
        the log itself. What is said of rights, and that it was withdrawn, is left out where
        somebody does not manage people."""
        principal.require_everything(*sorted(TO_READ_ALL))
        kinds = set(event_kinds())
        hidden = set[type[DomainEvent]]()
        if not principal.may_everywhere(Permission.MANAGE_PEOPLE):
            hidden = {kind for kind in kinds if kind.OF_ACCESS}
        async with self.db.tenant(principal.tenant) as tenant:
            wanted = Selection(topics_of(kinds - hidden), personal=True)
            found = await Feed(self.log).read(tenant, wanted, after=after, until=after + most)
        unsaid = set(topics_of(hidden))
        return [
            one
            for one in found
            if isinstance(one, Unreadable) or spoken_of(one.event) not in unsaid
        ]

    async def read(self, tenant_id: UUID, query: Callable[[TenantTables], Awaitable[V]]) -> V:
        """One query of a projection's in a transaction that sees one tenant, once one of
        the tenant's places is free."""
        async with self._reads.of(tenant_id), self.db.tenant(tenant_id) as tenant:
            return await query(tenant)

    @overload
    def lists(self, principal: Principal) -> TableReader: ...
    @overload
    def lists(
        self, principal: Principal, moment: Moment | None, people: Standing | None = None
    ) -> Reader: ...
    def lists(
        self, principal: Principal, moment: Moment | None = None, people: Standing | None = None
    ) -> Reader:
        """The lists of a partner as of a moment; None: of today, as known now. What is not within
        the principal's purview is not there. people: where the read model of people stands, at the
        moment's position; what it says there is kept."""
        if moment is None:
            today = local_day(self.clock(), principal.zone)
            return TableReader(principal, partial(self.read, principal.tenant), today)
        kept = self._people_kept.get(principal.tenant) if people else None
        if people is not None and (kept is None or kept[0] != people):
            kept = self._people_kept[principal.tenant] = (people, KeptRows())
        return PastReader(principal, self.db, self.time_travel, moment, self.evaluators, kept)

    def timelines(
        self, principal: Principal, moment: Moment | None, reader: Reader | None = None
    ) -> Timelines:
        """What happened to things as of a moment. reader: of that moment, where there is one."""
        lists = reader or self.lists(principal, moment)
        return Timelines(principal, lists, self.time_travel, moment)

    def recorded_people(self, principal: Principal) -> RecordedPeople:
        """A partner's people by their names. Raises PermissionRefusedError `permission_refused`,
        `everything_needed`."""
        principal.require_everything(Permission.IMPORT_FILES)
        return RecordedPeople(partial(self.read, principal.tenant))

    def people(self, principal: Principal, position: int) -> AsyncIterator[Sequence[StayRecord]]:
        """Everybody as recorded up to a position of the log, see people_at. Raises
        PermissionRefusedError `permission_refused`, `everything_needed`."""
        principal.require_everything(*OF_STAYS)
        return people_at(self.db, self.log, principal.tenant, position)

    async def reached(
        self, tenant_id: UUID, shown_by: Collection[Projection[Any]]
    ) -> Sequence[int]:
        """The positions that read models show."""
        return await self.read(tenant_id, lambda tenant: list_positions(tenant, shown_by))

    async def left_of_import(self, principal: Principal, imported: Job) -> LeftOfImport:
        """What goes if an import is taken back, counted. Raises PermissionRefusedError
        `permission_refused`, `everything_needed`."""
        principal.require_everything(Permission.IMPORT_FILES)
        async with self.db.tenant(imported.tenant_id) as tenant:
            return await count_left(tenant, imported)

    async def recorded_since(self, tenant_id: UUID, position: int) -> int:
        """How many records came after a position, see infra/work/causes.py."""
        async with self.db.tenant(tenant_id) as tenant:
            return await recorded_since(tenant, position)

    async def lags(self) -> dict[str, list[Lag]]:
        """How far each `projection` and each `reactor` is behind, over all tenants."""
        return {
            "projection": await lag(self.db, PROJECTIONS),
            "reactor": await lag(self.db, REACTORS),
        }

    async def list_away(self) -> Sequence[str]:
        """The servers and processes of this installation that do not answer, see list_away."""
        return await asyncio.to_thread(list_away, self.settings.data)

    async def has_room(self) -> bool:
        """Whether the disk on which files are kept is not full."""
        return await asyncio.to_thread(has_room, self.settings.data)

    @property
    def has_mail_server(self) -> bool:
        """Whether a server is told of mails; else each becomes a file in the data folder."""
        return bool(self.settings.smtp_url)

    def mail_file(self, mail_id: UUID) -> str | None:
        """The file in the data folder that a mail becomes; None where a server is told of it."""
        return None if self.has_mail_server else f"{MAILS}/{file_of(mail_id)}"

    async def require_room(self) -> None:
        """The disk on which the database keeps its files is not full. Raises what tells of that."""
        is_there = is_in_folder(self.settings.data, self.settings.dsn("owner"))
        if is_there and not await self.has_room():
            raise InstallationError(Refusal("disk_full"))
        await self.db.require_room()

    async def list_warnings(self) -> list[str]:
        """The codes of what is wrong though people are answered."""
        found = [] if await self.has_room() else ["disk_full"]
        async with self.db.across() as connection:
            if amiss := await self.log.secret_keys.not_in_force(connection):
                found.append(amiss.code)
            if await connection.fetchval(UNSEALED):
                found.append("seals_behind")
        return found

    async def require_secret_keys(self) -> None:
        """This process can open whatever is sealed. Raises InstallationError of what it lacks for
        that."""
        await self.log.secret_keys.require_all(self.db)

    async def list_parked(self, tenant_id: UUID | None = None) -> list[Parked]:
        """The projections and reactors that are parked, of one tenant or of all, the oldest
        first."""
        return await list_parked(self.db, [*PROJECTIONS, *REACTORS], tenant_id=tenant_id)

    async def list_skips(self, tenant_id: UUID | None = None) -> list[Skip]:
        """What projections and reactors pass over, of one tenant or of all, the oldest decision
        first."""
        return await list_skips(self.db, [*PROJECTIONS, *REACTORS], tenant_id=tenant_id)

    async def series_behind(self) -> int:
        """How many tenants' stored series are not of the newest position."""
        return await count_behind(self.db)
