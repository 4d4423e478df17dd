"""Preferences: everything a reader decides for themselves, behind the link of each mail. GET shows, POST changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digestbot.acts.answers.backtest import Backtest, backtest
from digestbot.acts.answers.liked_topics import liked_topics
from digestbot.acts.people import sync as people
from digestbot.acts.people.preferences import FieldProblem, problems_of, rule_doubts, rule_problem, save_preferences
from digestbot.digest.selection.schedule import Schedule
from digestbot.model import Subscriber, Topic
from digestbot.model.people import UNSUBSCRIBED
from digestbot.web.frame.forms import posted
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site
from digestbot.web.people import preference_form as fields

log = logging.getLogger(__name__)

TRIED = timedelta(days=30)
LATEST = 3  #: papers of a tried rule that are named
LONGEST_PAUSE = timedelta(days=366)


class Preferences:
    """The page of preferences: one form for the settings, one for the pause."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._trying = asyncio.Semaphore(2)  # a month of papers is read for each: no crowd of them at once

    async def show(self, request: Request) -> Response:
        """Show all settings as they are."""
        found = await self._site.whose(request.path_params["token"], "preferences")
        if found is None:
            return self._site.gone()
        return await self._page(request, found[0], found[0], said=request.query_params.get("said", "")[:20])

    async def change(self, request: Request) -> Response:
        """Save the settings. The buttons try, add and remove change the form alone."""
        site = self._site
        found = await site.whose(request.path_params["token"], "preferences")
        if found is None:
            return site.gone()
        form = await posted(request)
        if form is None:
            return site.message(413, Says.TOO_LARGE)
        subscriber = found[0]
        if "days" not in form:
            return site.message(400, Says.NOT_KNOWN)
        liked = await run_in_threadpool(liked_topics, site.app.store, subscriber, subscriber.topics)
        sent = fields.read(subscriber, form, site.app.templates.language_codes, liked)
        if sent.pressed == "save":
            return await self._save(request, subscriber, sent.wanted)
        like_name = site.words_of(subscriber).text["pref_like_name"]
        shown = replace(sent.wanted, topics=fields.changed(sent, site.app.rules, liked, like_name))
        tried = fields.pressed_topic(sent.pressed, "try") or fields.pressed_topic(sent.pressed, "mend")
        tried = len(shown.topics) if sent.pressed == "like" and liked.voted else tried
        result = await self._try(subscriber, shown.topics[tried - 1]) if 0 < tried <= len(shown.topics) else None
        problems = problems_of(shown, site.app.rules) if tried else []
        problems = [p for p in problems if p.field in (f"rule {tried}", f"name {tried}")]
        return await self._page(request, subscriber, shown, problems=problems, tried={tried: result}, unsaved=True)

    async def pause(self, request: Request) -> Response:
        """Pause until a date, or resume."""
        site, token = self._site, request.path_params["token"]
        found = await site.whose(token, "preferences")
        if found is None:
            return site.gone()
        form = await posted(request) or {}
        subscriber, now = found[0], site.app.clock()
        if form.get("do") == "resume":
            await run_in_threadpool(people.resume, site.app.store, subscriber, now=now)
            log.info("%s resumed", subscriber.ref)
            return self._back(token, "resumed")
        weeks = form.get("weeks", "")
        until = (
            now + timedelta(weeks=int(weeks))
            if weeks in ("1", "2", "4")
            else _midnight(form.get("until", ""), subscriber)
        )
        if until is None or not now < until <= now + LONGEST_PAUSE:
            problem = FieldProblem(field="until", what=site.words_of(subscriber).text["pause_wrong"])
            return await self._page(request, subscriber, subscriber, problems=[problem])
        await run_in_threadpool(people.pause, site.app.store, subscriber, until=until, now=now)
        log.info("%s paused", subscriber.ref)
        return self._back(token, "paused")

    async def _save(self, request: Request, subscriber: Subscriber, wanted: Subscriber) -> Response:
        site = self._site
        problems = await run_in_threadpool(
            save_preferences, site.app.store, subscriber, wanted, site.app.rules, now=site.app.clock()
        )
        if problems:
            return await self._page(request, subscriber, wanted, problems=problems, unsaved=True)
        log.info("%s changed their preferences", subscriber.ref)
        return self._back(request.path_params["token"], "saved")

    def _back(self, token: str, said: str) -> Response:
        """Redirect to the page, so that loading it again posts nothing. The address is ours, never the one that was asked for."""
        return RedirectResponse(f"{self._site.to.root}p/{token}?said={said}", 303)

    async def _try(self, subscriber: Subscriber, topic: Topic) -> Backtest | None:
        """What the rule would have brought in 30 days; None for one that cannot be read."""
        site = self._site
        if not topic.like and rule_problem(topic.query, site.app.rules) is not None:
            return None
        nobody = replace(subscriber, topics=())
        async with self._trying:
            return await run_in_threadpool(
                backtest, site.app.store, nobody, [replace(topic, mute=False)], rules=site.app.rules, since=TRIED,
                now=site.app.clock(),
            )  # fmt: skip

    def _doubts(self, topic: Topic) -> tuple[str, ...]:
        app = self._site.app
        return () if topic.like else rule_doubts(topic.query, app.rules, [one.name for one in app.config.sources])

    async def _page(
        self,
        request: Request,
        subscriber: Subscriber,
        shown: Subscriber,
        *,
        problems: Sequence[FieldProblem] = (),
        tried: dict[int, Backtest | None] | None = None,
        unsaved: bool = False,
        said: str = "",
    ) -> Response:
        site, words = self._site, self._site.words_of(subscriber)
        now, zone = site.app.clock(), ZoneInfo(subscriber.time_zone)
        links = site.app.linker.links(subscriber)
        liked = await run_in_threadpool(liked_topics, site.app.store, subscriber, shown.topics)
        left = subscriber.status == "left" or subscriber.suppressed == UNSUBSCRIBED
        until = subscriber.paused_until if subscriber.paused_at(now) else None
        planned = subscriber.next_slot  # None until the round that follows a change of the schedule
        due = (planned or Schedule.parse(subscriber.schedule, subscriber.time_zone).next(now).due).astimezone(zone)
        doubts = {at: self._doubts(topic) for at, topic in enumerate(shown.topics, 1)}
        results = {at: tested(result, words) for at, result in (tried or {}).items() if result is not None}
        return site.page(
            "preferences", status=422 if problems else 200, language=subscriber.language, person=subscriber, shown=shown,
            token=request.path_params["token"], problems={p.field: p for p in problems}, doubts=doubts, tried=results, unsaved=unsaved,
            said=said if said in ("saved", "paused", "resumed", "asked", "feeds") else "", left=left, links=links,
            next=words.day("long", due), next_time=f"{due:%H:%M}",
            paused=subscriber.paused_at(now), until=words.day("long", until.astimezone(zone)) if until else "",
            days=fields.days_of(shown), time=fields.time_of(shown), sizes=sorted({*fields.SIZES, shown.max_papers}),
            all_days=fields.DAYS, starts=[*site.app.rules, *dict(fields.STARTS)], own=subscriber.origin == "web",
            liked=liked, languages=site.app.templates.language_names, zones=_zones(), today=f"{now.astimezone(zone):%Y-%m-%d}",
            weekdays=words.dates["weekdays"],
            curates=bool({subscriber.ref, subscriber.email} & set(site.app.config.edition.curators)),
        )  # fmt: skip


def tested(result: Backtest, words: Any) -> dict[str, Any]:
    """What a rule would have brought, as the page shows it."""
    counts = [day.then for day in result.days]
    highest = max(counts, default=0)
    return {
        "average": f"{result.average[1]:g}", "count": words.number(sum(counts)), "most": highest,
        "bars": [(at * 16 + 2, round(46 * count / highest) if highest else 0) for at, count in enumerate(counts)],
        "width": max(1, len(counts)) * 16, "latest": result.gained[:LATEST],
        "first": words.day("card", result.days[0].day) if result.days else "",
        "last": words.day("card", result.days[-1].day) if result.days else "",
    }  # fmt: skip


def _midnight(text: str, subscriber: Subscriber) -> datetime | None:
    """The beginning of a day in the reader's time zone, in UTC."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007  # the zone follows
        return day.replace(tzinfo=ZoneInfo(subscriber.time_zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # of the year 1 or 9999 the zone may lead out of the calendar
        return None


_COMMON = (
    "UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Zurich", "Europe/Madrid", "Europe/Helsinki",
    "Europe/Istanbul", "Africa/Cairo", "Africa/Lagos", "Africa/Nairobi", "Africa/Johannesburg", "Asia/Jerusalem",
    "Asia/Dubai", "Asia/Kolkata", "Asia/Bangkok", "Asia/Singapore", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei",
    "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "America/Argentina/Buenos_Aires",
    "America/New_York", "America/Toronto", "America/Chicago", "America/Mexico_City", "America/Denver",
    "America/Los_Angeles", "America/Vancouver", "Pacific/Honolulu",
)  # fmt: skip


def _zones() -> list[str]:
    """Zones that a field offers; any other may be typed."""
    known = available_timezones()
    return [zone for zone in _COMMON if zone in known]
