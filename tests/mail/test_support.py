"""The table of mail programs' support says what caniemail.com's data say, and knows all that our mails use."""

from __future__ import annotations

import re
from pathlib import Path

from rows import rows

from digestbot.mail.lint.client_support import CLIENTS, Feature, called, feature, table

#: our program → family and platform there; Thunderbird's newest tests are the macOS ones, else the Windows ones
PLATFORMS = {
    "gmail.web": ("gmail", "desktop-webmail"), "gmail.ios": ("gmail", "ios"), "gmail.android": ("gmail", "android"),
    "gmail.mobile": ("gmail", "mobile-webmail"), "apple.mac": ("apple-mail", "macos"), "apple.ios": ("apple-mail", "ios"),
    "outlook.classic": ("outlook", "windows"), "outlook.mac": ("outlook", "macos"), "outlook.web": ("outlook", "outlook-com"),
    "outlook.ios": ("outlook", "ios"), "outlook.android": ("outlook", "android"), "yahoo.web": ("yahoo", "desktop-webmail"),
    "yahoo.ios": ("yahoo", "ios"), "yahoo.android": ("yahoo", "android"), "proton.web": ("protonmail", "desktop-webmail"),
    "proton.ios": ("protonmail", "ios"), "proton.android": ("protonmail", "android"), "thunderbird": ("thunderbird", "macos"),
}  # fmt: skip
NAMES = sorted({known.name for known in table().values()})


def newest(text: str) -> dict[tuple[str, str], str]:
    """(family, platform) → support in the newest version that was tried: y, n, a (partly), u (not known)."""
    stats = re.search(r"^stats:\s*\{(.*?)^\}", text, re.DOTALL | re.MULTILINE)
    assert stats
    found: dict[tuple[str, str], str] = {}
    for family, inside in re.findall(r"([\w-]+):\s*\{((?:[^{}]|\{[^{}]*\})*)\}", stats[1]):
        for platform, versions in re.findall(r"([\w-]+):\s*\{([^{}]*)\}", inside):
            if seen := re.findall(r'"[^"]*"\s*:\s*"(\w)', versions):
                found[family, platform] = seen[-1]
    return found


def expected(folder: Path, name: str) -> Feature:
    path = next(folder.glob(f"caniemail/*/_features/{name}.md"))
    said = newest(path.read_text())
    letters = {client: said.get(place) or said.get((place[0], "windows"), "") for client, place in PLATFORMS.items()}
    return Feature(
        name=name,
        without=tuple(c for c in CLIENTS if letters[c] == "n"),
        partly=tuple(c for c in CLIENTS if letters[c] in ("a", "u")),
    )


@rows("name", NAMES)
def test_the_table_says_what_the_public_data_say(name: str, shared_data: Path) -> None:
    wanted = expected(shared_data, name)
    for known in (f for f in table().values() if f.name == name):
        assert set(known.without) == set(wanted.without)
        assert set(known.partly) == set(wanted.partly)


def test_a_fallback_stands_only_where_something_is_lacking() -> None:
    assert not [key for key, known in table().items() if known.fallback and not (known.without or known.partly)]


def test_what_a_fallback_needs_is_in_the_table_too() -> None:
    assert not [known.needs for known in table().values() if known.needs and feature(known.needs) is None]


def test_programs_of_one_house_are_called_by_its_name() -> None:
    assert called(("gmail.web", "gmail.ios", "gmail.android", "gmail.mobile", "thunderbird")) == "Gmail and Thunderbird"
    assert called(("outlook.classic",)) == "Outlook (classic)"
