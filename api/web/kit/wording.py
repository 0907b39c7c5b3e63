"""How one reader sees sentences, days, instants and figures."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal

from api.errors import sentence
from domain.kernel.bounds import is_choice, is_money
from domain.kernel.errors import Refusal
from domain.kernel.values import Month, Ratio
from domain.kpi.kpi import Kpi
from domain.kpi.rounding import Unit, shown
from projections.kernel.listing import Listing
from services.importing.report import Fault
from services.reading.export import heading
from services.words.texts import LOCALES, Texts

_EXACT = 10_000
"""Four decimal places: what people read at a glance."""


@dataclass(frozen=True)
class Wording:
    """One language and one time zone. t: the sentence of a msgid."""

    t: Texts
    zone: str

    @property
    def language(self) -> str:
        return self.t.language

    @property
    def locale(self) -> Locale:
        return _locale(LOCALES[self.language])

    def refusal(self, refused: Refusal | Fault) -> str:
        """The trouble and the way out of it."""
        return sentence(refused.code, refused.params, self.language)

    def month(self, month: Month) -> str:
        return self.t.month(month)

    def day(self, day: date | None) -> str:
        return self.t("none") if day is None else self.t.day(day)

    def instant(self, instant: datetime) -> str:
        return format_datetime(instant, "medium", tzinfo=ZoneInfo(self.zone), locale=self.locale)

    def said(self, of: Any, name: str) -> str:
        """What a field of a row or an event holds, as people read it."""
        return self.value(type(of), name, getattr(of, name))

    def value(self, of: type, name: str, value: Any) -> str:
        """A value of a class's field, as people read it: what they typed as they typed it."""
        if value is None or value in ("", ()):
            return self.t("none")
        if isinstance(value, bool):
            return self.choice(name, "yes" if value else "no")
        if isinstance(value, Decimal):
            places = ".00" if is_money(of, name) else ".##"
            return format_decimal(value, f"#,##0{places}", locale=self.locale)
        if isinstance(value, datetime):
            return self.instant(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, list | tuple):
            return self.t("word.and").join(self.value(of, name, one) for one in value)
        return self.choice(name, value) if is_choice(of, name) else str(value)

    def choice(self, name: str, choice: str, of: str = "") -> str:
        """One of the few values of a field, in words. of: a list that may have its own for it."""
        spaces = (f"{name}.{of}", name, "word", "role", "topic")
        known = (self.t.sentences.get(f"{space}.{choice}") for space in spaces)
        return next(filter(None, known), choice)

    def label(self, name: str, in_form: str) -> str:
        """What a field is called. in_form: its place there, `go_live.on`, which may have a word of
        its own."""
        return self.t.known(f"field.{in_form}", self.t.known(f"field.{name}", name))

    def heading(self, listing: Listing[Any], name: str) -> str:
        """The words of a column."""
        return heading(listing, name, self.t.sentences.get)

    def ratio(self, ratio: Ratio, unit: Unit, rounding: str) -> str:
        """`66.6%` or `1.16`, a dash when undefined."""
        return shown(ratio, unit, rounding) or self.t("none")

    def fraction(self, kpi: Kpi, numerator: int, denominator: int) -> str:
        """The counts behind a figure: `12/18`, of points `145/2`."""
        points, rest = divmod(numerator, kpi.parts)
        decimals = f".{rest:02d}".rstrip("0") if rest else ""
        return f"{points}{decimals}/{denominator // kpi.parts}"

    def part(self, kpi: Kpi, numerator: int, denominator: int) -> str:
        """What one subject adds to a figure: `1/1`, `day 3`, `145 points in 2`."""
        if kpi.denominator is None:
            return str(numerator)
        counts = self.fraction(kpi, numerator, denominator)
        said = self.t.sentences.get(f"kpi.{kpi.slug}.part")
        first, second = counts.split("/")
        return said.format(numerator=first, denominator=second) if said else counts

    def exact(self, ratio: Ratio, unit: Unit) -> str:
        """A target as people write it, never rounded: `80%`, `1.5`, or `2/3` where no short decimal
        says it."""
        whole = Fraction(ratio.numerator, ratio.denominator) * (100 if unit == "percent" else 1)
        if (whole * _EXACT).denominator != 1:
            return f"{ratio.numerator}/{ratio.denominator}"
        digits = format((Decimal(int(whole * _EXACT)) / _EXACT).normalize(), "f")
        return f"{digits}%" if unit == "percent" else digits

    def share(self, share: Ratio | Fraction, rounding: str = "half_up") -> str:
        """An estimated share in percent; it needs no more precision than its figure. rounding: of
        the figures that it stands beside, where it is compared with them."""
        return self.ratio(Ratio(share.numerator, share.denominator), "percent", rounding)

    def points(self, share: Fraction) -> str:
        """A distance between shares in percentage points: `2.5`."""
        return self.share(share).removesuffix("%")


_locale = cache(Locale.parse)
