"""How to call a command, and what was wrong with how it was called: in the terminal's language."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import rich_click as click
from click import exceptions
from click.types import StringParamType
from rich_click import rich_click as shown_by

from api.cli.lines import HELP, word
from domain.kernel.values import is_storable, number_of


class _InWords:
    """Usage and `--help` in the terminal's language."""

    def format_usage(self: Any, ctx: click.RichContext, formatter: Any) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=word("usage.prefix"))

    def parse_args(self: Any, ctx: click.RichContext, args: list[str]) -> list[str]:
        try:
            rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except exceptions.UsageError as error:
            error.ctx = error.ctx or ctx  # Click leaves it out where a value is missing.
            raise
        return rest

    def get_help_option(self: Any, ctx: click.RichContext) -> click.Option | None:
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = word("usage.option.help")
        return option


class Spoken(_InWords, click.RichCommand):  # type: ignore[misc]
    """A command whose help is in the terminal's language, and whose texts can be kept."""

    def __init__(self, *given: Any, **how: Any) -> None:
        super().__init__(*given, **how)
        for one in self.params:
            if one.type is click.STRING:
                one.type = Storable()


class SpokenGroup(_InWords, click.RichGroup):  # type: ignore[misc]
    """The same of a group of commands."""


def spoken(name: str, example: str, **settings: Any) -> dict[str, Any]:
    """What declares a command to click.

    name: as people type it, with its group; the sentences are `usage.command.<name>`, its blanks
    being underscores. example: what a line may say after `chudan`.
    """
    msgid = name.replace(" ", "_")
    return {
        "help": word(f"usage.command.{msgid}"),
        "epilog": word("usage.example", line=f"chudan {example}"),
        "options_metavar": word("usage.options"),
        **settings,
    }


def command(
    name: str, example: str, *, of: Any = click
) -> Callable[[Callable[..., Any]], click.Command]:
    """Makes a command of a function. of: its group."""
    made: Callable[[Callable[..., Any]], click.Command] = of.command(
        name.rpartition(" ")[2], cls=Spoken, **spoken(name, example)
    )
    return made


def group(
    name: str, example: str, cls: type[SpokenGroup] = SpokenGroup
) -> Callable[[Callable[..., Any]], SpokenGroup]:
    """Makes a group of a function; its commands say `of=` it."""
    metavar = word("usage.subcommand")
    return click.group(name, cls=cls, **spoken(name, example, subcommand_metavar=metavar))


def speak() -> None:
    """Titles and remarks of all pages of help, which rich-click holds for the process."""
    shown_by.OPTIONS_PANEL_TITLE = word("usage.title.options")
    shown_by.COMMANDS_PANEL_TITLE = word("usage.title.commands")
    shown_by.ARGUMENTS_PANEL_TITLE = word("usage.title.arguments")
    shown_by.REQUIRED_LONG_STRING = word("usage.required")
    shown_by.DEFAULT_STRING = word("usage.default", value="{}")


class Misused(click.UsageError):
    """What a command refuses of how it was called: a sentence of the catalogs."""


def usage_line(error: exceptions.UsageError) -> str:
    """One line: what was wrong, and where to look the right way up."""
    about = error.ctx.command_path if error.ctx else "chudan"
    return word("usage.wrong", wrong=_wrong(error), help=f"{about} {HELP}")


class Whole(click.IntRange):
    """A whole number as people write one, at every door."""

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        number = number_of(value) if isinstance(value, str) else value
        if number is None or number != int(number):
            self.fail(word("usage.whole"), param, ctx)
        return int(super().convert(int(number), param, ctx))


class Storable(StringParamType):
    """A text of a terminal that can be kept anywhere: what was no UTF-8 cannot."""

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        text = str(super().convert(value, param, ctx))
        if not is_storable(text):
            self.fail(word("usage.storable"), param, ctx)
        return text


class Identifier(click.ParamType[UUID]):
    """The number of something, as lists print it."""

    name = "id"

    def convert(self, value: Any, param: Any, ctx: Any) -> UUID:
        try:
            return UUID(str(value))
        except ValueError:
            self.fail(word("usage.identifier"), param, ctx)


def _wrong(error: exceptions.UsageError) -> str:
    match error:
        case exceptions.MissingParameter():
            return word("usage.missing", name=_name(error))
        case exceptions.BadParameter():
            return word("usage.value", name=_name(error), wanted=_wanted(error))
        case exceptions.NoSuchOption():
            return word("usage.no_option", name=error.option_name)
        case exceptions.NoSuchCommand():
            return word("usage.no_command", name=error.command_name)
        case exceptions.BadOptionUsage():
            return word("usage.no_value", name=error.option_name)
        case Misused():
            return error.message
        case _:
            return word("usage.surplus")


def _name(error: exceptions.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    if isinstance(error.param, click.Option):
        return "/".join(error.param.opts)
    return error.param.human_readable_name


def _wanted(error: exceptions.BadParameter) -> str:
    """The values that a parameter takes, as its type says; else what click says of the value."""
    kind = error.param.type if error.param else None
    match kind:
        case click.Choice():
            return ", ".join(map(str, kind.choices))
        case Whole():
            return word("usage.range", least=kind.min, most="…" if kind.max is None else kind.max)
        case click.DateTime() if error.param and error.param.metavar:
            return error.param.metavar
        case _:
            return error.message
