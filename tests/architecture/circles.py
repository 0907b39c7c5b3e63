"""Import circles: modules that reach themselves by their imports, wherever these stand."""

from collections.abc import Mapping, Set

from tests.architecture.source import FOLDERS, dotted, imports, modules


def import_graph() -> dict[str, set[str]]:
    """The product's modules and what each one imports of them.

    A package counts where something of its own is imported, not where it only leads to a module.
    """
    files = {dotted(path): path for path in modules(*FOLDERS)}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        said = set(imports(path))
        led = {found.rpartition(".")[0] for found in said if found in files}
        members = {found.rpartition(".")[0] for found in said if found not in files}
        graph[name] = ({found for found in said if found in files} - (led - members)) - {name}
    return graph


def circular(graph: Mapping[str, Set[str]]) -> set[str]:
    """The modules that stand in a circle."""
    return {module for module in graph if module in _reached(graph, module)}


def _reached(graph: Mapping[str, Set[str]], start: str) -> set[str]:
    found: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        module = ahead.pop()
        if module not in found:
            found.add(module)
            ahead += graph[module]
    return found
