"""The lives of a sample's partners: what of a day's events the steps of other histories leave out,
and the histories in which every kind of event occurs."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from services.importing.teaching import ForgetWord, TeachWord
from services.kernel.context import Role
from services.kernel.scopes import Scope
from services.people import department as d
from services.people import person as p
from tests import batches as b
from tests import follow_ups as f
from tests import situation as s
from tests import staff
from tests.histories import KINDS
from tests.situation import march
from tests.steps import Commands, Step, step
from tests.teller import FAR, Draw, Teller

SEED, DRAWS = 63, 150
APRIL = date(2025, 4, 1)


@step
def word_taught(word: str, *, means: str) -> Commands:
    yield TeachWord("roster", word, means)


@step
def word_forgotten(word: str) -> Commands:
    yield ForgetWord("roster", word)


@step
def reached_by(who: str, *, phone: str, mail: str) -> Commands:
    yield p.ChangeContacts(f"@{who}", phone, mail)


@step
def returned(who: str, *, on: date) -> Commands:
    yield p.RecordReturn(f"@{who}", on)


@step
def role_given(who: str, role: Role, *, on: date, until: date | None = None) -> Commands:
    yield p.AssignRole(f"@{who}", on, role, Scope.ALL, until)


@step
def role_ended(who: str, assignment: int, *, on: date) -> Commands:
    yield p.EndRole(f"@{who}", assignment, on)


@step
def reinstated(who: str) -> Commands:
    yield p.ReinstatePerson(f"@{who}")


@step
def department_renamed(code: str, *, to: str, on: date) -> Commands:
    yield d.RenameDepartment(code, on, to)


@step
def named_person_known(person_id: str, no: str) -> Commands:
    """Whom a sheet only named is somebody indeed, and has a number."""
    yield p.ConfirmPerson(person_id)
    yield p.NumberPerson(person_id, no)


OF_STAFF = (
    staff.registered("M1", name="钱主管", post="supervisor", phone="13900000001"),
    staff.registered("M2", name="孙经理", mail="sun@hz.example", id_number="11010519491231002X"),
    staff.registered("M3", name="周培训", post="training_manager"),
    staff.registered("M4", name="周培训师"),
    staff.registered("M5", name="吴临时"),
    staff.department_opened("xs", head="M2"),
    staff.department_corrected("xs", name="直销部"),
    staff.department_opened("qd"),
    department_renamed("qd", to="渠道部", on=march(9)),
    staff.department_changed("qd", on=march(10), head="M3", whole="xs"),
    staff.department_fact_withdrawn("qd", 3),
    staff.department_opened("yf"),
    staff.department_closed("yf", on=march(20)),
    staff.registration_corrected("M1", department="xs", mail="qian@hz.example"),
    staff.renamed("M4", to="周讲师", on=march(4)),
    staff.assigned("M4", on=march(5), department="xs", manager="M2"),
    reached_by("M3", phone="13900000003", mail="zhou@hz.example"),
    staff.went_away("M1", on=march(6), deputy="M2"),
    returned("M1", on=march(8)),
    role_given("M4", Role.HR_OFFICER, on=march(6)),
    role_given("M1", Role.HR_OFFICER, on=march(6)),
    role_ended("M4", 6, on=march(30)),
    staff.suspended("M4"),
    reinstated("M4"),
    staff.suspended("M5"),
    staff.departed("M4", on=march(25)),
    staff.came_back("M4", on=march(28)),
    staff.person_fact_withdrawn("M3", 2),
    staff.joined("M5", into="M4"),
    staff.parted("M5"),
    staff.joined("M5", into="M3"),
)

OF_CLASSES = (
    *s.CLASS_HELD,
    s.class_planned("K1", on=march(12)),
    s.plan_changed("K1", to=march(14), approved=march(11)),
    s.class_opened("K1", on=march(15)),
    s.opening_corrected("K1", on=march(14)),
    s.class_closed("K1", on=march(16), topics=s.TOPICS[:1]),
    s.closing_corrected("K1", on=march(16)),
    s.class_summed_up("K1", on=march(22)),
    s.summary_corrected("K1", on=march(18)),
    s.class_planned("K2", cohort="B2", on=march(19)),
    s.class_cancelled("K2", on=march(18)),
)

OF_BATCHES = (
    s.batch_handed_over("A1", to="M3", on=march(10)),
    b.handover_corrected("A1", was_on=march(10), to="M3", on=march(11)),
    s.batch_handed_over("B2", to="M2", on=march(12)),
    b.handover_withdrawn("B2", was_on=march(12)),
    b.batch_corrected("B2", on=march(2), training_manager="M3"),
    s.batch_opened("C3", on=march(3)),
    b.batch_withdrawn("C3"),
)

OF_TRAINING = (
    s.enrolled("E3", name="欧阳修", manager="赵主管", mail="ouyang@hz.example", on=march(2)),
    s.enrolled("E4", name="李娜", cohort="B2", on=march(3), post="customer_service"),
    s.enrolled("E5", name="陈晨", on=march(3)),
    s.enrolled("E6", name="录错", on=march(3)),
    s.withdrawn("E6", 1),
    s.enrolment_corrected("E3", phone="13800000033", on=march(1)),
    s.judged("E1", passed=False, on=march(5)),
    s.judged("E1", passed=True, on=march(9)),
    s.trial_corrected("E1", was=march(9), on=march(8), passed=True),
    s.examined("E3", "written", passed=False, on=march(4), score=55),
    s.exam_corrected("E3", "written", was=march(4), on=march(4), passed=False, score=58),
    s.makeup_missed("E3", "written", on=march(6)),
    s.passed_gate("E3", on=march(9)),
    s.transferred("E4", to="A1", on=march(8)),
    s.eliminated("E5", on=march(14)),
    s.passed_gate("E4", on=march(12)),
    s.went_live("E4", on=march(13)),
    s.went_live("E1", on=march(10)),
    s.went_live("E3", on=march(12)),
    s.go_live_corrected("E3", was=march(12), on=march(11)),
    s.manager_changed("E3", to="M1", on=march(15)),
    s.post_changed("E4", to="sales", on=march(15)),
    s.spot_checked("E3", "basics", passed=False, on=march(16), feedback="不熟"),
    s.held_off("E3", on=march(17)),
    s.went_live("E3", on=march(21)),
)

OF_SELLING = (
    s.ordered("E1", "N10", on=march(12), product="宽带", amount=Decimal("99.50")),
    s.ordered("E1", "N11", on=march(20)),
    s.ordered("E3", "N12", on=march(22), product="专线", amount=Decimal(1200)),
    s.ordered("E3", "N13", on=march(24)),
    s.order_corrected("N11", on=march(19), amount=Decimal(45)),
    s.order_voided("N13", on=march(26)),
    s.order_reassigned("N12", to="E1", on=march(28)),
    s.complaint_filed("E3", "C1", on=march(23)),
    s.complaint_filed("E1", "C2", on=march(23)),
    s.complaint_withdrawn("C2", on=march(27)),
)

OF_RETURNING = (
    s.left("E3", on=march(29)),
    s.leaving_corrected("E3", was=march(29), on=march(30)),
    s.rejoined("E3", on=APRIL, name="欧阳秀", phone="13800000034", manager="M1"),
    s.enrolment_corrected("E3", name="欧阳绣", phone="13800000035"),
    s.passed_gate("E3", on=APRIL + timedelta(days=3)),
    s.judged("E3", passed=True, on=APRIL + timedelta(days=3)),
    s.went_live("E3", on=APRIL + timedelta(days=4)),
    s.ordered("E3", "N20", on=APRIL + timedelta(days=9), amount=Decimal(300)),
)

OF_FOLLOWING_UP = (
    *f.FOLLOWED_UP,
    f.follow_up_opened("E1", "F1", on=march(11)),
    f.action_agreed("F1", on=march(12), due=march(20)),
    f.action_corrected("F1", on=march(12), due=march(21)),
    f.follow_up_dropped("F1", on=march(22)),
    f.follow_up_end_withdrawn("F1"),
    f.follow_up_opened("E4", "F2", on=march(20)),
    f.follow_up_dropped("F2", on=march(25)),
)

OF_WORDS = (
    word_taught("花名", means="name"),
    word_taught("代号", means="employee_no"),
    word_forgotten("代号"),
)

FIRST = (
    *OF_STAFF,
    *(one for one in s.LIFE if one != s.went_live("E1", on=march(3))),
    *OF_BATCHES,
    *OF_CLASSES,
    *OF_TRAINING,
    *OF_SELLING,
    *OF_RETURNING,
    *OF_FOLLOWING_UP,
    *OF_WORDS,
)
"""What is refused of it is a mistake in it."""


def second() -> Iterator[Step]:
    """A random history, always the same; a part of it is refused."""
    random = Random(SEED)
    draws = [
        Draw(*(random.randrange(most) for most in (len(KINDS), 6, len(FAR), 8)))
        for _ in range(DRAWS)
    ]
    return Teller(6, 1, KINDS).tell(draws)
