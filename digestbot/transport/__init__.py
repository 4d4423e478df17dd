"""The contract of the network edge: a Request becomes a Fetched, never an exception.

HTTP, files, mailboxes (IMAP), DNS and time (SNTP), each under limits. Which addresses may be connected to is decided in
`transport.addresses`. How often a host is asked belongs to `acts.intake.polite_fetch`; mail goes out by `channels`.
"""

from __future__ import annotations

from typing import Protocol

from digestbot.model.wire import Fetched, Request


class Transport(Protocol):
    """Moves bytes under limits. One instance for one event loop; `async with` opens and closes it."""

    async def fetch(self, request: Request) -> Fetched:
        """One GET, redirects followed.

        Sends the request's validators and the operator's contact. Within 30 s in all, 5 redirects and 10 MB after
        decompression; private addresses are refused at connect time unless allowed. Whatever happens is a value:
        a reply of 2xx is OK with its Response; 304 UNCHANGED; 408, 425, 429 and 5xx LATER (with `after` when the
        server says when); 410 GONE; other 4xx UNREADABLE; no reply, or one beyond the limits, UNREACHABLE. New
        validators are given back even on a 304 (RFC 9111 4.3.4), `moved_to` only when every hop was permanent. A redirect
        to a host of `stop_at` is not followed but given back as `onward`.
        """
