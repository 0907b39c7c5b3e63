"""Files by content, one partner apart from the other."""

from io import BytesIO
from uuid import UUID, uuid4

import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.sheets.sheet_wire import SheetLimits
from infra.work.files import inspect_upload
from services.jobs.imports import shown_name
from services.jobs.jobs import OF_IMPORTS, NewFile, StoredFile
from services.people.access import Tenant


async def store(app: App, tenant: UUID, content: bytes, name: str = "a.csv") -> StoredFile:
    return await app.files.store_file(
        tenant, NewFile(name, "text/csv", BytesIO(content), OF_IMPORTS)
    )


async def test_gives_back_what_was_kept(app: App, partner: Tenant) -> None:
    content = "工号,姓名\n".encode() * 1000
    file = await store(app, partner.tenant_id, content, "花名册.csv")
    assert await app.files.get_file(partner.tenant_id, file.id) == file
    assert (file.name, file.size) == ("花名册.csv", len(content))
    assert app.files.path(partner.tenant_id, file).read_bytes() == content


async def test_another_partner_gets_nothing_even_of_equal_bytes(app: App, partner: Tenant) -> None:
    other = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "另一渠道")
    ours = await store(app, partner.tenant_id, b"the same")
    theirs = await store(app, other.tenant_id, b"the same")
    assert await app.files.get_file(other.tenant_id, ours.id) is None
    assert ours.sha256 == theirs.sha256
    places = {
        app.files.path(partner.tenant_id, ours),
        app.files.path(other.tenant_id, theirs),
    }
    assert len(places) == 2


async def test_equal_bytes_of_a_partner_are_kept_once(app: App, partner: Tenant) -> None:
    first = await store(app, partner.tenant_id, b"twice")
    second = await store(app, partner.tenant_id, b"twice", "b.csv")
    assert first.id != second.id
    places = {app.files.path(partner.tenant_id, file) for file in (first, second)}
    assert len(places) == 1


async def test_storing_again_under_an_id_keeps_the_first(app: App, partner: Tenant) -> None:
    file_id = uuid4()
    kept = [
        await app.files.store_file(
            partner.tenant_id, NewFile("r.xlsx", "x/y", BytesIO(content), OF_IMPORTS, file_id)
        )
        for content in (b"one", b"two")
    ]
    assert kept[0] == kept[1]


async def test_nobody_else_on_the_machine_reads_them(app: App, partner: Tenant) -> None:
    file = await store(app, partner.tenant_id, b"secret")
    path = app.files.path(partner.tenant_id, file)
    assert path.stat().st_mode & 0o077 == 0
    assert not list((app.settings.data / "files").glob(".*"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"%PDF-1.7", "file_type_unknown"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "workbook_old_format"),
    ],
)
def test_refuses_at_the_door_what_is_no_table(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        inspect_upload(BytesIO(content), "a.xlsx")
    assert refused.value.code == code
    assert refused.value.params["file"] == "a.xlsx"


def test_refuses_at_the_door_what_is_too_large() -> None:
    large = BytesIO()
    large.seek(SheetLimits().file_bytes)
    large.write(b"x")
    with pytest.raises(Refusal) as refused:
        inspect_upload(large, "a.xlsx")
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("新人花名册.xlsx", "新人花名册.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\杜\\名册.xlsx", "名册.xlsx"),
        ("a\r\nb.csv", "ab.csv"),
        ("", "file"),
    ],
)
def test_a_sent_name_is_shown_without_folders_and_control_characters(sent: str, shown: str) -> None:
    assert shown_name(sent) == shown
