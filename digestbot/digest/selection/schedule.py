"""Schedule: when a digest is due. Slots are wall-clock moments in the subscriber's time zone, DST (daylight saving) included. Pure.

A night with two 02:30 has one slot, the first. A 02:30 that does not exist is due at the next moment that does. The
slot's key is the local wall time, so that neither makes a second digest. `every 6h` counts from the start of 1970 in
UTC.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from digestbot.errors import ScheduleError
from digestbot.model import Slot

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
GROUPS = {"daily": frozenset(range(7)), "weekdays": frozenset(range(5)), "weekends": frozenset({5, 6})}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORMS = (
    'Write "weekdays 07:30", "daily 18:00", "mon,thu 08:00", "monthly 08:00", "monthly 31 08:00" (or last), "every 6h", '
    "or a cron line of five fields"
)
LONGEST = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  #: days a month has in every year
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTHLY = re.compile(
    r"monthly(?:\s+(?:on\s+)?(?:the\s+)?(\d{1,2}|last)(?:st|nd|rd|th)?)?\s+(?:at\s+)?(\d{1,2}):(\d\d)\Z", re.IGNORECASE
)
_AT = re.compile(r"([A-Za-z, ]+?)\s+(?:at\s+)?(\d{1,2}):(\d\d)\Z")
_EVERY = re.compile(r"every\s+(\d{1,4})\s*(m|h|d)\Z", re.IGNORECASE)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
FAR = 366 * 8  #: days after which a cron line that has not come never comes


@dataclass(frozen=True, slots=True)
class Cron:
    """The five fields as sets. When days and weekdays are both restricted, either of them matches, as cron defines
    it."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  #: 0 is Monday
    either: bool
    month_day: int = 0  #: 1 to 31 of every month, its last day where the month is shorter; 0: by the sets above

    def on(self, day: date) -> bool:
        """Whether the schedule comes on this day."""
        if self.month_day:
            return day.day == min(self.month_day, monthrange(day.year, day.month)[1])
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.weekday() in self.weekdays
        return by_day or by_weekday if self.either else by_day and by_weekday

    def times(self) -> list[time]:
        """The times on such a day."""
        return [time(h, m) for h in sorted(self.hours) for m in sorted(self.minutes)]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule in a time zone: days and times on a clock on the wall, or an interval."""

    text: str
    zone: str
    rhythm: Cron | timedelta

    @classmethod
    def parse(cls, text: str, tz: str) -> Schedule:
        """Read a schedule. Raises ScheduleError, which says what to write instead."""
        return _parsed(text, tz)

    def slots(self, after: datetime, until: datetime) -> list[Slot]:
        """Slots with after < due <= until, both aware UTC, in order."""
        found = []
        for slot in self._from(after):
            if slot.due > until:
                break
            found.append(slot)
        return found

    def next(self, after: datetime) -> Slot:
        """The first slot after an instant."""
        return next(self._from(after))

    def words(self) -> str:
        """`weekdays at 07:30 (Europe/Berlin)`."""
        if (wall := self.wall()) is None:
            return f"{self.text.strip()} ({self.zone})"
        days, at = wall
        return f"{', '.join(days)} at {at} ({self.zone})"

    def wall(self) -> tuple[list[str], str] | None:
        """(["mon", "thu"], "08:00") as written; None for `every` and cron lines."""
        found = _AT.match(self.text.strip()) if isinstance(self.rhythm, Cron) else None
        if found is None:
            return None
        days, hour, minute = found.groups()
        return [day.strip() for day in days.split(",")], f"{int(hour):02}:{minute}"

    def months_without(self) -> list[str]:
        """Names of the months in which it never comes although its cron line names them: "on the 31st"."""
        cron = self.rhythm
        if isinstance(cron, timedelta) or cron.month_day or cron.either:
            return []
        first = min(cron.days)
        return [MONTH_NAMES[month - 1] for month in sorted(cron.months) if first > LONGEST[month - 1]]

    def _from(self, after: datetime) -> Iterator[Slot]:
        if isinstance(self.rhythm, Cron):
            return self._wall(self.rhythm, after)
        return self._intervals(self.rhythm, after)

    def _intervals(self, every: timedelta, after: datetime) -> Iterator[Slot]:
        due = EPOCH + ((after - EPOCH) // every + 1) * every
        zone = ZoneInfo(self.zone)
        while True:
            yield Slot(key=f"{due:%Y-%m-%dT%H:%M:%SZ}", due=due, local=due.astimezone(zone).replace(tzinfo=None))
            due += every

    def _wall(self, cron: Cron, after: datetime) -> Iterator[Slot]:
        zone, times = ZoneInfo(self.zone), cron.times()
        day = after.astimezone(zone).date() - timedelta(days=1)
        previous = after
        while True:
            if cron.on(day):
                for at in times:
                    local = datetime.combine(day, at)
                    due = instant(local, zone)
                    if due > previous:
                        # two wall times inside one gap are one moment, and one slot
                        previous = due
                        yield Slot(key=f"{local:%Y-%m-%dT%H:%M}", due=due, local=local)
            day += timedelta(days=1)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """When a clock on the wall there shows `local`: the first of two, or the end of the gap that swallows it."""
    first = local.replace(tzinfo=zone, fold=0)
    due = first.astimezone(UTC)
    if due.astimezone(zone).replace(tzinfo=None) == local:
        return due
    before, after = first.utcoffset(), local.replace(tzinfo=zone, fold=1).utcoffset()
    assert before is not None  # zones know their offsets
    assert after is not None
    # inside a gap fold 0 uses the offset before it, fold 1 the one after: the gap ends between the two readings
    low, high = sorted((due, (local - after).replace(tzinfo=UTC)))
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)


@lru_cache(maxsize=4096)
def _parsed(text: str, tz: str) -> Schedule:
    _check_zone(tz)
    plain = " ".join(text.split())
    if found := _EVERY.match(plain):
        every = int(found.group(1)) * _UNITS[found.group(2).lower()]
        if not timedelta(minutes=5) <= every <= timedelta(days=366):
            raise ScheduleError(f"{text!r} is too often or too seldom", fix="From every 5m to every 366d")
        return Schedule(plain, tz, every)
    if found := _MONTHLY.match(plain):
        return Schedule(plain, tz, _monthly(text, *found.groups()))
    if found := _AT.match(plain):
        return Schedule(plain, tz, _at(text, *found.groups()))
    if len(plain.split()) == 5:
        return Schedule(plain, tz, _cron(text, plain.lower().split()))
    raise ScheduleError(f"{text!r} is no schedule", fix=FORMS)


def _check_zone(tz: str) -> None:
    try:
        ZoneInfo(tz)
    except Exception as error:  # zoneinfo raises four kinds for odd names
        near = get_close_matches(tz, [zone for zone in available_timezones() if "/" in zone], 1, 0.5)
        hint = f'Did you mean "{near[0]}"?' if near else "IANA names look like Europe/Berlin"
        raise ScheduleError(f"there is no time zone {tz!r}", fix=hint) from error


def _monthly(text: str, day: str | None, hour: str, minute: str) -> Cron:
    number = 31 if (day or "").lower() == "last" else int(day or 1)
    if not 1 <= number <= 31:
        raise ScheduleError(f"{day!r} in {text!r} is no day of a month", fix="From 1 to 31, or last")
    return replace(_at(text, "daily", hour, minute), month_day=number)


def _at(text: str, days: str, hour: str, minute: str) -> Cron:
    if int(hour) > 23 or int(minute) > 59:
        raise ScheduleError(f"{hour}:{minute} in {text!r} is no time of day", fix="From 00:00 to 23:59")
    chosen: set[int] = set()
    for name in (n for n in re.split(r"[,\s]+", days.lower()) if n):
        if name in GROUPS:
            chosen |= GROUPS[name]
        elif name[:3] in DAYS and name in (name[:3], NAMES[DAYS.index(name[:3])].lower()):
            chosen.add(DAYS.index(name[:3]))
        else:
            near = get_close_matches(name, (*GROUPS, *DAYS, "every", "monthly"), 1, 0.5)
            hint = f'Did you mean "{near[0]}"?' if near else FORMS
            raise ScheduleError(f"{name!r} in {text!r} is no day", fix=hint)
    every = frozenset
    return Cron(
        every({int(minute)}), every({int(hour)}), every(range(1, 32)), every(range(1, 13)), every(chosen), False
    )


def _cron(text: str, parts: list[str]) -> Cron:
    minute, hour, day, month, weekday = parts
    cron = Cron(
        _field(text, minute, 0, 59), _field(text, hour, 0, 23),
        _field(text, day, 1, 31), _field(text, month, 1, 12, MONTHS, 1),
        frozenset((n - 1) % 7 for n in _field(text, weekday, 0, 7, ("sun", *DAYS[:6]), 0)),
        not day.startswith("*") and not weekday.startswith("*"),
    )  # fmt: skip
    start = date(2024, 1, 1)
    if not any(cron.on(start + timedelta(days=n)) for n in range(FAR)):
        raise ScheduleError(f"{text!r} never comes", fix="There is no such day in any year")
    return cron


def _field(text: str, field: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> frozenset[int]:
    values: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        begin, dash, end = span.partition("-")
        try:
            size = int(step) if slash else 1
            start = low if span == "*" else _value(begin, names, first)
            stop = high if span == "*" or (slash and not dash) else _value(end, names, first) if dash else start
        except ValueError:
            raise ScheduleError(
                f"{part!r} in {text!r} is no cron field", fix=f"Numbers from {low} to {high}, like 1-5 or */2"
            ) from None
        if size < 1 or not low <= start <= stop <= high:
            raise ScheduleError(
                f"{part!r} in {text!r} is outside {low} to {high}", fix="Cron fields: minute hour day month weekday"
            )
        values |= set(range(start, stop + 1, size))
    return frozenset(values)


def _value(text: str, names: tuple[str, ...], first: int) -> int:
    return names.index(text[:3]) + first if text[:3] in names else int(text)
