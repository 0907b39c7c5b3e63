"""Mapping files: how the sheets of another system are read, as TOML.

    [[sheets]]
    kind = "roster"                          # or "orders", "leavings"
    file = "sales_teams*.csv"                # which files and sheets; "*" if left out
    sheet = "*"
    date_format = "%m/%d/%Y"                 # only where day or month stands first
    pass_mark = 60                           # a numeric score from this on is passed
    unknown_people = "skip"                  # orders of people who are not enrolled; or "refuse"
    changed_on = 2016-11-01                  # when managers and posts changed that are not recorded
    [sheets.columns]                         # field = heading
    employee_no = "sales_agent"
    [sheets.filter]                          # only rows whose cells say this
    regional_office = "{partner}"            # the partner's code
    [sheets.constants]                       # field = value, for every row
    cohort = "2016-10"
    [sheets.when_live]                       # the same, for rows with a go-live date only
    drill = "passed"
    [sheets.derived.live_on]                 # a field from another file of the same import
    file = "sales_pipeline*.csv"
    on = "sales_agent"                       # the key here …
    key = "sales_agent"                      # … and there
    column = "engage_date"
    take = "earliest"                        # or "latest"

The kinds and their fields are those of services/importing/sheets/.
"""

from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

import msgspec

from domain.kernel.bounds import Text, check, faults
from domain.kernel.errors import Refusal
from domain.kernel.values import word_key
from services.importing.report import CellRefusal
from services.importing.sheets import KINDS
from services.importing.sheets.kind import as_day
from services.importing.spellings import PASS_MARK, is_blank, read_date
from services.importing.workbook import Sheet
from services.kernel import fields

PARTNER = "{partner}"

Constants = dict[str, Any]
"""Field -> a TOML value: text, number or date."""

SheetTitle = Annotated[str, Text(200)]


class ChangeDay(msgspec.Struct, frozen=True):
    """The day on which changed what a sheet says otherwise than the record, where that can change.
    on: None where none is given, whatever is said of every sheet. sheet: by its name; None for
    every other one."""

    on: fields.PlannedDay | None
    sheet: SheetTitle | None = None


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Derived(_Strict, frozen=True):
    """A date per key from another file: the earliest or latest of a column there."""

    file: str
    on: str
    key: str
    column: str
    take: Literal["earliest", "latest"] = "earliest"


class SheetMap(_Strict, frozen=True):
    """How one kind of sheet is read; see the module's docstring for each setting."""

    kind: str
    columns: dict[str, str]
    file: str = "*"
    sheet: str = "*"
    date_format: str | None = None
    pass_mark: int = PASS_MARK
    unknown_people: Literal["refuse", "skip"] = "refuse"
    changed_on: fields.PlannedDay | None = None
    filter: dict[str, str] = {}
    constants: Constants = {}
    when_live: Constants = {}
    derived: dict[str, Derived] = {}

    @property
    def given(self) -> frozenset[str]:
        """The fields that need no column."""
        return frozenset(self.constants) | frozenset(self.derived)

    def reads(self, sheet: Sheet) -> bool:
        return matches(sheet.file, self.file) and matches(sheet.name, self.sheet)


class PartnerMap(SheetMap, frozen=True):
    """A sheet's map with a partner filled in. partner_columns: of the filter, those that say whose
    a row is, by `{partner}` or by the partner's code."""

    partner_columns: tuple[str, ...] = ()


class Mapping(_Strict, frozen=True):
    """A whole mapping file. A sheet without a map is left alone."""

    sheets: list[SheetMap]

    def map_for(self, sheet: Sheet) -> SheetMap | None:
        return next((one for one in self.sheets if one.reads(sheet)), None)


def load_mapping(text: str, *, partner: str) -> Mapping:
    """Reads TOML; `{partner}` in a filter or constant becomes the partner's code.

    Raises Refusal `mapping_invalid` with the decoder's `reason`, `mapping_empty`,
    `mapping_kind_unknown`, `mapping_field_unknown`, `mapping_field_twice`, `day_out_of_range`, and
    what read_date refuses.
    """
    try:
        mapping = msgspec.toml.decode(text, type=Mapping)
    except (msgspec.DecodeError, ValueError, RecursionError) as bad:
        raise Refusal("mapping_invalid", reason=str(bad)) from bad
    if not mapping.sheets:
        raise Refusal("mapping_empty")
    check(mapping)
    filled = [_for_partner(one, partner) for one in mapping.sheets]
    for place, one in enumerate(filled):
        _check(one)
        _check_days(one, f"sheets.{place}.")
    return Mapping([*filled])


def matches(text: str, pattern: str) -> bool:
    """A file or sheet name against a pattern with `*` and `?`, upper and lower case alike."""
    return fnmatchcase(word_key(text), word_key(pattern))


def _check(one: SheetMap) -> None:
    if one.kind not in KINDS:
        raise Refusal("mapping_kind_unknown", kind=one.kind, kinds=list(KINDS))
    known = KINDS[one.kind].columns
    for part in (one.columns, one.constants, one.when_live, one.derived):
        for field in part:
            if field not in known:
                raise Refusal(
                    "mapping_field_unknown", name=field, kind=one.kind, fields=sorted(known)
                )
    twice = one.columns.keys() & one.given
    if twice:
        raise Refusal("mapping_field_twice", names=sorted(twice))


def _check_days(one: SheetMap, within: str) -> None:
    """Refuses a day for every row that would be refused in each."""
    kind = KINDS[one.kind]
    for part in ("constants", "when_live"):
        for field, value in getattr(one, part).items():
            if kind.columns[field].read is not as_day or is_blank(value):
                continue
            try:
                day = read_date(value, date_format=one.date_format)
            except CellRefusal as bad:
                raise Refusal(bad.code, field=f"{within}{part}.{field}", **bad.params) from bad
            for refused in faults(kind.command, {field: day}, f"{within}{part}."):
                raise refused


def _for_partner(one: SheetMap, partner: str) -> SheetMap:
    def filled(value: Any) -> Any:
        return value.replace(PARTNER, partner) if isinstance(value, str) else value

    def names_partner(heading: str) -> bool:
        asked = one.filter[heading]
        return PARTNER in asked or word_key(asked) == word_key(partner)

    return PartnerMap(
        **msgspec.structs.asdict(one)
        | {
            "filter": {heading: filled(value) for heading, value in one.filter.items()},
            "constants": {field: filled(value) for field, value in one.constants.items()},
            "partner_columns": tuple(filter(names_partner, one.filter)),
        }
    )
