"""SPF and DMARC records, judged with a DNS of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from digestbot.mail.policies.dmarc import check_dmarc, organizational_domain, report_domains, takes_reports
from digestbot.mail.policies.lookup import DnsFailed
from digestbot.mail.policies.spf import check_spf
from digestbot.testing.dns import FixedDns

IP = "192.0.2.10"
Records = Mapping[tuple[str, str], Sequence[str] | None]


@pytest.mark.parametrize(
    ("record", "more", "result", "lookups"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", {}, "pass", 0),
        ("v=spf1 ip4:198.51.100.1 -all", {}, "fail", 0),
        ("v=spf1 ip4:198.51.100.1 ~all", {}, "softfail", 0),
        ("v=spf1 ip4:198.51.100.1", {}, "neutral", 0),
        ("v=spf1", {}, "neutral", 0),
        ("V=SPF1 A -ALL", {("A", "example.org"): [IP]}, "pass", 1),
        ("v=spf1 a/24 -all", {("A", "example.org"): ["192.0.2.77"]}, "pass", 1),
        ("v=spf1 mx -all", {("MX", "example.org"): ["mx.example.org"], ("A", "mx.example.org"): [IP]}, "pass", 1),
        ("v=spf1 include:other.net -all", {("TXT", "other.net"): [f"v=spf1 ip4:{IP} -all"]}, "pass", 1),
        ("v=spf1 include:other.net -all", {("TXT", "other.net"): ["v=spf1 -all"]}, "fail", 1),
        ("v=spf1 include:other.net -all", {}, "permerror", 1),
        ("v=spf1 redirect=other.net", {("TXT", "other.net"): [f"v=spf1 ip4:{IP} -all"]}, "pass", 1),
        ("v=spf1 include:example.org -all", {}, "permerror", 1),
        ("v=spf1 exists:%{i}.x.net ptr -all", {}, "fail", 2),
        (
            "v=spf1 exists:%{ir}.%{v}.%{d2}.x.net -all",
            {("A", "10.2.0.192.in-addr.example.org.x.net"): ["127.0.0.2"]},
            "pass",
            1,
        ),
        ("v=spf1 exists:%{l1r-}.%{o}.x.net -all", {("A", "bounces.example.org.x.net"): ["127.0.0.2"]}, "pass", 1),
        ("v=spf1 exists:%{S}.x.net -all", {("A", "bounces-a%40example.org.x.net"): ["127.0.0.2"]}, "pass", 1),
        ("v=spf1 exists:%{h}.x.net -all", {("A", "mx.example.org.x.net"): ["::1"]}, "fail", 1),
        ("v=spf1 include:%{d}.x.net -all", {("TXT", "example.org.x.net"): [f"v=spf1 ip4:{IP}"]}, "pass", 1),
        (
            "v=spf1 redirect=_spf.%{d1r}.net",
            {("TXT", "_spf.example.net"): ["v=spf1 a:%{d}/24 -all"], ("A", "_spf.example.net"): ["192.0.2.99"]},
            "pass",
            2,
        ),
        ("v=spf1 a:%{i}.x.net/24 -all", {("A", f"{IP}.x.net"): ["192.0.2.99"]}, "pass", 1),
        ("v=spf1 redirect=nothing.net", {}, "permerror", 1),
        ("v=spf1 exists:%{z}.x.net -all", {}, "permerror", 1),
        ("v=spf1 exists:%(d).x.net -all", {}, "permerror", 1),
        ("v=spf1 ptr:example.org -all", {("PTR", IP): ["mx.example.org"], ("A", "mx.example.org"): [IP]}, "pass", 1),
        ("v=spf1 ptr -all", {("PTR", IP): ["mx.example.org"], ("A", "mx.example.org"): ["192.0.2.1"]}, "fail", 1),
        (
            "v=spf1 include:a.net include:b.net -all",
            {
                ("TXT", "a.net"): ["v=spf1 include:c.net -all"],
                ("TXT", "b.net"): ["v=spf1 include:c.net -all"],
                ("TXT", "c.net"): ["v=spf1 -all"],
            },
            "fail",
            4,
        ),
        ("v=spf1 ip4:nonsense -all", {}, "fail", 0),
        ("v=spf1 sender:x -all", {}, "permerror", 0),
        ("v=spf1 exp=why.example.org -all", {}, "fail", 0),
        ("v=spf1 " + " ".join(f"a:h{n}.example.org" for n in range(11)) + " -all", {}, "permerror", 11),
    ],
)
async def test_an_spf_record_is_evaluated_and_its_lookups_counted(
    record: str, more: Records, result: str, lookups: int
) -> None:
    report = await check_spf(
        FixedDns({("TXT", "example.org"): [record, "other words"], **more}),
        "example.org",
        IP,
        sender="bounces-a@example.org",
        hello="mx.example.org",
    )
    assert (report.result, report.lookups) == (result, lookups)


async def test_no_record_and_two_records_are_told() -> None:
    assert (await check_spf(FixedDns({}), "example.org", IP)).result == "none"
    two = FixedDns({("TXT", "example.org"): ["v=spf1 -all", "v=spf1 mx -all", "v=spf10"]})
    assert len((await check_spf(two, "example.org", IP)).records) == 2


async def test_includes_without_end_are_left_alone() -> None:
    dns = FixedDns({("TXT", f"n{n}.org"): [f"v=spf1 include:n{n + 1}.org -all"] for n in range(1000)})
    assert (await check_spf(dns, "n0.org", IP)).result == "permerror"
    assert len(dns.asked) < 100


async def test_a_server_that_fails_is_no_missing_record() -> None:
    with pytest.raises(DnsFailed):
        await check_spf(FixedDns({("TXT", "example.org"): None}), "example.org", IP)


@pytest.mark.parametrize(
    ("records", "domain", "policy", "organizational"),
    [
        ({"example.org": "v=DMARC1; p=reject"}, "example.org", "reject", "example.org"),
        ({"example.org": "v=DMARC1; p=reject"}, "papers.example.org", "reject", "example.org"),
        ({"example.org": "v=DMARC1; p=reject; sp=none"}, "papers.example.org", "none", "example.org"),
        ({"example.org": "v=DMARC1; p=reject", "papers.example.org": "v=DMARC1; p=none"}, "papers.example.org", "none", "example.org"),
        ({"papers.example.org": "v=DMARC1; p=none; psd=n", "example.org": "v=DMARC1; p=reject"}, "papers.example.org", "none", "papers.example.org"),
        ({"co.example": "v=DMARC1; p=quarantine; psd=y"}, "a.shop.co.example", "quarantine", "shop.co.example"),
        ({"example.org": "v=DMARC1; rua=mailto:x@example.org"}, "example.org", "none", "example.org"),
        ({"example.org": "v=DMARC1; p=maybe"}, "example.org", "", "example.org"),
        ({"example.org": "p=none; v=DMARC1"}, "example.org", "", "example.org"),
        ({"example.org": "v=DMARC1;p=quarantine ; pct=5"}, "example.org", "quarantine", "example.org"),
        ({}, "example.org", "", "example.org"),
        ({"a.b.c.d.e.f.example.org": "v=DMARC1; p=none"}, "x.y.z.a.b.c.d.e.f.example.org", "", "x.y.z.a.b.c.d.e.f.example.org"),
    ],
)  # fmt: skip
async def test_the_policy_is_found_by_the_tree_walk(
    records: dict[str, str], domain: str, policy: str, organizational: str
) -> None:
    dns = FixedDns({("TXT", f"_dmarc.{name}"): [text] for name, text in records.items()})
    report = await check_dmarc(dns, domain)
    assert (report.policy, report.organizational) == (policy, organizational)
    assert len(dns.asked) <= 8


async def test_of_several_records_none_counts() -> None:
    dns = FixedDns({("TXT", "_dmarc.example.org"): ["v=DMARC1; p=none", "v=DMARC1; p=reject"]})
    report = await check_dmarc(dns, "example.org")
    assert (report.record, report.broken) == (None, ("example.org",))


@pytest.mark.parametrize(
    ("other", "mode", "aligned"),
    [
        ("example.org", "r", True),
        ("mail.example.org", "r", True),
        ("mail.example.org", "s", False),
        ("example.net", "r", False),
    ],
)
async def test_domains_agree_by_their_organization_unless_strict(other: str, mode: str, aligned: bool) -> None:
    dns = FixedDns({("TXT", "_dmarc.example.org"): [f"v=DMARC1; p=none; aspf={mode}"]})
    report = await check_dmarc(dns, "example.org")
    own = await organizational_domain(dns, other)
    assert report.aligned("example.org", other, other_organizational=own, mode="aspf") is aligned


async def test_reports_go_to_a_foreign_domain_only_where_it_says_so() -> None:
    dns = FixedDns({
        ("TXT", "_dmarc.example.org"): ["v=DMARC1; p=none; rua=mailto:a@Reports.example.net!10m,mailto:b@example.org"],
        ("TXT", "example.org._report._dmarc.reports.example.net"): ["v=DMARC1"],
    })  # fmt: skip
    report = await check_dmarc(dns, "example.org")
    assert report.record is not None
    assert report_domains(report.record) == ["reports.example.net", "example.org"]
    assert await takes_reports(dns, "example.org", "reports.example.net")
    assert not await takes_reports(dns, "example.org", "elsewhere.example.net")
