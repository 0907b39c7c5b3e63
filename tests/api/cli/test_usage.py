"""How commands are called: help, and what was wrong with a call, in the terminal's language."""

import pytest
import rich_click as click

from api.cli.lines import language
from services.words.texts import read_texts
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
