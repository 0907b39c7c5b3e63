"""How commands are called: help, and what was wrong with a call, in the terminal's language."""

import re
import subprocess
import sys

import pytest
import rich_click as click

from api.cli import COMMANDS
from api.cli.bars import progress_bar
from api.cli.failures import refusal_line
from api.cli.lines import DATA, language, word
from domain.kernel.errors import Refusal
from services.kernel.context import Role
from services.words.texts import LOCALES, read_texts
from tests.api.cli.terminal import chudan, every_command

CHINESE = "zh_CN.UTF-8"
NOWHERE = {"CHUDAN_DATA": "/nonexistent"}
"""A call that is not understood asks for no data folder."""


@pytest.mark.parametrize("name", [name for name, _ in every_command()])
def test_every_command_and_option_has_its_words(name: str) -> None:
    command = dict(every_command())[name]
    msgid = f"usage.command.{name.replace(' ', '_')}"
    assert command.help == read_texts(language())(msgid)
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []
    assert f"chudan {name}" in (command.epilog or "")


async def test_help_is_in_the_language_of_the_terminal() -> None:
    status, said, errors = await chudan(NOWHERE, "import", "--help", language=CHINESE)
    assert (status, errors) == (0, "")
    assert said.split()[:3] == ["用法：", "chudan", "import"]
    assert "渠道商编号。 [必填]" in said
    assert "显示本说明" in said
    status, said, _ = await chudan(NOWHERE, "--help")
    assert said.split()[:2] == ["Usage:", "chudan"]


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        (("frob",), "没有命令 frob。请运行 `chudan --help`", "There is no command frob."),
        (
            ("verify", "--no"),
            "没有选项 --no。请运行 `chudan verify --help`",
            "no option --no",
        ),
        (("figures",), "缺少 --partner。", "--partner is missing."),
        (("import", "--partner", "x"), "缺少 FILE…。", "FILE… is missing."),
        (("figures", "--month"), "--month 需要一个值。", "--month needs a value."),
        (
            ("partner", "create", "--code"),
            "请运行 `chudan partner create --help`",
            "`chudan partner create --help`",
        ),
        (
            ("token", "create", "--partner", "x", "--role", "trainee", "--days", "abc"),
            "--days 的值无效，应为：整数，1 至 3660。",
            "it takes: a whole number, 1 to 3660.",
        ),
        (("figures", "x", "--partner", "y"), "参数过多。", "There are arguments too many."),
        (
            ("figures", "--partner", "x", "--known-by", "-4"),
            "--known-by 的值无效，应为：整数，0 至 …。",
            "it takes: a whole number, 0 to ….",
        ),
        (
            ("serve", "--port", "9" * 5_000),
            "--port 的值无效，应为：整数，1 至 65535。",
            "it takes: a whole number, 1 to 65535.",
        ),
        (
            ("token", "create", "--partner", "x", "--role", "boss"),
            "应为：trainee, training_manager,",
            "it takes: trainee, training_manager,",
        ),
        (
            ("figures", "--partner", "x", "--on", "5 June"),
            "--on 的值无效，应为：YYYY-MM-DD。",
            "it takes: YYYY-MM-DD.",
        ),
        (("token", "create", "--role", "integration"), "任选其一", "Give either --partner or"),
        (
            ("key", "rotate", "--lost"),
            "--lost 只能与 --seal 同用。",
            "--lost goes with --seal only.",
        ),
    ],
)
async def test_a_wrong_call_is_told_in_one_line(
    arguments: tuple[str, ...], chinese: str, english: str
) -> None:
    for spoken, expected in ((CHINESE, chinese), ("C.UTF-8", english)):
        status, said, errors = await chudan(NOWHERE, *arguments, language=spoken)
        assert (status, said) == (2, "")
        assert len(errors.splitlines()) == 1
        assert expected in errors


def test_every_command_that_a_sentence_names_can_be_pasted() -> None:
    """In backticks, by which it is found."""
    bare = re.compile(rf"(?<!`)\bchudan ({'|'.join(COMMANDS)})\b")
    for spoken in LOCALES:
        sentences = read_texts(spoken).sentences
        assert [msgid for msgid, said in sentences.items() if bare.search(said)] == []
    for data, told in (("/my data", "chudan migrate --data '/my data'"), (None, "chudan migrate")):
        DATA.set(data)
        line = refusal_line(Refusal("schema_missing"))
        assert line.endswith(f"`{told}`.")
        assert word("doctor.note", what="schema", note=line).endswith(line)


def test_of_which_field_a_refusal_is_is_said_before_it() -> None:
    DATA.set(None)
    line = refusal_line(Refusal("field_missing", field="reason"))
    assert line.startswith(f"{word('field.reason')}{word('word.colon')}")
    bare = refusal_line(Refusal("field_missing", field="of no label"))
    assert line.endswith(bare) and not bare.startswith("field")


def test_of_a_command_that_is_refused_or_does_nothing_no_bar_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress_bar() as progress:
        progress.add_task("verifying", total=1)
    assert "verifying" in capsys.readouterr().err
    with progress_bar() as progress:
        progress.add_task("waiting", total=None)
    assert capsys.readouterr().err == ""
    with pytest.raises(Refusal), progress_bar() as progress:
        progress.add_task("verifying", total=1)
        raise Refusal("conflict")
    assert capsys.readouterr().err == ""


def test_what_runs_for_ever_loads_nothing_that_draws_bars() -> None:
    loading = "import sys, api.cli.serve, api.cli.processes; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-P", "-c", loading], text=True).split()
    assert "api.cli.running" in loaded
    assert [one for one in loaded if one.startswith(("rich.", "pygments"))] == []


def test_of_each_role_is_told_what_it_may() -> None:
    create = dict(every_command())["token create"]
    (role,) = (one for one in create.params if isinstance(one, click.Option) and one.name == "role")
    told = (role.help or "").split("\n\n")[1:]
    assert sorted(re.findall(r"([a-z_]+) \(", role.help or "")) == sorted(Role)
    assert "party_representative (Party representative): read figures, rate satisfaction" in told
    assert "operator (Operator): everything" in told
