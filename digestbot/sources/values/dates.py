"""Read dates as feeds write them, as precise as they are given. No date is better than a guessed one."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from digestbot.model import PartialDate
from digestbot.papers.text.clean import fold
from digestbot.sources.values.date_spellings import spelled_plainly

#: what stands behind the day: `T07:30:00.5+01:00`, ` 07:30:00 EST`, `, 7:30 pm`, ` 07:30:00 GMT+0100 (CET)`
_CLOCK = re.compile(
    r"(?:,?\s+(?:[-–]\s+)?(?:(?:at|às|a\slas|um|à|alle|kl\.?|klo)\s+)?|T)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"\s*(?P<zone>(?:GMT|UTC?)?[+-]\d\d?(?::?\d\d)?|[A-Z]{1,5})?\s*(?:\([^()]*\)|\[[^\[\]]*\]|uhr)?\s*\Z",
    re.IGNORECASE,
)
#: `20021231T192030Z`: ISO 8601's basic form
_BASIC_CLOCK = re.compile(r"(?<=\d)T(\d\d)(\d\d)(\d\d)?(?![\d:])")
_OFFSET = re.compile(r"(?:GMT|UTC?)?([+-])(\d\d?)(?::?(\d\d))?", re.IGNORECASE)
#: hours east of Greenwich: RFC 822 section 5.1, and names that mean one zone only (IST is three)
_ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12,
    "NZDT": 13,
}  # fmt: skip
_NUMBERED = re.compile(
    r"\s*(?:[A-Z]{2,9},?\s+(?=\d{4}[-/.]))?(?P<year>\d{4})(?:(?P<sign>[-/.])(?P<month>\d{1,2})(?:(?P=sign)(?P<day>\d{1,2}))?)?\s*\Z",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"\s*(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)\s*\Z")
#: `2026年11月23日`, `2026년 11월`, `2026. 11. 23.`
_EAST = re.compile(
    r"\s*(?P<year>\d{4})\s*[年년.]\s*(?P<month>\d{1,2})\s*[月월.](?:\s*(?P<day>\d{1,2})\s*[日일.]?)?\s*\Z"
)
#: `11/23/2026`, `23.11.2026`: which is the month is known where the other is too large for one, or of the dots
_BEHIND = re.compile(r"\s*(?P<first>\d{1,2})(?P<sign>[/.-])\s?(?P<second>\d{1,2})(?P=sign)\s?(?P<year>\d{4})\s*\Z")
_OF_YEAR = re.compile(r"\s*(?P<year>\d{4})-(?:W(?P<week>\d\d)(?:-(?P<weekday>[1-7]))?|(?P<day>\d{3}))\s*\Z")
#: the season, the quarter or the two months of an issue: only the year is sure
_ISSUE_OF = (
    r"(?:winter|spring|summer|autumn|fall|Q[1-4]|(?:first|second|third|fourth|1st|2nd|3rd|4th) quarter"
    r"|[^\W\d_]{3,10}\.?\s?[-–/]\s?[^\W\d_]{3,10}\.?)"
)
_SEASON = re.compile(rf"\s*(?:{_ISSUE_OF},?\s+(\d{{4}})|(\d{{4}})[\s-]+{_ISSUE_OF})\s*\Z", re.IGNORECASE)
_NO_DAY = re.compile(r"(?<=\d{4})-00-00(?!\d)|(?<=\d{4}-\d\d)-00(?!\d)")
_WORD = r"(?P<word>[^\W\d_]{3,12})\.?"
#: in words of any language, whatever stands before: `Seg, 24 Set 2018`, `3. März 2026`, `Tuesday, November 24th, 2026`
_WORDED = (
    re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s+)?{_WORD},?[\s-]+(?:del?\s+)?(?P<year>\d{{4}}|\d\d)\s*\Z"),
    re.compile(rf"(?<![^\W_]){_WORD}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\s*\Z"),
    re.compile(rf"\s*(?P<year>\d{{4}})[\s-]+{_WORD}(?:[\s-]+(?P<day>\d{{1,2}}))?\s*\Z"),
    re.compile(rf"(?:\A|:)\s*{_WORD},?[\s/]+(?:del?\s+)?(?P<year>\d{{4}})\s*\Z"),
)  # fmt: skip
_UNIX = re.compile(r"\s*(1\d{9})(?:\d{3})?\s*\Z")  #: seconds or milliseconds, 2001 to 2033
#: first letters of the months in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Turkish, Russian,
#: Scandinavian, Finnish, Estonian, Czech, Romanian, Catalan, Hungarian, Indonesian, Ukrainian and Greek, without accents.
#: The longest that fits counts: `marraskuu` is November
_MONTHS = (
    "jan jaan ene gen sty oca ian tammi led янв січ ιαν", "feb fev lut sub helmi veeb uno фев лют φεβ",
    "mar mrz maa mrt maalis bre мар бер μαρ", "apr abr avr kwi nis huhti dub апр кві απρ",
    "may mai mag mei maj mag touko kve май мая тра μαι",
    "jun juin giu cze haz juun iun kesa cerven cervn июн чер ιουν", "jul juil lug lip tem juul iul heina cervenec cervenc июл лип ιουλ",
    "aug ago agu aou sie elo srpen srpna авг сер αυγ", "sep set wrz eyl sze syys zar сен вер σεπ",
    "oct okt out ott paz eki loka rij окт жов οκτ", "nov lis kas noi marras ноя лис νοε",
    "dec dez des dic gru ara dets joulu pro дек гру δεκ",
)  # fmt: skip
_MONTH_BY_BEGIN = {start: number for number, starts in enumerate(_MONTHS, 1) for start in starts.split()}
#: a clock that was never set
_NO_TIME = frozenset({"1970-01-01T00:00:00Z", "1970-01-01", "0001-01-01T00:00:00Z", "0001-01-01"})
_DAY_AHEAD, _ISSUE_AHEAD = timedelta(days=1), timedelta(days=366)
_LONGEST = 200  #: characters


def date_of(text: Any, parsed: Any = None) -> PartialDate | None:
    """ISO 8601 (2026, 2026-11, 2026-11-23, with or without time), RFC 822, its like in words, Unix seconds, or what
    feedparser made of it where that agrees with what is written.

    A time without a zone is taken as UTC, as feedparser does; of one in a zone nobody can know only the day is kept.
    None when it is no date.
    """
    if not isinstance(text, str) or len(text) > _LONGEST or not text.strip():
        return None
    text = _NO_DAY.sub("", _BASIC_CLOCK.sub(_with_colons, " ".join(text.split())))
    try:
        return _told(text) or _from_struct(text, parsed)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


@lru_cache(maxsize=512)  # entries of one reply are of few days
def _told(text: str) -> PartialDate | None:
    plain = spelled_plainly(text)
    return _written(plain) or _unix(text) or _rfc822(text)


def believable(given: PartialDate | None, now: datetime) -> PartialDate | None:
    """The date, or None for one that cannot have come yet, and for the zero of a clock.

    A day is not believed from the day after tomorrow on; an issue, of which only the month or the year is told, may be
    a year ahead.
    """
    if given is None or given.text in _NO_TIME:
        return None
    ahead = _DAY_AHEAD if given.precision in ("day", "instant") else _ISSUE_AHEAD
    return given if given.earliest().date() <= now.date() + ahead else None


def by_their_order(said: Sequence[str]) -> dict[int, PartialDate]:
    """Of dates like `03/04/2026`, by position: what they say where others of their list show which number is the month.

    Only those whose month is not known by themselves; none where the others show nothing, or both orders.
    """
    found = {at: match for at, text in enumerate(said) if (match := _BEHIND.match(text[:_LONGEST].partition(" ")[0]))}
    pairs = [(int(match["first"]), int(match["second"])) for match in found.values()]
    day_first, month_first = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    if day_first == month_first:
        return {}
    open_ = {at: match for at, match in found.items() if len(_day_behind(match)) == 4}
    read = {at: (m["second"], m["first"]) if day_first else (m["first"], m["second"]) for at, m in open_.items()}
    return {at: PartialDate(f"{found[at]['year']}-{int(month):02}-{int(day):02}") for at, (month, day) in read.items()
            if 0 < int(month) <= 12 and 0 < int(day) <= 12}  # fmt: skip


def _written(text: str) -> PartialDate | None:
    clock = _CLOCK.search(text)
    before = text[: clock.start()] if clock else text
    if clock and clock["half"] and (found := _BEHIND.match(before)) and found["sign"] == "/":
        day = f"{found['year']}-{int(found['first']):02}-{int(found['second']):02}"  # who writes PM writes the month first
    else:
        day = _day(before)
    if clock is None or not day:
        return PartialDate(day) if day else None
    return _moment(day, clock) if len(day) == 10 else PartialDate(day)


def _with_colons(found: re.Match[str]) -> str:
    return f"T{found[1]}:{found[2]}:{found[3] or '00'}"


def _day(text: str) -> str:
    """`2026`, `2026-11` or `2026-11-24`; "" for no date."""
    if found := _NUMBERED.match(text) or _COMPACT.match(text) or _EAST.match(text):
        return "-".join(found[name].zfill(2) for name in ("year", "month", "day") if found[name])
    if found := _BEHIND.match(text):
        return _day_behind(found)
    if found := _OF_YEAR.match(text):
        return _day_of_year(found)
    if found := _SEASON.match(text):
        return found[1] or found[2]
    return _day_in_words(text)


def _day_behind(found: re.Match[str]) -> str:
    """Returns the day, or the year alone where both numbers may be the month: countries differ in their order."""
    first, second = int(found["first"]), int(found["second"])
    if first > 12 or (found["sign"] == "." and second <= 12):
        return f"{found['year']}-{second:02}-{first:02}"
    return f"{found['year']}-{first:02}-{second:02}" if second > 12 or first == second else found["year"]


def _day_of_year(found: re.Match[str]) -> str:
    """ISO 8601's days of the year and of the week."""
    year = int(found["year"])
    if found["day"]:
        return (date(year, 1, 1) + timedelta(days=int(found["day"]) - 1)).isoformat()
    return date.fromisocalendar(year, int(found["week"]), int(found["weekday"] or 1)).isoformat()


def _day_in_words(text: str) -> str:
    for pattern in _WORDED:
        if (found := pattern.search(text)) and (month := _month(found["word"])):
            year = found["year"] if len(found["year"]) == 4 else f"{19 + (int(found['year']) < 69)}{found['year']}"
            day = found.groupdict().get("day")
            return f"{year}-{month:02}" + (f"-{day.zfill(2)}" if day else "")
    return ""


def _moment(day: str, clock: re.Match[str]) -> PartialDate:
    zone, half = _zone(clock["zone"] or "Z"), (clock["half"] or "").lower()
    hour = int(clock["hour"]) % 12 + 12 * (half == "p") if half else int(clock["hour"])
    if zone is None or hour > 23:
        return PartialDate(day)
    seconds = min(int(clock["second"] or 0), 59)  # 60 is a leap second
    year, month, date_ = map(int, day.split("-"))
    return PartialDate.of(datetime(year, month, date_, hour, int(clock["minute"]), seconds, tzinfo=zone))


def _zone(name: str) -> timezone | None:
    if found := _OFFSET.fullmatch(name):
        sign = -1 if found[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(found[2]), minutes=int(found[3] or 0)))
    return timezone(timedelta(hours=_ZONES[name.upper()])) if name.upper() in _ZONES else None


def _unix(text: str) -> PartialDate | None:
    found = _UNIX.match(text)
    return PartialDate.of(datetime.fromtimestamp(int(found[1]), UTC)) if found else None


def _rfc822(text: str) -> PartialDate | None:
    try:
        moment = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError):
        return None
    return PartialDate.of(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) if moment.year >= 1900 else None


def _from_struct(text: str, parsed: Any) -> PartialDate | None:
    """Returns feedparser's reading where the text holds its year and day: it may have taken the first of the month."""
    if not parsed:
        return None
    moment, numbers = datetime.fromtimestamp(timegm(parsed), UTC), {int(n) for n in re.findall(r"\d{1,9}", text)}
    days = {(moment + timedelta(days=shift)).day for shift in (-1, 0, 1)}  # the zone may have moved it
    return PartialDate.of(moment) if moment.year in numbers and days & numbers else None


def _month(word: str) -> int:
    """Returns 1 to 12, or 0 for no month. `jui` alone could be June or July, so a whole known beginning has to fit."""
    name = fold(word)
    return next((_MONTH_BY_BEGIN[name[:n]] for n in range(len(name), 2, -1) if name[:n] in _MONTH_BY_BEGIN), 0)
