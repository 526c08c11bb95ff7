"""The interface for programs: JSON under /api/v1, with keys, and CAP 1.2 documents."""

from fastapi import APIRouter

from callout.web.api import feed, issuing, reading, spec, writing

ROUTERS: tuple[APIRouter, ...] = (spec.router, reading.router, writing.router, issuing.router, feed.router)
"""Every group of routes of the interface."""
