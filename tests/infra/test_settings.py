"""Settings: parsed once, secrets kept, bad values refused."""

import os
import stat
from pathlib import Path

import pytest

from infra.servers.data_folder import write_private
from infra.servers.environment import SettingsError
from infra.servers.private_files import clear_drafts, draft_of
from infra.settings import (
    SEAL_KEY,
    SECRET_KEY,
    Settings,
    given_key_texts,
    given_passphrase,
    keep_new_key,
    load_settings,
)


def test_makes_the_folder_and_keeps_the_secret_key(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "var"
    first, second = load_settings({}, data=data), load_settings({"CHUDAN_DATA": str(data)})
    assert first.secret_key == second.secret_key
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(("uid", "mode"), [(0, 0o711), (1000, 0o700)])
def test_makes_the_folders_above_like_the_data_folder_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int, mode: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    before = os.umask(0o077)
    try:
        load_settings({}, data=tmp_path / "srv" / "chudan" / "var")
    finally:
        os.umask(before)
    for folder in ("srv", "srv/chudan", "srv/chudan/var"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == mode


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    keys = {load_settings({}, data=tmp_path / name).secret_key for name in "ab"}
    assert len(keys) == 2


def test_a_given_secret_key_is_taken_and_not_kept(tmp_path: Path) -> None:
    given = {"CHUDAN_SECRET_KEY": "correct horse battery staple"}
    assert load_settings(given, data=tmp_path / "a").secret_key == (
        load_settings(given, data=tmp_path / "b").secret_key
    )
    assert not (tmp_path / "a" / "secret_key").exists()


def test_the_key_of_seals_is_kept_unless_it_is_named(tmp_path: Path) -> None:
    named = load_settings({"CHUDAN_SEAL_KEY": "a key for all seals"}, data=tmp_path)
    assert not (tmp_path / SEAL_KEY.file).exists()
    kept = load_settings({}, data=tmp_path)
    assert stat.S_IMODE((tmp_path / SEAL_KEY.file).stat().st_mode) == 0o600
    assert len({*named.seal_keys, *kept.seal_keys, kept.secret_key}) == 3
    assert load_settings({}, data=tmp_path).seal_keys == kept.seal_keys


def test_a_new_key_takes_the_place_of_the_kept_one_also_where_that_was_begun(
    tmp_path: Path,
) -> None:
    load_settings({}, data=tmp_path)  # Makes the keys.
    before = load_settings({}, data=tmp_path)
    (tmp_path / SECRET_KEY.old_file).hardlink_to(tmp_path / SECRET_KEY.file)
    assert before.given() == before
    keep_new_key(tmp_path, SECRET_KEY)
    new, old = before.given().secret_keys
    assert (new != old, old) == (True, before.secret_key)
    assert load_settings({}, data=tmp_path) == before.given()
    for name in (SECRET_KEY.file, SECRET_KEY.old_file):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_what_a_process_was_killed_over_long_ago_is_cleared_and_nothing_else(
    tmp_path: Path,
) -> None:
    drafts = []
    for name in ("secret_key", "runtime.json", "being_written"):
        with draft_of(tmp_path / name) as draft:
            drafts.append(draft)
    typed = (".secret_key-20260101", ".secret_key-1-0a1b2c3d", ".a.draft", ".a-note", "secret_key")
    kept = [tmp_path / name for name in typed]
    for path in (*drafts, *kept):
        path.touch()
    for path in (*drafts[:2], *kept):
        os.utime(path, (0, 0))
    with draft_of(tmp_path / "waits") as draft:
        os.utime(draft, (0, 0))
        clear_drafts(tmp_path)
        assert sorted(tmp_path.iterdir()) == sorted([*kept, drafts[2], draft])


def test_of_what_could_not_be_written_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "runtime.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_private(tmp_path / "runtime.json", b"{}")
    assert [path.name for path in tmp_path.iterdir()] == ["runtime.json"]


def test_the_key_that_is_kept_is_the_old_one_where_only_a_new_one_is_named(tmp_path: Path) -> None:
    kept = load_settings({}, data=tmp_path).secret_key
    named = load_settings({"CHUDAN_SECRET_KEY": "a new secret key"}, data=tmp_path)
    assert named.secret_keys == (named.secret_key, kept)
    assert named.given() == named


def test_a_kept_key_that_cannot_be_read_is_not_at_hand_beside_one_that_is_named(
    tmp_path: Path,
) -> None:
    (tmp_path / SECRET_KEY.file).write_bytes(b"\xff" * 16)
    (tmp_path / SECRET_KEY.old_file).mkdir()
    named = load_settings({"CHUDAN_SECRET_KEY": "a new secret key"}, data=tmp_path)
    assert named.secret_keys == (named.secret_key,)
    with pytest.raises(SettingsError):
        load_settings({}, data=tmp_path)


ADDRESSES_OF_NOTHING = ["/x", "a..b/x", f"{'a' * 64}.com/", "there/封存", "u:p@there/", "there/a b"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHUDAN_SECRET_KEY", "short"),
        ("CHUDAN_DATABASE_URL", "mysql://there/chudan"),
        ("CHUDAN_DATABASE_URL", "postgresql://there:port/chudan"),
        ("CHUDAN_BROKER_URL", "there:6379"),
        ("CHUDAN_LOG", "xml"),
        ("CHUDAN_LOG_LEVEL", "loud"),
        ("CHUDAN_STREAMS_OF_PERSON", "none"),
        ("CHUDAN_STREAMS_OF_PARTNER", "-5"),
        ("CHUDAN_MAIL_FROM", "nobody"),
        ("CHUDAN_SMTP_URL", "http://there"),
        ("CHUDAN_TRUSTED_PROXIES", "10.0.0.0/8, proxy"),
        ("CHUDAN_TRUSTED_PROXIES", "10.0.0.1/8"),
        *(("CHUDAN_SEAL_ADDRESS", f"https://{there}") for there in ADDRESSES_OF_NOTHING),
    ],
)
def test_refuses_what_cannot_be_used(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({name: value}, data=tmp_path)
    assert refused.value.params["name"] == name
    assert value not in str(refused.value.params)


@pytest.mark.parametrize(
    ("named", "origin"),
    [
        ("https://Chudan.example:443/", "https://chudan.example"),
        ("HTTP://[::1]:80", "http://[::1]"),
        ("https://chudan.example:80", "https://chudan.example:80"),
        ("https://chudan.example:", "https://chudan.example"),
    ],
)
def test_an_address_is_kept_as_browsers_say_it(tmp_path: Path, named: str, origin: str) -> None:
    assert load_settings({"CHUDAN_ADDRESS": named}, data=tmp_path).origin == origin


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_refuses_a_port_out_of_range(tmp_path: Path, port: int) -> None:
    with pytest.raises(SettingsError):
        load_settings({}, data=tmp_path, port=port)


def test_every_role_has_its_own_address(tmp_path: Path) -> None:
    url = "postgresql://boss:pw@db.example:5433/chudan?sslmode=require"
    settings = load_settings({"CHUDAN_DATABASE_URL": url}, data=tmp_path)
    assert settings.dsn("owner") == url
    address = settings.dsn("app")
    assert address.startswith("postgresql://chudan_app:")
    assert address.endswith("@db.example:5433/chudan?sslmode=require")
    assert len({settings.role_password(role) for role in ("app", "log", "projector")}) == 3


def test_says_no_secret_when_printed(tmp_path: Path) -> None:
    key, url = b"k" * 32, "postgresql://a:pw@b/c"
    settings = Settings(
        data=tmp_path, secret_key=key, secret_keys=(key,), seal_keys=(key,), database_url=url
    )
    assert "pw" not in repr(settings)
    assert "kkk" not in repr(settings)


def test_a_kept_key_that_cannot_be_used_beside_a_named_one_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = "a key that somebody names"
    (tmp_path / SECRET_KEY.file).write_bytes(b"\xff")
    monkeypatch.setenv(SECRET_KEY.variable, named)
    assert list(given_key_texts(tmp_path, SECRET_KEY).values()) == [named]


def test_a_passphrase_is_the_first_line_of_a_file_or_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes("口令 of many words\r\nmade by 王\n".encode())
    monkeypatch.setenv("CHUDAN_PASSPHRASE", "another one, as it is ")
    assert given_passphrase(file) == "口令 of many words"
    assert given_passphrase(None) == "another one, as it is "
    monkeypatch.delenv("CHUDAN_PASSPHRASE")
    assert given_passphrase(None) is None


def test_a_passphrase_that_is_no_text_is_refused_by_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(b"twelve or more \xff\n")
    monkeypatch.setenv("CHUDAN_PASSPHRASE", os.fsdecode(file.read_bytes()))
    for given, name in ((file, str(file)), (None, "CHUDAN_PASSPHRASE")):
        with pytest.raises(SettingsError) as refused:
            given_passphrase(given)
        assert refused.value == SettingsError("passphrase_unreadable", name=name)
