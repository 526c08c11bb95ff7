"""The table of roles by route: every route has its line, every line its route."""

from fastapi.routing import APIRoute

from callout.web.access import ACCESS
from callout.web.application import ROUTERS


def routes() -> set[tuple[str, str]]:
    """Every (method, path) that the pages answer."""
    every = [route for router in ROUTERS for route in router.routes]
    assert all(isinstance(route, APIRoute) for route in every), "anything else would pass by the guard"
    return {(method, route.path) for route in every if isinstance(route, APIRoute) for method in route.methods or ()}


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    assert routes() == set(ACCESS)
