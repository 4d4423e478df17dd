"""What DNS says of the sender: SPF, DKIM, DMARC with alignment, and the names of the mail server."""

from __future__ import annotations

import ipaddress

from digestbot.acts.answers.doctor.findings import Finding, SenderSetup, bad, ok, skipped, warn
from digestbot.mail.policies.dmarc import (
    GONE,
    DmarcRecord,
    DmarcReport,
    check_dmarc,
    organizational_domain,
    report_domains,
    takes_reports,
)
from digestbot.mail.policies.lookup import Dns, tags
from digestbot.mail.policies.spf import MOST_LOOKUPS, MOST_VOID, SpfReport, check_spf

LONGEST_VALUE = 60


async def spf(dns: Dns, sender: SenderSetup) -> list[Finding]:
    """RFC 7208: one record, at most ten lookups, and is the mail server covered?"""
    domain = sender.envelope
    addresses = await _public_addresses(dns, sender.host)
    address = addresses[0] if addresses else ""
    report = await check_spf(dns, domain, address, sender=f"bounces@{domain}", hello=sender.hello or sender.host)
    if not report.records:
        return [
            bad(
                "spf",
                f"{domain} has no SPF record",
                f'Add TXT "v=spf1 mx -all" to {domain}, or what your mail server asks for',
            )
        ]
    if len(report.records) > 1:
        return [
            bad("spf", f"{domain} has {len(report.records)} SPF records: none counts", "Merge them into one TXT record")
        ]
    if report.lookups > MOST_LOOKUPS:
        fix = "Take out includes nobody sends through, or write their addresses as ip4: and ip6:"
        return [bad("spf", f"the record of {domain} needs {report.lookups} lookups; {MOST_LOOKUPS} are allowed", fix)]
    if report.error:
        return [
            bad("spf", f"the record of {domain} is broken: {report.error}", "Correct the record; receivers ignore it")
        ]
    found = [ok("spf", f"{domain} has one record, {report.lookups} of {MOST_LOOKUPS} lookups")]
    if report.void > MOST_VOID:
        found.append(
            warn("spf", f"{report.void} of its lookups have no answer; {MOST_VOID} are allowed", "Take these names out")
        )
    return [*found, *_covered(report, sender, addresses)]


def _covered(report: SpfReport, sender: SenderSetup, addresses: list[str]) -> list[Finding]:
    """Only a hint: many servers send from other addresses than they listen at."""
    if not addresses:
        return []
    if report.result == "pass":
        return [ok("spf", f"{sender.host} ({addresses[0]}) may send for {sender.envelope}")]
    text = f"{sender.host} ({addresses[0]}) does not seem to be covered: {report.result}"
    return [warn("spf", text, "Ask whoever runs the server for its include:, unless it sends from another address")]


async def dkim(dns: Dns, sender: SenderSetup) -> list[Finding]:
    """RFC 6376 3.6: does DNS say what our key says?"""
    if sender.dkim_error:
        return [bad("dkim", f"mails cannot be signed: {sender.dkim_error}", "digestbot dkim key")]
    if not sender.dkim_domain:
        fix = "digestbot dkim key, unless your mail server signs for your domain"
        return [warn("dkim", "digestbot signs no mails", fix)]
    name = f"{sender.dkim_selector}._domainkey.{sender.dkim_domain}"
    records = await dns.txt(name)
    if not records:
        return [bad("dkim", f"there is no record at {name}", "digestbot dkim key prints it")]
    if len(records) > 1:
        return [
            bad(
                "dkim",
                f"{name} has {len(records)} records; receivers may take any",
                "Leave the one that digestbot dkim key prints",
            )
        ]
    return _same_key(sender, name, tags(records[0]))


def _same_key(sender: SenderSetup, name: str, told: dict[str, str]) -> list[Finding]:
    """Is the one record at `name` what our key says?"""
    wanted = tags(sender.dkim_record)
    if not told.get("p"):
        return [bad("dkim", f"the key at {name} is revoked: p= is empty", "digestbot dkim key prints the record")]
    same = "".join(told["p"].split()) == wanted["p"] and told.get("k", "rsa").lower() == wanted["k"]
    if not same:
        return [
            bad(
                "dkim",
                f"DNS has another key at {name} than ours",
                "digestbot dkim key prints ours; or choose a new selector",
            )
        ]
    found = [ok("dkim", f"{name} has our key ({wanted['k']})")]
    if "y" in told.get("t", "").lower().split(":"):
        found.append(warn("dkim", "the record says t=y: receivers treat our signatures as a test", "Take t=y out"))
    return found


async def dmarc(dns: Dns, sender: SenderSetup) -> list[Finding]:
    """The DMARC record of the sender, as RFC 9989 finds it, with its reports (RFC 9990)."""
    report = await check_dmarc(dns, sender.author)
    found = [bad("dmarc", f"_dmarc.{one} has several records: none counts", "Leave one") for one in report.broken]
    if report.record is None:
        fix = f'Add TXT "v=DMARC1; p=none; rua=mailto:dmarc@{sender.author}" at _dmarc.{sender.author}'
        return [*found, bad("dmarc", f"{sender.author} has no DMARC record; large providers ask for one", fix)]
    if not report.policy:
        return [
            *found,
            bad("dmarc", f"the record of {report.record.domain} has no valid p=", "Write p=none, quarantine or reject"),
        ]
    where = "" if report.record.domain == sender.author else f", from {report.record.domain}"
    found.append(ok("dmarc", f"policy for {sender.author}: {report.policy}{where}"))
    found += _leftovers(report.record)
    found += await _reports(dns, report.record)
    return [*found, await _alignment(dns, sender, report)]


def _leftovers(record: DmarcRecord) -> list[Finding]:
    gone = [name for name in GONE if name in record.tags]
    fix = "Take them out; in place of pct, t=y asks receivers to test"
    return [warn("dmarc", f"RFC 9989 knows no {', '.join(gone)}", fix)] if gone else []


async def _reports(dns: Dns, record: DmarcRecord) -> list[Finding]:
    """Where aggregate reports go, and whether a foreign domain takes them."""
    if not record.tags.get("rua"):
        return [warn("dmarc", "the record asks for no reports (rua)", "Add rua=mailto:… to see who sends in your name")]
    ours = await organizational_domain(dns, record.domain)
    found = []
    for to in report_domains(record):
        foreign = await organizational_domain(dns, to) != ours
        if foreign and not await takes_reports(dns, record.domain, to):
            fix = f'{to} has to publish TXT "v=DMARC1" at {record.domain}._report._dmarc.{to}'
            found.append(warn("dmarc", f"{to} does not say that it takes reports about {record.domain}", fix))
    return found


async def _alignment(dns: Dns, sender: SenderSetup, report: DmarcReport) -> Finding:
    """Does the domain of SPF or that of DKIM align with the domain of From?"""
    agreeing = []
    for name, domain, mode in (("SPF", sender.envelope, "aspf"), ("DKIM", sender.dkim_domain, "adkim")):
        if domain and report.aligned(
            sender.author, domain, other_organizational=await organizational_domain(dns, domain), mode=mode
        ):
            agreeing.append(name)
    if agreeing:
        return ok("dmarc", f"From agrees with {' and '.join(agreeing)}")
    fix = f"Sign with d={sender.author} ([dkim] domain), or let [smtp] sender end in {sender.author}"
    return bad(
        "dmarc",
        f"From ({sender.author}) agrees with neither SPF ({sender.envelope}) nor DKIM ({sender.dkim_domain or 'none'})",
        fix,
    )


async def ptr(dns: Dns, sender: SenderSetup) -> list[Finding]:
    """The mail server's address has a name that leads back to it; the name we greet with exists."""
    if not sender.host:
        return [skipped("ptr", "mails are written into files")]
    found = [await _greeting(dns, sender.hello)] if sender.hello and not sender.hello.startswith("[") else []
    addresses = await _public_addresses(dns, sender.host)
    if not addresses:
        return [
            *found,
            skipped("ptr", f"{sender.host} is on this machine or in a private network: look at it from outside"),
        ]
    names = await dns.names(addresses[0])
    if not names:
        fix = f"Whoever runs {addresses[0]} sets its PTR record"
        return [*found, bad("ptr", f"{sender.host} ({addresses[0]}) has no PTR record", fix)]
    if addresses[0] in [one for name in names[:5] for one in await dns.addresses(name)]:
        return [*found, ok("ptr", f"{addresses[0]} is {names[0]}, and back")]
    return [
        *found,
        warn(
            "ptr",
            f"{addresses[0]} is {names[0]}, which does not lead back",
            f"Give {names[0]} the address {addresses[0]}",
        ),
    ]


async def _greeting(dns: Dns, hello: str) -> Finding:
    if await dns.addresses(hello):
        return ok("ptr", f"the name we greet with, {hello}, exists")
    return warn(
        "ptr", f"the name we greet with, {hello}, has no address", "Correct [smtp] hello, or add the name to DNS"
    )


async def _public_addresses(dns: Dns, host: str) -> list[str]:
    """Global addresses of a host; none of a machine inside."""
    try:
        found = [str(ipaddress.ip_address(host))]
    except ValueError:
        found = list(await dns.addresses(host)) if host else []
    return [one for one in found if ipaddress.ip_address(one).is_global]
