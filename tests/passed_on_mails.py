"""What happens to a mail on its way to a reader: links are wrapped, HTML becomes text, somebody forwards it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape, unescape
from urllib.parse import quote

from alert_mails import mail

Wrap = Callable[[str], str]


def proofpoint_2(address: str) -> str:
    """- for % and _ for /."""
    told = quote(address, safe=":/").replace("-", "-2D").replace("_", "-5F").replace("%", "-")
    held = told.replace(":", "-3A").replace("/", "_")
    return f"https://urldefense.proofpoint.com/v2/url?u={held}&d=DwMFaQ&c=a-b&r=c&m=d&s=e&e="


def proofpoint_3(address: str) -> str:
    """Each sign that mail servers change is a *, and stands behind the semicolon."""
    signs = "#*;!$%"
    held = re.sub(f"[{re.escape(signs)}]", "*", address)
    taken = base64.urlsafe_b64encode("".join(sign for sign in address if sign in signs).encode()).decode().rstrip("=")
    return f"https://urldefense.com/v3/__{held}__;{taken}!!NE9cD0bV!OLm-x_y$"


def _by(form: str) -> Wrap:
    return lambda address: form.format(quote(address, safe=""))


#: what holds the address inside its own
WRAPS: dict[str, Wrap] = {
    "outlook": _by("https://eur03.safelinks.protection.outlook.com/?url={}&data=05%7C02%7C&sdata=x%3D&reserved=0"),
    "outlook, in teams": _by("https://nam02.safelinks.protection.outlook.com/ap/t-59584e83/?url={}&data=05"),
    "proofpoint 1": _by("https://urldefense.proofpoint.com/v1/url?u={}&k=abc%3D%0A&r=x&m=y&s=z"),
    "proofpoint 2": proofpoint_2,
    "proofpoint 3": proofpoint_3,
    "barracuda": _by("https://linkprotect.cudasvc.com/url?a={}&c=E,1,abc,&typo=1"),
    "cisco": _by("https://secure-web.cisco.com/1AbC_dEf-gh/{}"),
    "sophos": lambda address: (
        "https://us-west-2.protection.sophos.com/?d=x.org&u="
        + base64.b64encode(address.encode()).decode()
        + "&i=abc&t=def=&h=ghi"
    ),
    "trend micro": _by("https://ca-1234.wis.trendmicro.com:443/wis/clicktime/v1/query?url={}&umid=1&auth=2"),
    "fireeye": _by("https://protect2.fireeye.com/v1/url?k=abc&q=1&e=def&u={}"),
    "check point": lambda address: f"https://protect.checkpoint.com/v2/___{address}___.YXAzOngxOmM",
    "symantec": _by("https://clicktime.symantec.com/3abc?u={}"),
    "vade": _by("https://antiphishing.vadesecure.com/v4?f=abc&i=def&u={}"),
    "post office": _by("https://clicktime.cloud.postoffice.net/clicktime.php?U={}&E=x"),
    "gmx": _by("https://deref-gmx.net/mail/client/abc/dereferrer/?redirectUrl={}"),
    "google": _by("https://www.google.com/url?q={}&source=gmail&ust=1"),
    "two of them": lambda address: _by("https://linkprotect.cudasvc.com/url?a={}")(proofpoint_2(address)),
}
#: what knows the address alone
SEALS: dict[str, Wrap] = {
    "mimecast": lambda _: "https://protect-eu.mimecast.com/s/AbC2dEf?domain=x.org",
    "mimecast, since 2023": lambda _: "https://url.us.m.mimecastprotect.com/s/AbC2dEf?domain=x.org",
    "inky": lambda _: "https://shared.outlook.inky.com/link?domain=x.org&t=h.eJx",
    "check point, turned": lambda _: "https://url.avanan.click/v2/r01/___myyux://itn.twl/65.6555/c___.YXAz",
}
#: from, sent, to and subject in the words of mail programs
HEADERS = {
    "english": ("From", "Sent", "To", "Subject"),
    "german": ("Von", "Gesendet", "An", "Betreff"),
    "french": ("De", "Envoyé", "À", "Objet"),
    "spanish": ("De", "Enviado el", "Para", "Asunto"),
    "italian": ("Da", "Inviato", "A", "Oggetto"),
    "portuguese": ("De", "Enviada em", "Para", "Assunto"),
    "dutch": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "polish": ("Od", "Wysłano", "Do", "Temat"),
    "swedish": ("Från", "Skickat", "Till", "Ämne"),
    "russian": ("От", "Отправлено", "Кому", "Тема"),
    "chinese": ("发件人", "发送时间", "收件人", "主题"),
    "japanese": ("差出人", "送信日時", "宛先", "件名"),
}
_TAG = re.compile(r"<a\b[^<>]*?href=(?:\"([^\"]*)\"|'([^']*)')[^<>]*>(.*?)</a>", re.DOTALL)


def parts(data: bytes) -> tuple[str, str, str, str]:
    """Sender, subject, HTML and text of a mail."""
    made = message_from_bytes(data, policy=policy.default)
    assert isinstance(made, EmailMessage)
    html, text = made.get_body(("html",)), made.get_body(("plain",))
    sender = re.search(r"<(.*?)>", str(made["From"]))
    assert sender is not None
    return (
        sender[1],
        str(made["Subject"]),
        html.get_content() if html else "",
        text.get_content() if text and not html else "",
    )


def wrapped(data: bytes, wrap: Wrap) -> bytes:
    """The mail behind a gateway."""
    sender, subject, html, text = parts(data)
    html = re.sub(r'href=(["\'])(http.*?)\1', lambda found: f'href="{escape(wrap(unescape(found[2])))}"', html)
    text = re.sub(r"https?://\S+", lambda found: wrap(found[0]), text)
    return mail(sender, subject, html, text)


def as_text(html: str, link: str = "{words}\n<{address}>\n") -> str:
    """What mail programs make of HTML when they want text."""
    html = re.sub(r"<(style|script|title)\b.*?</\1>", "", html, flags=re.DOTALL)
    html = _TAG.sub(
        lambda found: link.format(words=re.sub(r"<[^<>]*>", "", found[3]).strip(), address=found[1] or found[2]), html
    )
    html = re.sub(r"<(?:/?(?:p|div|h\d|tr|li|ol|table)|br)\b[^<>]*>", "\n", html)
    kept = re.sub(r"<(?!https?:|mailto:)[^<>]*>", "", html)
    return re.sub(r"\n[ \n]*\n", "\n\n", unescape(kept))


def forwarded(data: bytes, how: str, language: str = "english", *, quoted: bool = False) -> bytes:
    """The mail inside one of somebody else."""
    sender, subject, html, text = parts(data)
    start, sent, to, about = HEADERS[language]
    head = [
        f"{start}: Alerts <{sender}>",
        f"{sent}: Monday, 23 November 2026 07:10",
        f"{to}: me@example.org",
        f"{about}: {subject}",
    ]
    if how == "text":
        body = "\n".join(head) + "\n\n" + (text or as_text(html, "{words} <{address}>\n"))
        body = "\n".join("> " + line for line in body.split("\n")) if quoted else body
        return mail(
            "me@work.example", f"Fwd: {subject}", text=f"Look.\n\n---------- Forwarded message ---------\n{body}\n"
        )
    top = {
        "gmail": '<div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>' + "<br>".join(map(escape, head)) + "<br></div>",
        "outlook": "<div>" + "".join(f"<b>{name}:</b> {escape(value)}<br>" for name, value in (line.split(": ", 1) for line in head)) + "</div>",
        "thunderbird": "<table>" + "".join(
            f"<tr><th>{name}: </th><td>{escape(value)}</td></tr>" for name, value in (line.split(": ", 1) for line in head)
        ) + "</table>",
    }[how]  # fmt: skip
    inner = html or re.sub(r"https?://\S+", r'<a href="\g<0>">\g<0></a>', escape(text)).replace("\n", "<br>\n")
    return mail("me@work.example", f"WG: {subject}", f"<html><body><p>Look.</p>{top}{inner}</body></html>")
