"""The structure that the README promises, held: folders, imports, sizes, complete lists."""

import ast
import re
import statistics
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from domain.kernel.aggregate import Aggregate
from infra.database.migrate import migrations
from projections import PROJECTIONS
from projections.kernel.projection import Projection
from services.reactors import REACTORS
from services.reactors.reactor import Reactor
from services.registry import COMMANDS
from tests.architecture.source import FOLDERS, dotted, imports, modules, tracked
from tests.place import ROOT

TOP = {
    *FOLDERS,
    "tests",
    "docs",
    "pyproject.toml",
    "README.md",
    "Makefile",
    "LICENSE",
    "CHANGELOG.md",
    "requirements.lock",
}
LONGEST, MEDIAN = 400, 120

MAY_IMPORT = {
    "domain": {"domain"},
    "services": {"domain", "services"},
    "services.reading": {"domain", "services", "projections"},
    "projections": {"domain", "projections"},
    "infra": {"domain", "services", "projections", "infra"},
    "api": {"domain", "services", "projections", "api", "infra.bootstrap", "infra.settings"},
}
DOMAIN_LIBRARIES = {"eventsourcing", "msgspec"}


def subclasses(kind: type[Aggregate]) -> Iterator[type[Aggregate]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def test_doors_ask_the_application_and_not_its_pools() -> None:
    reached = re.compile(r"\b(app|system|system\(\w+\))\.(db|waiting)\b")
    doors = {path: path.read_text(encoding="utf-8") for path in modules("api")}
    found = {dotted(path) for path, text in doors.items() if reached.search(text)}
    assert found == set()


def test_nothing_else_stands_at_the_top() -> None:
    names = {p.relative_to(ROOT).parts[0] for p in tracked()}
    assert {name for name in names if not name.startswith(".")} <= TOP


def test_every_room_of_services_but_reading_is_held_off_projections() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (held,) = (
        contract["source_modules"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["forbidden_modules"] == ["projections", "services.reading"]
    )
    rooms = {".".join(dotted(path).split(".")[:2]) for path in modules("services")}
    assert set(held) == rooms - {"services", "services.reading"}


BENCHMARKED = {"infra/bench/handler.py": ("api.edge", "api.http.monitoring")}
"""What stands below a door, and is measured behind its edge."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_what_stands_below_it(folder: str) -> None:
    for path in modules(folder):
        room = ".".join(path.relative_to(ROOT).parts[:2])
        allowed = MAY_IMPORT.get(room, MAY_IMPORT[folder])
        excepted = BENCHMARKED.get(str(path.relative_to(ROOT)), ())
        ours = [name for name in imports(path) if name.split(".")[0] in FOLDERS]
        for name in ours:
            if name.startswith(excepted):
                continue
            reaches = {name.split(".")[0], ".".join(name.split(".")[:2])}
            assert reaches & allowed, f"{path.relative_to(ROOT)} imports {name}"


def test_the_domain_knows_the_standard_library_and_two_others() -> None:
    import sys

    known = {*sys.stdlib_module_names, "domain", *DOMAIN_LIBRARIES}
    for path in modules("domain"):
        for name in imports(path):
            assert name.split(".")[0] in known, f"{path.relative_to(ROOT)} imports {name}"


LATE = {"webauthn": {"api.web.pages.passkeys"}}
"""What takes long to load, and who loads it at its own start: all commands would wait for it."""


def test_what_takes_long_to_load_is_loaded_by_who_needs_it() -> None:
    early: dict[str, set[str]] = {name: set() for name in LATE}
    for path in modules(*FOLDERS):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in {name.split(".")[0] for name in named} & LATE.keys():
                early[name].add(dotted(path))
    assert early == LATE


def test_no_file_is_long_and_most_are_short() -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path in modules(*FOLDERS, "tests")
    }
    assert not {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > LONGEST}
    own = [n for p, n in lengths.items() if p.relative_to(ROOT).parts[0] != "tests" and n]
    assert statistics.median(own) < MEDIAN


def test_every_module_says_what_it_is_for() -> None:
    for path in modules(*FOLDERS, "tests"):
        text = path.read_text(encoding="utf-8")
        if text.strip():
            assert ast.get_docstring(ast.parse(text)), path.relative_to(ROOT)


def test_every_folder_with_code_is_a_package_that_says_what_may_live_there() -> None:
    for path in modules(*FOLDERS):
        package = path.parent / "__init__.py"
        assert package.exists(), f"{path.parent.relative_to(ROOT)} has no __init__.py"
        assert ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))), package


def test_every_event_has_a_stored_name_of_its_category() -> None:
    for aggregate in subclasses(Aggregate):
        assert aggregate.events(), aggregate
        for event in aggregate.events():
            category, _, verb = event.TOPIC.partition(".")
            assert category == aggregate.TOPIC
            assert re.fullmatch(r"[a-z]+(_[a-z]+)*", verb), event.TOPIC


def test_every_handler_is_in_the_list_of_commands_with_a_permission() -> None:
    listed = {row.handler.__name__: kind.__name__ for kind, row in COMMANDS.items()}
    for path in modules("services"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("_") or [arg.arg for arg in node.args.args][1:] != ["command"]:
                continue
            if node.name in ("execute", "repeated"):
                continue
            assert node.decorator_list, f"{path.name}: {node.name} is no handler"
            command = node.args.args[1].annotation
            assert isinstance(command, ast.Name)
            assert listed.get(node.name) == command.id, f"{path.name}: {node.name} is not listed"


def test_every_declared_projection_is_in_the_list() -> None:
    found = set()
    for path in modules("projections"):
        module = import_module(dotted(path))
        found |= {id(value) for value in vars(module).values() if isinstance(value, Projection)}
    assert found == {id(projection) for projection in PROJECTIONS}
    assert len({projection.table for projection in PROJECTIONS}) == len(PROJECTIONS)


def test_every_declared_reactor_is_in_the_list_and_named_as_its_module() -> None:
    found = set()
    for path in modules("services"):
        if path.parent.name != "reactors":
            continue
        for value in vars(import_module(dotted(path))).values():
            if isinstance(value, Reactor):
                found.add(id(value))
        if path.name not in ("__init__.py", "reactor.py"):
            assert re.fullmatch(r"when_[a-z_]+_then_[a-z_]+", path.stem), path.name
            assert path.stem in {reactor.name for reactor in REACTORS}, path.name
    assert found == {id(reactor) for reactor in REACTORS}
    assert len({reactor.name for reactor in REACTORS}) == len(REACTORS)


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [m.number for m in migrations()] == list(range(1, len(migrations()) + 1))


def test_decisions_are_numbered_once_and_fit_a_screen() -> None:
    decisions = sorted((ROOT / "infra" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    for path in decisions:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 50, path.name


def test_settings_are_read_in_one_place() -> None:
    terminal = ROOT / "api" / "cli" / "lines.py"  # the user's language, not the installation's
    for path in set(modules("domain", "services", "projections", "api")) - {terminal}:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"os\.environ(\.get|\[)|getenv", text), path.relative_to(ROOT)


def test_no_registry_or_content_network_is_named() -> None:
    names = ("pypi", "pythonhosted", "npmjs", "unpkg", "jsdelivr", "cdnjs", "googleapis")
    hosts = re.compile(rf"\b({'|'.join(names)})\.(org|com|net)\b")
    for path in tracked():
        if path.suffix in {".xlsx", ".png", ".woff2", ".chudan"}:
            continue
        assert not hosts.search(path.read_text(encoding="utf-8")), path.relative_to(ROOT)


def test_nothing_is_unfinished_or_silenced_wholesale() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|type: ignore$|noqa$", re.M)
    for path in modules(*FOLDERS, "tests"):
        if path != Path(__file__):  # which names what it looks for
            assert not marks.search(path.read_text(encoding="utf-8")), path.relative_to(ROOT)
