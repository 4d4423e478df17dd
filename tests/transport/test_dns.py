"""The machine's DNS, asked over real UDP: records, names that do not exist, and servers that fail."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

pytest.importorskip("dns", reason="dnspython is not installed: pip install --group dev")

import dns.message  # after the check
import dns.rcode
import dns.rrset

from digestbot.mail.policies.lookup import DnsFailed
from digestbot.transport.dns import SystemDns

ZONE = {
    ("example.org.", "TXT"): ['"v=DKIM1; k=rsa; " "p=AAAA"', '"other"'],
    ("example.org.", "MX"): ["20 b.example.org.", "10 a.example.org."],
    ("a.example.org.", "A"): ["192.0.2.1"],
    ("a.example.org.", "AAAA"): ["2001:db8::1"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["a.example.org."],
}


def answer(wire: bytes) -> bytes:
    asked = dns.message.from_wire(wire)
    name, kind = asked.question[0].name.to_text(), dns.rdatatype.to_text(asked.question[0].rdtype)
    reply = dns.message.make_response(asked)
    if name == "broken.example.org.":
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif (name, kind) in ZONE:
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *ZONE[name, kind]))
    elif not any(known == name for known, _ in ZONE):
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()


@pytest.fixture
def system() -> Iterator[SystemDns]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    wire, asker = server.recvfrom(4096)
                except TimeoutError:
                    continue
                server.sendto(answer(wire), asker)

        thread = threading.Thread(target=serve)
        thread.start()
        made = SystemDns()
        made._resolver.nameservers, made._resolver.port = ["127.0.0.1"], server.getsockname()[1]
        yield made
        stop.set()
        thread.join()


async def test_records_are_read_as_they_are_meant(system: SystemDns) -> None:
    assert set(await system.txt("example.org")) == {"v=DKIM1; k=rsa; p=AAAA", "other"}
    assert await system.mail_hosts("example.org") == ("a.example.org", "b.example.org")
    assert await system.addresses("a.example.org") == ("192.0.2.1", "2001:db8::1")
    assert await system.names("192.0.2.1") == ("a.example.org",)


async def test_no_record_and_no_such_name_are_answers(system: SystemDns) -> None:
    assert await system.txt("a.example.org") == ()
    assert await system.txt("nowhere.example.org") == ()


async def test_a_server_that_fails_is_no_answer(system: SystemDns) -> None:
    with pytest.raises(DnsFailed):
        await system.txt("broken.example.org")
    with pytest.raises(DnsFailed):
        await system.txt(f"{'a' * 70}.example.org")
