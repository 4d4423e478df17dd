"""Dates in Arabic, Hebrew, Persian and Thai, and years of the Persian and the Buddhist calendar, spelled in English. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_NAMES: Final = (
    ("Jan", "يناير|كانون الثاني|جانفي|ינואר|מ?ינו'|มกราคม|ม.ค.|ژانویه"), ("Feb", "فبراير|شباط|فيفري|פברואר|กุมภาพันธ์|ก.พ.|فوریه"),
    ("Mar", "مارس|آذار|מרץ|מרס|มีนาคม|มี.ค."), ("Apr", "أبريل|ابريل|إبريل|نيسان|أفريل|אפריל|เมษายน|เม.ย.|آوریل"),
    ("May", "مايو|أيار|ماي|מאי|พฤษภาคม|พ.ค."), ("Jun", "يونيو|يونيه|حزيران|جوان|יוני|มิถุนายน|มิ.ย.|ژوئن"),
    ("Jul", "يوليو|يوليه|تموز|جويلية|יולי|กรกฎาคม|ก.ค.|ژوئیه"), ("Aug", "أغسطس|اغسطس|آب|أوت|אוגוסט|สิงหาคม|ส.ค.|اوت"),
    ("Sep", "سبتمبر|أيلول|ספטמבר|กันยายน|ก.ย.|سپتامبر"), ("Oct", "أكتوبر|اكتوبر|تشرين الأول|אוקטובר|ตุลาคม|ต.ค.|اکتبر"),
    ("Nov", "نوفمبر|تشرين الثاني|נובמבר|พฤศจิกายน|พ.ย.|نوامبر"), ("Dec", "ديسمبر|كانون الأول|דצמבר|ธันวาคม|ธ.ค.|دسامبر"),
)  # fmt: skip
_MONTHS: Final = {name: english for english, names in _NAMES for name in names.split("|")}
_BY_LENGTH: Final = "|".join(re.escape(name) for name in sorted(_MONTHS, key=len, reverse=True))
_MONTH = re.compile(rf"(?<![^\W\d_])ב?({_BY_LENGTH})(?![^\W\d_])")

_PERSIAN: Final = {
    name: number
    for number, name in enumerate("فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split(), start=1)
}
_OF_PERSIA = re.compile(
    rf"(?:(?<!\d)(?P<day>\d{{1,2}})\s+)?(?<![^\W\d_])(?P<month>{'|'.join(_PERSIAN)})(?:\s+ماه)?,?\s+(?P<year>1[34]\d\d)(?!\d)"
)
_NUMBERED = re.compile(r"(?<!\d)(?P<year>1[34]\d\d)(?P<sign>[/-])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)")
_SOLAR = re.compile(r"(?<=\d[/.-])(2[56]\d\d)(?!\d)")  #: `23/11/2569`
_BUDDHIST = re.compile(r"(?:พ\.?ศ\.?\s?)?(?<!\d)(2[56]\d\d)(?!\d)")
_BUDDHA_SOONER: Final = 543  #: years
_CYCLE_BEGAN: Final = 1595  #: years before the first
_EPOCH: Final = -356_033  #: days from the first of the year 1 to that of the cycle
_LONG_MONTHS: Final = 6  #: months of 31 days; those behind them have 30, and the last one 29 but in a leap year


def in_english(text: str) -> str:
    """Returns the date with the English names of its months and years of the common era. `text` has decimal digits of ASCII."""
    text = _MONTH.sub(lambda found: _MONTHS[found[1]], text.replace("،", ","))
    if found := _OF_PERSIA.search(text):
        return _common(int(found["year"]), _PERSIAN[found["month"]], int(found["day"] or 0))
    if found := _NUMBERED.search(text):
        return _common(int(found["year"]), int(found["month"]), int(found["day"]))
    return _BUDDHIST.sub(lambda year: str(int(year[1]) - _BUDDHA_SOONER), text)


def common_era(text: str) -> str:
    """Returns a date in numbers with the year of the common era, where it has one of the Buddhist."""
    return _SOLAR.sub(lambda year: str(int(year[1]) - _BUDDHA_SOONER), text)


def _common(year: int, month: int, day: int) -> str:
    """The day in the common era; of a month alone the year, where it has only one; "" of none."""
    if not 1 <= month <= 12 or day > 31:
        return ""
    if day:
        return date.fromordinal(_ordinal(year, month, day)).isoformat()
    first, last = (date.fromordinal(_ordinal(year, month, at)).year for at in (1, 29))
    return str(first) if first == last else ""


def _ordinal(year: int, month: int, day: int) -> int:
    """By the 33-year cycle, which is right from 1244 to 1472 (1865 to 2093)."""
    since = year + _CYCLE_BEGAN
    leaps = since // 33 * 8 + (since % 33 + 3) // 4
    before = (month - 1) * 31 if month <= _LONG_MONTHS else (month - 1) * 30 + _LONG_MONTHS
    return _EPOCH + 365 * since + leaps + before + day
