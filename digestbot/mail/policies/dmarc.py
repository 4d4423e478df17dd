"""DMARC, RFC 9989: the policy of a From domain by the tree walk, alignment, and where reports go (RFC 9990)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from digestbot.mail.policies.lookup import Dns, tags

MOST_STEPS = 8  #: queries of one tree walk, RFC 9989 4.10
POLICIES = ("none", "quarantine", "reject")
GONE = ("pct", "rf", "ri")  #: tags of RFC 7489 that RFC 9989 removed


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcRecord:
    """A record and where it stands."""

    domain: str  #: without _dmarc.
    tags: dict[str, str] = field(default_factory=dict)
    several: bool = False  #: more than one record: none counts


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcReport:
    """The policy that holds for a From domain."""

    record: DmarcRecord | None  #: None: no policy
    organizational: str  #: the organizational domain
    policy: str = ""  #: none, quarantine, reject; "" without a valid record
    broken: tuple[str, ...] = ()  #: domains with several records

    def aligned(self, author: str, other: str, *, other_organizational: str, mode: str) -> bool:
        """Do From and the domain of SPF or DKIM agree? `mode` is the tag "aspf" or "adkim": s strict, else relaxed."""
        if self.record is not None and self.record.tags.get(mode, "r").lower() == "s":
            return author == other
        return self.organizational == other_organizational


async def check_dmarc(dns: Dns, domain: str) -> DmarcReport:
    """RFC 9989 4.10.1: the record of the domain itself, else of its organizational domain, else of the public suffix."""
    walked = await _walk(dns, domain)
    valid = [record for record in walked if record.tags]
    organizational = _organizational(domain, valid)
    ranked = [r for r in valid if r.domain == domain] + [r for r in valid if r.domain == organizational]
    ranked += [r for r in valid if r.tags.get("psd", "u").lower() == "y"]
    record = ranked[0] if ranked else None
    return DmarcReport(
        record=record, organizational=organizational, policy=_policy(record, domain) if record else "",
        broken=tuple(r.domain for r in walked if r.several),
    )  # fmt: skip


async def organizational_domain(dns: Dns, domain: str) -> str:
    """RFC 9989 4.10.2: for alignment of the domains of SPF and DKIM."""
    return _organizational(domain, [record for record in await _walk(dns, domain) if record.tags])


async def _walk(dns: Dns, domain: str) -> list[DmarcRecord]:
    """From the domain up, one label at a time; of more than eight labels the last seven next."""
    found: list[DmarcRecord] = []
    labels = domain.split(".")
    for _ in range(MOST_STEPS):
        record = await _record(dns, ".".join(labels))
        if record:
            found.append(record)
            if record.tags.get("psd", "u").lower() in ("n", "y"):
                break
        labels = labels[-7:] if len(labels) > 8 else labels[1:]
        if not labels:
            break
    return found


async def _record(dns: Dns, domain: str) -> DmarcRecord | None:
    """One valid record; a name with several has none that counts (RFC 9989 4.7)."""
    texts = [text for text in await dns.txt(f"_dmarc.{domain}") if re.match(r"v\s*=\s*DMARC1\s*(?:;|\Z)", text)]
    if len(texts) > 1:
        return DmarcRecord(domain=domain, several=True)
    return DmarcRecord(domain=domain, tags=tags(texts[0])) if texts else None


def _organizational(domain: str, records: list[DmarcRecord]) -> str:
    """psd=n names it; one label below psd=y; else the record with the fewest labels; without any the domain itself."""
    for record in records:
        psd = record.tags.get("psd", "u").lower()
        if psd == "n":
            return record.domain
        if psd == "y" and record.domain != domain:
            keep = record.domain.count(".") + 2
            return ".".join(domain.split(".")[-keep:])
    return min((record.domain for record in records), key=lambda name: name.count("."), default=domain)


def _policy(record: DmarcRecord, domain: str) -> str:
    """p of the domain's own record, sp of one above it; without a valid p a record with rua counts as none."""
    below = record.domain != domain
    said = (record.tags.get("sp") if below else None) or record.tags.get("p", "")
    if said.lower() in POLICIES:
        return said.lower()
    return "none" if record.tags.get("rua") else ""


def report_domains(record: DmarcRecord) -> list[str]:
    """Domains of the mailto addresses of rua, RFC 9990."""
    found = re.findall(r"mailto:[^@,\s]{1,64}@([\w.-]{1,253})", record.tags.get("rua", ""), re.IGNORECASE)
    return list(dict.fromkeys(name.lower().rstrip(".") for name in found))


async def takes_reports(dns: Dns, about: str, to: str) -> bool:
    """Does a foreign domain take reports about ours? RFC 9990 4: a record at ABOUT._report._dmarc.TO."""
    return any(text.startswith("v=DMARC1") for text in await dns.txt(f"{about}._report._dmarc.{to}"))
