"""The list of pages is complete."""

from importlib import import_module
from pathlib import Path

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from api.web import pages
from api.web.kit.assets import Assets
from api.web.kit.renderer import Renderer
from api.web.pages.places import PLACES
from api.web.routes import routes


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
