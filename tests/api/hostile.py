"""Requests at the ends of what can be written, made up from the schema's types, the pages' routes,
the fields of commands and the options of the terminal's: what is added there is tried without a
word here."""

import base64
import json
import os
import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import quote

import msgspec
import rich_click as click
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from api.http.downloads import MEDIA_TYPES, NAMED
from api.web.kit.filters import Filters
from api.web.kit.resource import path_of
from projections import LISTINGS
from projections.kernel.paging import cursor
from services.registry import COMMANDS
from tests.api.cli.terminal import OF_THE_APPLICATION
from tests.api.web.walking import page_routes

HUGE = 10**22
NO_UTF_8 = "\ud800"
SOME_UUID = "0197f4a2-7c70-7000-8000-000000000000"
DAYS = (
    "0001-01-01", "9999-12-31", "1900-01-01", "2999-12-31", "1899-12-31", "0000-00-00",
    "2026-02-30", "2026-W53-7", "１９９９-１２-０１",
)  # fmt: skip
INSTANTS = (
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00", "0001-01-01T00:00:00",
    "9999-12-31 23:59", "1900-01-01T00:00:00+08:05", "2026-06-01T24:00:00Z",
    "2026-06-01T00:00:00+99:99", "2026-06-01T00:00",
)  # fmt: skip
MONTHS = ("0000-01", "0001-01", "1899-12", "1900-01", "2999-12", "9999-12", "2026-13", "٢٠٢٦-٠١")
WIDE = tuple(
    "".join(chr(first + n * 7919 % many) for n in range(length))
    for length in (64, 100, 254, 2_000, 20_000)
    for first, many in ((0x20000, 40_000), (0x3300, 256))
)
"""As long as texts may be, of characters of four bytes and of such as are several when folded, and
hardly to be packed."""

TEXTS = (
    "\0", "甲\0乙", "_x0000_", "\ud800", "甲\udfff", "\x07", "\x1b[2J", "\x85", "\r\n", "\u202e甲",
    "\ufeff", "\uffff", "\U0010ffff", "", " ", "　", "9" * 400, "ﷺ" * 3_000, "²",
    "٣", "１２", "=1+1", "%00", "../..", "{{", "'\"<>&", "null", "1e400", "NaN", "-Infinity", "-1",
    str(HUGE), str(2**63), "[" * 5_000, "[" * 100 + "]" * 100, *MONTHS, *DAYS, *INSTANTS,
    *WIDE,
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31 - 1, -(2**31), 2**31, 2**63, HUGE, -HUGE)
DECIMALS = (*NUMBERS, 1e22, 1e308, 5e-324, -0.0, 0.005, "1e400", "1e-400", "NaN", "9" * 30)
PLACES = (*TEXTS, *DECIMALS, True, None, [], {}, "2026-06-01", "1.5")
MISTYPED = (None, [], {}, [[[[[["甲"]]]]]], True, HUGE, "甲", 0.5)
JSON = ("[]", "null", '{"a": 1}', '{"persistedQuery": {"sha256Hash": "\\u0000"}}', '{"a":' * 9_000)
TOML = (
    "[[sheets]]\nkind = \"\\u0000\"\n[sheets.columns]\n", "a = " + "[" * 9_000, "[a" + ".a" * 9_000,
    "a = 9999-99-99", '[[sheets]]\nkind = "roster"\npass_mark = 9e999\n[sheets.columns]\n', "\0",
)  # fmt: skip
FIRST_LINES = "工号,姓名,批次,入职日期\n"
TRIED = sorted({*OF_THE_APPLICATION} - {"key rotate"})
"""The terminal's commands. The one that is left out takes nothing that could be hostile, and would
change the secret key under all other tests."""

LONGEST_ADDRESS = 15_000
DEEPEST = 3
AWAITED = "minPosition"
"""What a request waits for: positions that do not come are left to the tests of waiting."""

PARAMETERS = tuple(
    dict.fromkeys(
        [
            *(name for one in LISTINGS for name in one.filters),
            *Filters.__struct_fields__,
            *("kpi", "part", "positions", "back", "from", "moved", "name", "fact", "before", "at"),
            *("after", "next", "effective_from", "done", "language", "of", "window_days"),
        ]
    )
)
FIELDS = {path_of(kind): kind.__struct_fields__ for kind in COMMANDS}
"""The fields of forms, by the names of their commands in addresses."""

ALL_FIELDS = (*dict.fromkeys(one for names in FIELDS.values() for one in names), "search", "key")
EXPORTS = tuple(f"/exports/{name}.{kind}" for name in NAMED for kind in MEDIA_TYPES)
FILES = (
    *EXPORTS,
    "/exports/{name:str}",
    "/files/{id:str}",
    "/imports/filled/{name:str}",
    "/{x:str}",
)


SOCKET, TERMINAL = "WebSocket", "chudan"
"""Methods of requests that are none of HTTP's."""


class Sent(msgspec.Struct, frozen=True):
    """A request. by: whose credential is beside it. method: HTTP's, SOCKET for a message, TERMINAL
    for a command, whose name is the address and whose arguments, each behind a NUL, are the body.
    kind: the media type of the body. door: of which way in it is an example."""

    by: str
    method: str
    address: str
    body: bytes = b""
    kind: str = ""
    door: str = ""

    @property
    def arguments(self) -> list[str]:
        """Of a command, as its process is given them."""
        return os.fsdecode(self.body).split("\0")[1:]


class Hostile:
    """good: what stands between the ends, by the name of an argument or a field, so that a request
    comes as far as it can."""

    def __init__(
        self, schema: GraphQLSchema, random: Random, good: Mapping[str, Sequence[Any]]
    ) -> None:
        self._random, self._good = random, good
        self._roots = [
            (of, kind, name)
            for of, kind in (("query", schema.query_type), ("mutation", schema.mutation_type))
            for name in (kind.fields if kind else ())
        ]
        told = schema.subscription_type
        self._told = [("subscription", told, name) for name in (told.fields if told else ())]
        self._pages, self._forms = page_routes(), page_routes("POST")
        self._forms.remove("/logout")

    def request(self) -> Sent:
        """Half of them are GraphQL's."""
        one_of = (self._operation, self._page, self._operation, self._form)
        others = (
            *(self._feed, self._file, self._upload, self._persisted),
            *(self._message, self._command),
        )
        making = self._random.choice((*one_of, *one_of, *one_of, *others))
        return msgspec.structs.replace(making(), door=making.__name__.strip("_"))

    def _operation(self) -> Sent:
        return self._of_root(*self._random.choice(self._roots))

    def _message(self) -> Sent:
        """An operation or a subscription as a message; of some it breaks what messages are."""
        sent = self._of_root(*self._random.choice((*self._told * 5, *self._roots)))
        key = self._random.choice(("1", "1", "1", "", *TEXTS))
        kind = self._random.choice(("subscribe",) * 20 + ("connection_init", "甲"))
        marked = json.dumps({"type": kind, "id": key})[:-1].encode()
        body = marked + b', "payload": ' + sent.body + b"}"
        return Sent("manager", SOCKET, sent.address, body)

    def _command(self) -> Sent:
        name = self._random.choice(TRIED)
        given = b"".join(
            b"\0" + one.replace("\0", "").encode(errors="surrogatepass")
            for parameter in OF_THE_APPLICATION[name].params
            for one in self._given(parameter)
        )
        return Sent("operator", TERMINAL, name, given)

    def _given(self, parameter: click.Parameter) -> Sequence[str]:
        """What a line says of a parameter of its command: all that it must have, and some more."""
        name = parameter.name or ""
        if name == "data" or not (name == "partner" or parameter.required or self._happens(0.5)):
            return ()
        choices = parameter.type.choices if isinstance(parameter.type, click.Choice) else ()
        text = str(self._random.choice(choices)) if choices else self._text(name)
        text = NO_UTF_8 if self._happens(0.1) else text
        if isinstance(parameter, click.Argument):
            return (text,)
        return (
            parameter.opts[:1] if getattr(parameter, "is_flag", False) else (*parameter.opts, text)
        )

    def _of_root(self, of: str, kind: Any, name: str) -> Sent:
        declared: dict[str, tuple[str, Any]] = {}
        asked = self._field(name, kind.fields[name], 0, declared)
        variables = ", ".join(f"${its}: {type_}" for its, (type_, _) in declared.items())
        given = {its: value for its, (_, value) in declared.items()}
        query = f"{of} Q{variables and f'({variables})'} {{ {asked} }}"
        by = "head office" if "orAll" in name or name == "headOffice" else "manager"
        by = self._random.choice((*[by] * 20, "nobody", "manager", "head office"))
        return Sent(by, "POST", "/graphql", self._json(query, given), "application/json")

    def _json(self, query: str, variables: Mapping[str, Any]) -> bytes:
        """The operation; of some the bytes are broken, or the variables deep."""
        if self._happens(0.03):
            depth = self._random.choice((20, 100, 400, 1_000, 20_000))
            deep = '{"input":' * depth + "1" + "}" * depth
            return f'{{"query": {json.dumps(query)}, "variables": {deep}}}'.encode()
        asked = {"query": query, "variables": variables}
        body = json.dumps(asked, ensure_ascii=self._happens(0.5)).encode(errors="surrogatepass")
        if self._happens(0.03):
            place = self._random.randrange(len(body))
            broken = self._random.choice((b"\xff", b"\0", b"\xed\xa0\x80", b""))
            return body[:place] + broken + self._random.choice((b"", body[place:]))
        return body

    def _page(self) -> Sent:
        return Sent("browser", "GET", self._address(self._random.choice(self._pages)))

    def _form(self) -> Sent:
        route, command = self._random.choice(self._forms), self._random.choice(list(FIELDS))
        names = FIELDS[command] if "{command" in route else self._random.sample(ALL_FIELDS, 20)
        typed = {name: self._text(name) for name in names if self._happens(0.8)}
        body = "&".join(f"{name}={quoted(text)}" for name, text in typed.items()).encode()
        kind = "application/x-www-form-urlencoded"
        return Sent("browser", "POST", self._address(route, command), body, kind)

    def _feed(self) -> Sent:
        limit = self._random.choice(("1", "500", "501", str(HUGE), "%00"))
        after = "1" if self._happens(0.5) else self._text("after")
        address = f"/feed?limit={limit}&after={quoted(after)}"
        return Sent("manager", "GET", address[:LONGEST_ADDRESS])

    def _file(self) -> Sent:
        return Sent("manager", "GET", self._address(self._random.choice(FILES)))

    def _upload(self) -> Sent:
        parts = {"map": TOML, "sheet": TEXTS, "changed_on": DAYS, "dry_run": ("true", "\0")}
        texts = [
            f'name="{name}"\r\n\r\n{self._random.choice(ends)}'
            for name, ends in parts.items()
            if self._happens(0.4)
        ]
        cell, name = self._text("name"), self._text("file")[:300]
        file = f'name="file"; filename="{name}.csv"\r\n\r\n{FIRST_LINES}{cell}'
        marked = "".join(
            f"--x\r\nContent-Disposition: form-data; {part}\r\n" for part in [file, *texts]
        )
        body = f"{marked}--x--\r\n".encode(errors="surrogatepass")
        return Sent("manager", "POST", "/imports", body, "multipart/form-data; boundary=x")

    def _persisted(self) -> Sent:
        names = ("extensions", "variables", "operationName", "query")
        ends = {name: self._random.choice((*JSON, self._text(name))) for name in names}
        query = "&".join(f"{name}={quoted(text)}" for name, text in ends.items())
        return Sent("manager", "GET", f"/graphql?{query}"[:LONGEST_ADDRESS])

    def _address(self, route: str, command: str = "") -> str:
        path = re.sub(r"{(\w+):(\w+)}", lambda part: self._part(part[1], part[2], command), route)
        names = self._random.sample(PARAMETERS, self._random.randrange(4))
        query = "&".join(f"{name}={quoted(self._text(name))}" for name in names)
        return f"{path}?{query}"[:LONGEST_ADDRESS]

    def _part(self, name: str, kind: str, command: str) -> str:
        if name == "command":
            return command or self._random.choice(list(FIELDS))
        if kind == "str":
            return quoted(self._text(name)[:500]) or "x"
        known = {"uuid": SOME_UUID, "int": "1"}[kind]
        return self._random.choice((known, known, "٣", str(HUGE), "%00"))

    def _field(
        self, name: str, field: GraphQLField, depth: int, declared: dict[str, tuple[str, Any]]
    ) -> str:
        stated = []
        for its, argument in field.args.items():
            is_stated = is_required_argument(argument) or self._happens(0.3)
            if is_stated and its != AWAITED:
                variable = f"v{len(declared)}"
                declared[variable] = (str(argument.type), self._value(its, argument.type))
                stated.append(f"{its}: ${variable}")
        kind: Any = get_named_type(field.type)
        given = f"({', '.join(stated)})" if stated else ""
        below = "" if is_leaf_type(kind) else f" {{ {self._selected(kind, depth + 1, declared)} }}"
        return f"{name}{given}{below}"

    def _selected(self, kind: Any, depth: int, declared: dict[str, tuple[str, Any]]) -> str:
        fields = getattr(kind, "fields", {})
        plain = [one for one, its in fields.items() if is_leaf_type(get_named_type(its.type))]
        deeper = [one for one in fields if one not in plain]
        chosen = self._random.sample(plain, min(3, len(plain)))
        if "errors" in fields:
            chosen.append("errors")
        elif depth < DEEPEST and deeper:
            chosen.append(self._random.choice(deeper))
        asked = (self._field(one, fields[one], depth, declared) for one in chosen)
        return " ".join(("__typename", *asked))

    def _value(self, name: str, kind: Any) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._value(name, kind.of_type)
        if isinstance(kind, GraphQLList):
            return [self._value(name, kind.of_type) for _ in range(self._random.choice((1, 1, 3)))]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                its: self._value(its, field.type)
                for its, field in kind.fields.items()
                if is_required_input_field(field) or self._happens(0.3)
            }
        if self._happens(0.02):
            return self._random.choice(MISTYPED)
        if isinstance(kind, GraphQLEnumType):
            return self._random.choice(list(kind.values))
        good = self._good.get(name) or self._good.get(kind.name)
        if good and self._happens(0.75):
            return self._random.choice(good)
        return self._end(name, kind.name)

    def _end(self, name: str, scalar: str) -> Any:
        if name in ("after", "before"):
            return self._cursor()
        if name in ("month", "due", "effectiveFrom"):
            return self._random.choice(MONTHS)
        ends: Mapping[str, Sequence[Any]] = {
            "Int": NUMBERS[:5] if self._happens(0.8) else NUMBERS,
            "Boolean": (True, False),
            "Decimal": DECIMALS,
            "Date": DAYS[:5] if self._happens(0.8) else DAYS,
            "DateTime": INSTANTS[:5] if self._happens(0.8) else INSTANTS,
            "ID": (self._id(),),
        }
        return self._random.choice(ends.get(scalar, TEXTS))

    def _text(self, name: str) -> str:
        if (good := self._good.get(name)) and self._happens(0.7):
            return str(self._random.choice(good))
        return self._random.choice((*TEXTS, self._cursor()))

    def _id(self) -> str:
        kind = self._random.choice((*(one.kind for one in LISTINGS), "Job", "Report", ""))
        own = self._random.choice((*TEXTS, SOME_UUID))
        written = f"{kind}:{own}".encode(errors="surrogatepass")
        return self._random.choice((base64.b64encode(written).decode(), own))

    def _cursor(self) -> str:
        """A place in some list, as its cursors say it."""
        of = self._random.choice((*(one.plural for one in LISTINGS), "numbered"))
        places = tuple(self._random.choices(PLACES, k=self._random.choice((1, 1, 2, 3))))
        try:
            return cursor(of, places)
        except UnicodeError:
            return base64.urlsafe_b64encode(b'["\xed\xa0\x80"]').decode()

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance


def quoted(text: str) -> str:
    """A text as a part of an address or a form; of a lone surrogate bytes that are no UTF-8."""
    return quote(text.encode(errors="surrogatepass"), safe="")
