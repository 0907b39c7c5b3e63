"""A draft of a scheme (试算): what it would change, laid over every version there is.

What the draft does not state stays as each version says, so that a comparison shows the effect of
what was changed and of nothing else. It is nobody's version and no event.
"""

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, get_type_hints

from msgspec import Meta, Struct, defstruct
from msgspec.structs import asdict, replace

from domain.kernel.errors import Refusal
from domain.kpi.catalog import UNITS
from domain.kpi.evidence import Basis
from domain.kpi.scheme.lines import Lines, check_lines
from domain.kpi.scheme.versions import Parameters, Scheme, Version

if TYPE_CHECKING:
    StatedParameters: TypeAlias = Any
else:
    StatedParameters = defstruct(
        "StatedParameters",
        [
            (name, hint | None, None)
            for name, hint in get_type_hints(Parameters, include_extras=True).items()
        ],
        frozen=True,
        omit_defaults=True,
        namespace={"__doc__": "The parameters that a draft states; null: as it is."},
        module=__name__,
    )
    """The fields of Parameters, none of which must be stated."""


class Draft(Struct, frozen=True, omit_defaults=True):
    """A draft of a scheme; parameters that it leaves out stay as in each version.

    Refuses what Parameters and check_lines refuse.
    """

    parameters: Annotated[
        StatedParameters | None, Meta(description="What is not stated stays as it is.")
    ] = None
    lines: Annotated[Lines | None, Meta(description="If given, instead of all lines.")] = None

    def __post_init__(self) -> None:
        try:
            self._over(Version())
        except Refusal as refused:
            refused.field = f"parameters.{refused.field}"
            raise
        if self.lines is not None:
            check_lines(self.lines, UNITS)

    @classmethod
    def of(cls, **parameters: Any) -> "Draft":
        """A draft that states parameters alone; None: not stated."""
        return cls(StatedParameters(**parameters))

    @property
    def stated(self) -> dict[str, Any]:
        """The parameters that the draft states, by name."""
        given = asdict(self.parameters) if self.parameters is not None else {}
        return {name: value for name, value in given.items() if value is not None}

    def over(self, scheme: Scheme) -> Scheme:
        """The scheme as if every version said what the draft states, the defaults too."""
        return scheme.each(self._over)

    def applied(self, basis: Basis) -> Basis:
        """The basis of the figures as they would be if the draft were in force."""
        return basis.under(self.over(basis.evidence.scheme))

    def _over(self, version: Version) -> Version:
        parameters = Parameters(**asdict(version.parameters) | self.stated)
        lines = version.lines if self.lines is None else self.lines
        return replace(version, parameters=parameters, lines=lines)
