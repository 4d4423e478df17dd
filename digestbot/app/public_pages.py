"""The public pages of an app: as its server shows them, and as files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from digestbot.acts.pages.public_pages import PublicPages, Render
from digestbot.acts.pages.static_site import Folder
from digestbot.app.wiring import App
from digestbot.digest.rendering.addresses import Addresses


def page_frame(app: App) -> dict[str, Any]:
    """What the frame of every page needs of the configuration."""
    signup = app.config.signup.mode if app.config.site.base_url else "closed"
    return {"site": app.config.site.name, "contact": app.config.site.contact, "index": False, "signup": signup}


def addresses(app: App) -> Addresses:
    """Where the server has its pages: below the path of the base address, if it has one."""
    base = app.config.site.base_url
    return Addresses(root=f"{urlsplit(base).path.rstrip('/')}/", base=base, style_mark=app.templates.style_mark)


def public_pages(app: App, render: Render) -> PublicPages:
    """The pages as they are now."""
    site = app.config.site
    return PublicPages(
        store=app.store, settings=app.feed_settings, words=app.templates.words(site.language), to=addresses(app),
        render=render, now=app.clock(), imprint=site.imprint,
    )  # fmt: skip


def site_as_files(app: App) -> Folder:
    """The site as files of a folder."""

    def render(name: str, /, **values: Any) -> str:
        return app.templates.page(name, app.config.site.language, **(page_frame(app) | values))

    return Folder(public_pages(app, render), app.templates, page_frame(app))
