"""The list of pages is complete."""

from importlib import import_module
from pathlib import Path

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from api.needs import NEEDS
from api.web import pages
from api.web.kit.assets import Assets
from api.web.kit.renderer import Renderer
from api.web.pages import checklist
from api.web.pages.places import PLACES
from api.web.routes import routes
from tests.api.web.walking import routes_of_pages


def test_every_page_that_is_written_is_wired() -> None:
    assets = Assets.load()
    (router, *_) = routes(assets, Renderer(assets, PLACES))
    assert isinstance(router, Router)
    wired = {handler.fn for route in router.routes for handler in route.route_handlers}
    names = (path.stem for path in Path(pages.__file__).parent.glob("[a-z]*.py"))
    modules = [import_module(f"{pages.__name__}.{name}") for name in names]
    written = {one.fn for module in modules for one in vars(module).values() if _is_page(one)}
    assert len(written) > 10
    assert {one.__name__ for one in written - wired} == set()


def _is_page(value: object) -> bool:
    return isinstance(value, HTTPRouteHandler)


def test_what_the_menu_and_the_first_steps_lead_to_asks_for_no_more_than_they_do() -> None:
    asked = {
        route.path: handler.opt[NEEDS]
        for route in routes_of_pages()
        for handler in route.route_handlers
        if "GET" in handler.http_methods and NEEDS in handler.opt
    }
    for one in PLACES:
        needed = asked.get(one.path)
        if needed and one.permission in needed.permissions:  # Else the page itself asks.
            assert needed.everything == one.everything, one.path
    for path, permissions in checklist.PLACES.values():
        assert {*asked[path].permissions} <= {*permissions}, path
    assert asked["/import"].everything and asked["/tokens"].everything
