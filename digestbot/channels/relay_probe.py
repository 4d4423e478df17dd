"""A look at the mail server without login or mail: does it answer, and how is the connection protected?"""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from digestbot.model import Security

TIMEOUT = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayState:
    """What was seen."""

    tls: str = ""  #: "TLSv1.3"; "" without
    expires: datetime | None = None  #: of the certificate, aware UTC
    error: str = ""  #: why it could not be looked at


def probe_relay(host: str, port: int, security: Security, *, context: ssl.SSLContext | None = None) -> RelayState:
    """Connect, greet, and open TLS as configured; the certificate is verified. Never raises."""
    context = context or ssl.create_default_context()
    try:
        if security == Security.TLS:
            with smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context) as server:
                return _state(server)
        with smtplib.SMTP(host, port, timeout=TIMEOUT) as server:
            if security == Security.STARTTLS:
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            return _state(server)
    except ssl.SSLCertVerificationError as error:
        return RelayState(error=f"its certificate is not valid: {error.verify_message}")
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        return RelayState(error=_words(error))


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it offers no STARTTLS"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"it said {error.smtp_code} {said}"[:200]
    if isinstance(error, socket.gaierror):
        return "its name does not resolve"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _state(server: smtplib.SMTP) -> RelayState:
    if not isinstance(server.sock, ssl.SSLSocket):
        return RelayState()
    certificate = server.sock.getpeercert() or {}
    ends = certificate.get("notAfter")
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None
    return RelayState(tls=server.sock.version() or "", expires=expires)
