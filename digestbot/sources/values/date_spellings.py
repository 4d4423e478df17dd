"""Dates of other scripts, eras and seasons, spelled so that `dates` reads them. Pure; a text of at most 200 characters."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import decimal

from digestbot.sources.values.eastern_dates import common_era, in_english

#: the year before the first of an era
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_ERA = re.compile(rf"({'|'.join(_ERAS)})\s*(\d{{1,3}}|元)\s*年")
_NUMERALS: Final = dict(zip("〇零○一二三四五六七八九", "000123456789", strict=True))
_NUMERAL = re.compile(r"[〇零○一二三四五六七八九十]{1,4}(?=\s?[年月日號号])")
_ISSUE_EAST = re.compile(r"\s*(\d{4})\s*年\s*第?\s?(?:\d{1,4}\s?[期号號巻卷辑輯]|[春夏秋冬])(?s:.*)\Z")
_ROMAN: Final = {
    numeral: number for number, numeral in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), start=1)
}
_ROMAN_MONTH = re.compile(
    r"\s*(\d{1,2})\s?[./ -]\s?(I{1,3}|IV|VI{0,3}|IX|XI{0,2})\s?[./ -]\s?(\d{4})(?:\s?(?:r|г)\.?)?\s*\Z"
)
_VIETNAMESE = re.compile(
    r"(?:\D{0,40}ngày\s+|\s*)(?:(\d{1,2})\s+)?tháng\s+(\d{1,2})(?:\s+năm|,)?\s+(\d{4})\s*\Z", re.IGNORECASE
)
_IN_VIETNAM: Final = dict(zip("một hai ba tư năm sáu bảy tám chín mười".split(), range(1, 11), strict=True)) | {
    "giêng": 1, "chạp": 12, "mười một": 11, "mười hai": 12,
}  # fmt: skip
_MONTH_IN_WORDS = re.compile(rf"(?<=tháng )({'|'.join(sorted(_IN_VIETNAM, key=len, reverse=True))})\b", re.IGNORECASE)
#: `23 Kasım 2026 Pazartesi`: the day of the week may look like a month of another language
_WEEKDAY_BEHIND = re.compile(r"\s*(\d{1,2}\.?\s[^\W\d_]{3,12}\.?,?\s\d{4}),?\s[^\W\d_]{3,12}\Z")
#: `23 thg 11, 2026` and `Thg 11 23, 2026`
_THG = re.compile(r"(?:(?<!\d)(\d{1,2})\s+)?\b(?:thg|tháng)\s?(\d{1,2})(?:\s+(\d{1,2}))?,?\s+(\d{4})\Z", re.IGNORECASE)
_GLUED = re.compile(r"(?<![^\W_])(\d{1,2})([A-Za-z]{3})(\d{4})\Z")  #: 03MAR2026
#: the word for year behind it, and what PubMed writes behind the date of an issue
_BEHIND = re.compile(
    r"(?<=\d{4})(?:\s*(?:г\.|год[а]?|р\.|року?|roku|r\.|в\.|å?rgang))\Z|(?<=\d)\.?;\s?\d(?s:.*)\Z|(?<=\d{4})[.,]\Z"
)
_ORDINAL = re.compile(r"(?<=\d)\s?(?:er|ère|º|ª|°|\.º|st|nd|rd|th)(?=\s)", re.IGNORECASE)
_OF = re.compile(r"(?<=\d)\.?\s+of\s+|(?<=[a-z])\s+the\s+(?=\d)", re.IGNORECASE)
_HUNGARIAN = re.compile(r"\s*(\d{4})\.\s+([^\W\d_]{3,12}\.?)\s+(\d{1,2})\.\s*\Z")
#: seasons: English, French, German, Spanish, Portuguese, Italian, Dutch, Polish, Scandinavian, Russian, Ukrainian
_SEASONS: Final = (
    "winter|spring|summer|autumn|fall|hiver|printemps|été|automne|frühjahr|frühling|sommer|herbst|invierno|primavera|verano|otoño|"
    "inverno|verão|outono|estate|autunno|voorjaar|lente|zomer|najaar|herfst|zima|wiosna|lato|jesień|vår|forår|sommar|høst|höst|efterår|"
    "весна|лето|осень|зима|літо|осінь"
)
_QUARTERS: Final = r"[QT][1-4]|[1-4]\.?º?\s?(?:trim(?:estre)?|quartal|quarter)\.?"
_SEASON = re.compile(
    rf"\s*(?:(?:{_SEASONS}|{_QUARTERS})(?:\s?[-–/]\s?(?:{_SEASONS}))?,?\s+(?:de\s+|del\s+)?(\d{{4}})(?:\s?[/–-]\s?\d{{2,4}})?|"
    rf"(\d{{4}})\s?[,-]?\s?(?:{_SEASONS}))\s*\Z",
    re.IGNORECASE,
)
_MONTHS_OF = re.compile(r"[^\W\d_]{3,10}\.?\s?[-–/]\s?[^\W\d_]{3,10}\.?\s+del?\s+(\d{4})\Z")


def spelled_plainly(text: str) -> str:
    """Returns the date as `dates` knows it; of an issue's season or number the year alone; the text where it is neither."""
    if not text.isascii():
        text = _in_other_scripts(text)
    text = _THG.sub(_of_vietnam, _WEEKDAY_BEHIND.sub(r"\1", common_era(text)))
    text = _OF.sub(" ", _ORDINAL.sub("", _BEHIND.sub("", text)))
    if found := _SEASON.match(text) or _ISSUE_EAST.match(text) or _MONTHS_OF.match(text):
        return str(next(filter(None, found.groups())))
    if roman := _ROMAN_MONTH.match(text):
        return f"{roman[3]}-{_ROMAN[roman[2]]:02}-{roman[1]:0>2}"
    if found := _HUNGARIAN.match(text):
        return f"{found[3]} {found[2]} {found[1]}"
    return _GLUED.sub(r"\1 \2 \3", text)


def _in_other_scripts(text: str) -> str:
    text = "".join(str(decimal(sign, sign)) for sign in text)
    text = _NUMERAL.sub(_number, text)
    text = _ERA.sub(lambda era: f"{_ERAS[era[1]] + (1 if era[2] == '元' else int(era[2]))}年", text)
    text = _MONTH_IN_WORDS.sub(lambda word: str(_IN_VIETNAM[word[1].lower()]), text)
    if found := _VIETNAMESE.match(text):
        return "-".join(part.zfill(2) for part in (found[3], found[2], found[1]) if part)
    return in_english(text)


def _of_vietnam(found: re.Match[str]) -> str:
    return "-".join(part.zfill(2) for part in (found[4], found[2], found[1] or found[3]) if part)


def _number(found: re.Match[str]) -> str:
    """`二〇二六` is 2026, `三十一` is 31."""
    tens, ten, ones = found[0].rpartition("十")
    if not ten:
        return "".join(_NUMERALS[sign] for sign in found[0])
    return f"{_NUMERALS.get(tens, '1')}{_NUMERALS.get(ones, '0')}"
