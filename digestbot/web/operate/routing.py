"""Routes of this wing."""

from __future__ import annotations

from starlette.routing import Route

from digestbot.web.frame.site import Site
from digestbot.web.operate.admin import Admin
from digestbot.web.operate.bounces import BounceEndpoint
from digestbot.web.operate.health import Health


def routes(site: Site) -> list[Route]:
    """The routes for monitors, mail servers and operators."""
    monitors = Health(site)
    admin = Admin(site)
    return [
        Route("/admin", admin.show, methods=["GET"]),
        Route("/admin", admin.act, methods=["POST"]),
        Route("/admin/preview", admin.preview),
        Route("/healthz", monitors.health),
        Route("/readyz", monitors.ready),
        Route("/metrics", monitors.metrics),
        Route("/bounces", BounceEndpoint(site.live).post, methods=["POST"]),
    ]
