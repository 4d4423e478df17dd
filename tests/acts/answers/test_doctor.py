"""The doctor: each line says what is, and what mends it; nothing waits for a server that does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digestbot.acts.answers.doctor import DatabaseState, DoctorTools, Finding, SenderSetup, SiteSetup, examine
from digestbot.channels.relay_probe import RelayState
from digestbot.model import Fetched, ReadStatus, Request, Security
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW
from digestbot.testing.dns import FixedDns

RECORD = "v=DKIM1; k=rsa; p=AAAA"
SENDER = SenderSetup(
    author="example.org", envelope="example.org", host="smtp.example.org", port=587, security=Security.STARTTLS,
    dkim_domain="example.org", dkim_selector="bot", dkim_record=RECORD,
)  # fmt: skip
SITE = SiteSetup(
    sender=SENDER, base_url="https://papers.example.org", contact="admin@example.org", folders=(Path("/var"),)
)
GOOD: dict[tuple[str, str], Sequence[str] | None] = {
    ("TXT", "example.org"): ["v=spf1 a:smtp.example.org -all"],
    ("TXT", "bot._domainkey.example.org"): [RECORD],
    ("TXT", "_dmarc.example.org"): ["v=DMARC1; p=none; rua=mailto:dmarc@example.org"],
    ("A", "smtp.example.org"): ["93.184.216.34"],
    ("PTR", "93.184.216.34"): ["smtp.example.org"],
}


async def answers(request: Request) -> Fetched:
    return Fetched(request=request, status=ReadStatus.OK, http_status=200)


def tools(
    store: SqlStore, records: Mapping[tuple[str, str], Sequence[str] | None] = GOOD, **change: Any
) -> DoctorTools:
    values: dict[str, Any] = {
        "database": lambda: DatabaseState(problems=store.damage()), "dns": FixedDns(records), "fetch": answers, "now": NOW, "free": lambda _: (50 << 30, 100 << 30),
        "probe": lambda *_: RelayState(tls="TLSv1.3", expires=NOW + timedelta(days=60)), "offset": lambda: timedelta(0),
    }  # fmt: skip
    return DoctorTools(**values | change)


async def found(given: DoctorTools, site: SiteSetup = SITE) -> list[Finding]:
    return await examine(given, site, seconds=5)


def lines(findings: list[Finding], check: str) -> list[tuple[str, str]]:
    return [(str(f.state), f.text) for f in findings if f.check == check]


async def test_a_site_in_order_has_only_good_lines(store: SqlStore) -> None:
    findings = await found(tools(store))
    assert {str(f.state) for f in findings} == {"ok"}
    assert {f.check for f in findings} == {
        "spf", "dkim", "dmarc", "ptr", "tls", "one_click", "clock", "disk", "database", "bulk",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "check", "state", "words"),
    [
        (("TXT", "example.org"), [], "spf", "bad", "no SPF record"),
        (("TXT", "example.org"), ["v=spf1 -all", "v=spf1 mx -all"], "spf", "bad", "2 SPF records"),
        (("TXT", "example.org"), ["v=spf1 ip4:192.0.2.1 -all"], "spf", "warn", "not seem to be covered"),
        (("TXT", "example.org"), ["v=spf1 include:gone.example.net -all"], "spf", "bad", "gone.example.net has 0"),
        (("TXT", "example.org"), None, "spf", "skipped", "no answer"),
        (("TXT", "bot._domainkey.example.org"), [], "dkim", "bad", "no record at bot._domainkey.example.org"),
        (("TXT", "bot._domainkey.example.org"), ["v=DKIM1; k=rsa; p=BBBB"], "dkim", "bad", "another key"),
        (("TXT", "bot._domainkey.example.org"), ["v=DKIM1; k=ed25519; p=AAAA"], "dkim", "bad", "another key"),
        (("TXT", "bot._domainkey.example.org"), ["v=DKIM1; p="], "dkim", "bad", "revoked"),
        (("TXT", "bot._domainkey.example.org"), [RECORD + "; t=y"], "dkim", "warn", "test"),
        (("TXT", "_dmarc.example.org"), [], "dmarc", "bad", "no DMARC record"),
        (("TXT", "_dmarc.example.org"), ["v=DMARC1; p=oops"], "dmarc", "bad", "no valid p="),
        (("TXT", "_dmarc.example.org"), ["v=DMARC1; p=none"], "dmarc", "warn", "no reports"),
        (("TXT", "_dmarc.example.org"), ["v=DMARC1; p=none; pct=50; rua=mailto:a@example.org"], "dmarc", "warn", "knows no pct"),
        (("TXT", "_dmarc.example.org"), ["v=DMARC1; p=none; rua=mailto:a@reports.net"], "dmarc", "warn", "reports.net does not say"),
        (("PTR", "93.184.216.34"), [], "ptr", "bad", "no PTR record"),
        (("PTR", "93.184.216.34"), ["other.example.net"], "ptr", "warn", "does not lead back"),
    ],
)  # fmt: skip
async def test_what_is_wrong_in_dns_is_told_with_its_mend(
    store: SqlStore, name: tuple[str, str], value: list[str] | None, check: str, state: str, words: str
) -> None:
    findings = await found(tools(store, GOOD | {name: value}))
    [line] = [f for f in findings if f.check == check and f.state == state]
    assert words in line.text
    assert line.fix or state == "skipped"


@pytest.mark.parametrize(
    ("change", "check", "state"),
    [
        ({"envelope": "bounces.example.net", "dkim_domain": ""}, "dmarc", "bad"),
        ({"envelope": "bounces.example.org", "dkim_domain": ""}, "dmarc", "ok"),
        ({"dkim_error": "the key cannot be read"}, "dkim", "bad"),
        ({"dkim_domain": ""}, "dkim", "warn"),
        ({"hello": "nowhere.example.org"}, "ptr", "warn"),
        ({"host": ""}, "tls", "skipped"),
        ({"author": "gmail.com"}, "bulk", "bad"),
        ({"author": "localhost.localdomain"}, "bulk", "bad"),
    ],
)
async def test_how_the_site_sends_is_judged(store: SqlStore, change: dict[str, str], check: str, state: str) -> None:
    findings = await found(tools(store), replace(SITE, sender=replace(SENDER, **change)))  # type: ignore[arg-type]  # fields by name
    assert state in [said for said, _ in lines(findings, check)]


def fails() -> timedelta:
    raise OSError(101, "Network is unreachable")


@pytest.mark.parametrize(
    ("change", "check", "state"),
    [
        ({"probe": lambda *_: RelayState(error="connection refused")}, "tls", "bad"),
        ({"probe": lambda *_: RelayState()}, "tls", "bad"),
        ({"probe": lambda *_: RelayState(tls="TLSv1")}, "tls", "warn"),
        ({"probe": lambda *_: RelayState(tls="TLSv1.3", expires=NOW + timedelta(days=3))}, "tls", "warn"),
        ({"offset": lambda: timedelta(seconds=-40)}, "clock", "warn"),
        ({"offset": lambda: timedelta(hours=1)}, "clock", "bad"),
        ({"offset": fails}, "clock", "skipped"),
        ({"free": lambda _: (1 << 20, 1 << 40)}, "disk", "bad"),
        ({"free": lambda _: (900 << 20, 1 << 40)}, "disk", "warn"),
        ({"dns": None}, "spf", "skipped"),
    ],
)
async def test_the_machine_is_judged(store: SqlStore, change: dict[str, Any], check: str, state: str) -> None:
    assert [said for said, _ in lines(await found(tools(store, **change)), check)] == [state]


@pytest.mark.parametrize(("url", "state"), [("", "bad"), ("http://localhost:8080", "warn")])
async def test_one_click_needs_a_web_address(store: SqlStore, url: str, state: str) -> None:
    assert [said for said, _ in lines(await found(tools(store), replace(SITE, base_url=url)), "one_click")] == [state]


async def test_a_page_that_does_not_answer_is_bad(store: SqlStore) -> None:
    async def silent(request: Request) -> Fetched:
        return Fetched(request=request, status=ReadStatus.UNREACHABLE)

    assert lines(await found(tools(store, fetch=silent)), "one_click") == [
        ("bad", "https://papers.example.org does not answer")
    ]


async def test_what_does_not_answer_costs_one_line_and_its_time_only(store: SqlStore) -> None:
    async def never(request: Request) -> Fetched:
        await asyncio.Event().wait()
        raise AssertionError

    findings = await examine(tools(store, fetch=never), SITE, seconds=0.5)
    assert [said for said, _ in lines(findings, "one_click")] == ["skipped"]
    assert [said for said, _ in lines(findings, "spf")] == ["ok", "ok"]
