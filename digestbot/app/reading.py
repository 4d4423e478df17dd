"""Answers without writing: the database as it lies there, and the last good configuration while the files are broken."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from digestbot.acts.site.last_good import is_same, last_good, texts_of
from digestbot.app.config_files import checked, read_main, read_texts, root_of
from digestbot.app.wiring import App
from digestbot.errors import ConfigError, DigestbotError, StoreError
from digestbot.settings.config import StoreConfig
from digestbot.store import Note, Store
from digestbot.store.database import SqlStore
from digestbot.store.reading import copy_aside, open_to_read

_URL = re.compile(r'^[ \t]*url\s*=\s*["\'](sqlite:///[^"\']+|postgres(?:ql)?://[^"\']+)["\']', re.MULTILINE)
_ROOT = re.compile(r'^[ \t]*root\s*=\s*["\']([^"\']+)["\']', re.MULTILINE)


def app_to_read(main: Path) -> tuple[App, Note | None]:
    """An App that answers and writes nothing, and the note of the last good configuration where that had to be used.

    Raises ConfigError when the files have errors and none was kept.
    """
    try:
        texts = read_texts(main)
        return App(config=checked(texts, main), main=main, texts=tuple(texts), reading=True), None
    except ConfigError as error:
        return _by_last_good(main, error)


def _by_last_good(main: Path, error: ConfigError) -> tuple[App, Note]:
    url, root = _store_place(main)
    if url.startswith("sqlite:///") and not (root / url.removeprefix("sqlite:///")).exists():
        raise error
    try:
        store = open_to_read(url, root=root)
        try:
            kept = last_good(store) if store.current_revision() else None
        finally:
            store.close()
        if kept is None:
            raise error
        texts = texts_of(kept)
        return App(config=checked(texts, main), main=main, texts=tuple(texts), reading=True), kept
    except DigestbotError:
        raise error from None


def _store_place(main: Path) -> tuple[str, Path]:
    """Where the database is, as far as a broken file tells."""
    text, root = read_main(main), root_of(main)
    try:
        data = tomllib.loads(text)
        url, below = data.get("store", {}).get("url", ""), data.get("site", {}).get("root", "")
    except (tomllib.TOMLDecodeError, AttributeError):
        found, folder = _URL.search(text), _ROOT.search(text)
        url, below = found.group(1) if found else "", folder.group(1) if folder else ""
    return url if isinstance(url, str) and url else StoreConfig().url, root / (below if isinstance(below, str) else "")


def database_to_read(app: App) -> Store:
    """The database of a reading App: as it lies there, or a copy to which the configuration is applied.

    A copy is needed when there is no database yet, when its schema is an older one, and when the files say something
    that no writing command has applied.
    """
    if app.has_database:
        store = open_to_read(app.config.store.url, root=app.config.root)
        kept = last_good(store) if store.current_revision() else None
        if kept is not None and is_same(kept, app.texts):
            return store
        if not app.config.store.url.startswith("sqlite:///"):
            return _applied(app, store) if kept is None else store
        try:
            copy = copy_aside(app.config.store.url, root=app.config.root)
        except StoreError:
            if kept is None:
                raise
            return store  # it answers by what was applied last
        store.close()
    else:
        copy = copy_aside("sqlite:///nowhere.db", root=app.config.root / "nowhere")
    app.apply_to(copy)
    return copy


def _applied(app: App, store: SqlStore) -> Store:
    """A server's database that no command has written yet: the one case in which a question prepares it."""
    store.migrate()
    app.apply_to(store)
    return store
