"""Every page and state in a real Chromium: nothing stands out of a phone of 320 px, axe-core finds nothing, and a first
visit goes from the form to leaving by the keyboard alone and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import axe_playwright_python
import pytest
from page_of_forms import Visited, html_of, link, visited
from playwright.sync_api import Browser, Page, sync_playwright
from sizes import size

from digestbot.acts.digests.editions import update_editions
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.model import Link, LinkRel
from digestbot.testing.builders import entry

pytestmark = pytest.mark.slow
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
HOME = "http://127.0.0.1:8080"
ADA = "ada@example.org"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
MORE = """
[[sources]]
name = "daily"
kind = "huggingface"
title = "Daily papers"
[edition]
curators = ["ada@example.org"]
"""
#: (width, scheme); the canvas in it
PHONE, DESK = (320, "dark", "rgb(19, 19, 18)"), (1200, "light", "rgb(243, 241, 236)")
#: a form of any fields, sent as a page's own form would be
SEND = """([action, fields]) => { const form = document.createElement("form"); form.method = "post"; form.action = action;
for (const [name, value] of Object.entries(fields)) { const one = document.createElement("textarea"); one.name = name;
one.value = value; form.append(one); } document.body.append(form); HTMLFormElement.prototype.submit.call(form); }"""
T = TypeVar("T")


def in_browser(chromium: str, site: Visited, work: Callable[[Browser], T]) -> T:
    """Work in a Chromium for which the site's address is the port that it is served at; in a thread of its own, because
    Playwright keeps an event loop there."""

    def driven() -> T:
        leads = f"--host-resolver-rules=MAP 127.0.0.1:8080 127.0.0.1:{site.port}"
        with sync_playwright() as play:
            return work(play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", leads]))

    return apart(driven)


def apart(work: Callable[[], T]) -> T:
    """Done in a thread without an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def opened(browser: Browser, width: int, scheme: Any, **more: Any) -> Page:
    return browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, **more).new_page()


def bring(site: Visited, source: str, *entries: Any) -> None:
    from digestbot.acts.papers.resolve import resolve

    with site.app.store.transaction() as tx:
        tx.papers.add_entries(source, entries, sha="", now=site.app.clock())
    resolve(site.app.store, now=site.app.clock())
    update_editions(site.app.store, site.app.feed_settings, now=site.app.clock())
    update_search_index(site.app.store)


def filled(site: Visited) -> dict[str, tuple[str, dict[str, str] | None]]:
    """Papers of all kinds, people, and where what is shown."""
    bring(site, "arxiv-cs", *(entry(n) for n in range(2, 7)), entry(
        1, title=f"{LONG} and a very long title", authors=(LONG, "B"), categories=("cs." + "x" * 60,),
        comment="Accepted at the 17th International Conference on Advances in Social Networks Analysis and Mining"))  # fmt: skip
    bring(site, "daily", entry(2, native_key="2", signals={"upvotes": 41}, submitter="AK",
                               links=(Link(LinkRel.CODE, "https://github.com/a/b"),)))  # fmt: skip
    welcome = site.subscribed(ADA, topic="attention")
    site.post("/subscribe", email="cy@example.org")
    [asked] = site.mails()
    p, u, d, c = (
        urlsplit(link(mail, door)).path for mail, door in ((welcome, "p"), (welcome, "u"), (welcome, "d"), (asked, "c"))
    )
    vote = urlsplit(re.findall(r'href="(http://[^"]+/more)"', html_of(welcome))[0]).path
    form = {"name1": "Attention", "was1": "Attention", "days": "weekdays", "time": "07:30"}
    read = {
        "edition": "/", "week": "/week", "month": "/month", "topics": "/topics", "topic": "/topics/attention",
        "archive": "/archive", "about": "/about", "feed": "/feed.xml", "search": "/search?q=attention", "search form": "/search",
        "nothing found": "/search?q=zzzz", "wrong rule": f"/search?q={quote('titel:' + 'y' * 80)}",
        "paper": "/paper/2611.00001", "voted paper": "/paper/2611.00002", "form": "/subscribe", "leave by mail": "/leave",
        "sample": "/sample?topic=attention",
        "preferences": p, "leave": u, "digest": d, "confirm": c, "vote": vote, "delete": f"{p}/delete", "pick": f"{p}/pick",
        "no page": "/nope", "no door": "/p/none",
    }  # fmt: skip
    sent = {
        "form with errors": ("/subscribe", {"email": "nobody", "topic": "(open"}),
        "asked": ("/subscribe", {"email": "d@example.org"}),
        "wrong preferences": (p, form | {"do": "save", "rule1": "LLM tit:edge", "zone": "Mars/Base"}),
        "tried": (p, form | {"do": "try-1", "rule1": "attention"}),
        "voted": (vote, {"say": "more"}),
        "leave with errors": ("/leave", {"email": "x"}),
        "picked": (f"{p}/pick", {"do": "pick", "paper": "2611.00003", "why": "A careful negative result."}),
        "pick with errors": (f"{p}/pick", {"do": "pick", "paper": "zzz"}),
        "paused": (f"{p}/pause", {"weeks": "2"}),
        "left": (u, {"List-Unsubscribe": "One-Click"}),
    }  # fmt: skip
    return {name: (path, None) for name, path in read.items()} | dict(sent.items())


def shown(page: Page, address: str, fields: dict[str, str] | None) -> None:
    """The page of an address, or what follows a form."""
    page.goto(HOME + (address if fields is None else "/about"))
    if fields is not None:
        with page.expect_navigation():
            page.evaluate(SEND, [address, fields])


def axe(page: Page) -> list[str]:
    """What axe-core finds."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [
        f"{one['id']}: {node['html'][:200]} {node.get('failureSummary', '')}" for one in found for node in one["nodes"]
    ]


def looked_at(
    browser: Browser, look: tuple[int, str, str], states: dict[str, tuple[str, dict[str, str] | None]]
) -> list[str]:
    """What is wrong with these states."""
    width, scheme, canvas = look
    page, found = opened(browser, width, scheme), list[str]()
    elsewhere, said = list[str](), list[str]()
    page.on("request", lambda request: elsewhere.append(request.url))
    page.on("console", lambda one: said.append(one.text))
    for name, (address, fields) in states.items():
        shown(page, address, fields)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        found += [f"{name}: {one}" for one in axe(page)]
        found += [f"{name}: {wide} px too wide"] * (wide > 0) + [f"{name}: {colour}"] * (colour != canvas)
    found += [f"asked for {url}" for url in elsewhere if not url.startswith(HOME)]
    return found + [f"said {text}" for text in said if "status of 4" not in text]


def test_axe_finds_nothing_and_nothing_stands_out_of_a_phone_in_any_state(chromium: str, tmp_path: Path) -> None:
    with visited(tmp_path, "sqlite", more=MORE) as site:
        states = filled(site)
        looks = (PHONE, DESK)[: size(1, full=2)]
        assert in_browser(chromium, site, lambda browser: [looked_at(browser, look, states) for look in looks]) == [
            []
        ] * len(looks)


def test_a_closed_site_without_papers_is_as_usable(chromium: str, tmp_path: Path) -> None:
    states = {path: (path, None) for path in ("/", "/subscribe", "/archive", "/topics/attention", "/week", "/admin")}
    with visited(
        tmp_path, "sqlite", more='[signup]\nmode = "closed"\n[admin]\nheader = "X-Ops"\n', web='proxies = ["127.0.0.1"]'
    ) as site:

        def work(browser: Browser) -> tuple[list[str], int]:
            found = looked_at(browser, PHONE, {k: v for k, v in states.items() if k != "/admin"})
            ops = opened(browser, 1200, "light", extra_http_headers={"X-Ops": "ops"})
            ops.goto(f"{HOME}/admin")
            return found + axe(ops), ops.locator("form.sub").count()

        assert in_browser(chromium, site, work) == ([], 0)


def test_a_first_visit_by_keyboard_without_javascript_on_a_phone(chromium: str, tmp_path: Path) -> None:
    """Subscribe, confirm, edit a rule, vote, weekly, leave, come back."""
    with visited(tmp_path, "sqlite", more=MORE) as site:
        bring(site, "arxiv-cs", *(entry(n) for n in range(1, 4)))
        said = in_browser(
            chromium, site, lambda browser: first_visit(site, opened(browser, 320, "light", java_script_enabled=False))
        )
        ada = site.person(ADA)
    assert said == ["Look into your mailbox", f"Subscribe {ADA}?", "You are subscribed", "Your digest", "Noted.",
                    "You are unsubscribed", "Look into your mailbox", "You are subscribed"]  # fmt: skip
    assert ada is not None
    assert (ada.status, ada.schedule, [t.query for t in ada.topics]) == ("active", "mon 07:30", ["sparse attention"])


def first_visit(site: Visited, page: Page) -> list[str]:
    """The headings of the pages on the way."""
    said = []

    def press(name: str, text: str = "") -> None:
        """To a field or button of this name by the tabulator alone; then typed, or pressed."""
        for _ in range(150):
            page.keyboard.press("Tab")
            at = page.locator(":focus")
            if at.count() and name in (at.get_attribute("name"), at.get_attribute("value"), at.inner_text().strip()):
                break
        else:
            raise AssertionError(f"no way to {name} by keyboard on {page.url}")
        if text:
            page.keyboard.press("Control+a")
            arrows = text.split() if text.startswith("Arrow") else []
            for key in arrows:
                page.keyboard.press(key)
            page.keyboard.type("" if arrows else text)
        else:
            with page.expect_navigation():
                page.keyboard.press("Enter")

    def heading() -> None:
        said.append(page.locator("h1").inner_text())

    page.goto(HOME)
    press("email", ADA)
    press("topic", "attention")
    press("Subscribe")
    heading()
    [asked] = apart(site.mails)
    page.goto(link(asked, "c"))
    heading()
    press("Yes, subscribe me")
    heading()
    [welcome] = apart(site.mails)
    page.goto(link(welcome, "p"))
    press("rule1", "sparse attention")
    press("days", "ArrowDown ArrowDown")
    press("Save")
    heading()
    page.goto(re.findall(r'href="(http://[^"]+/more)"', html_of(welcome))[0])
    press("Yes, more like this")
    heading()
    page.goto(link(welcome, "u"))
    press("Unsubscribe")
    heading()
    page.goto(HOME)
    press("email", ADA)
    press("Subscribe")
    heading()
    [asked] = apart(site.mails)
    page.goto(link(asked, "c"))
    press("Yes, subscribe me")
    heading()
    return said
