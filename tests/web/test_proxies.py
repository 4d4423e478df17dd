"""deploy/nginx.conf and deploy/Caddyfile, run as they stand but for ports and paths: TLS in front of a served site."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import trustme
from conftest import needed
from page_of_forms import Visited, link, visited
from processes import end_with_parent, wait_for

from digestbot.acts.digests.editions import update_editions
from digestbot.cli.logs import mask
from digestbot.web.frame.site import Site
from digestbot.web.people import routing as people
from digestbot.web.reading import routing as reading
from digestbot.web.reading.style import ROBOTS

pytestmark = pytest.mark.slow
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
HOST = "papers.example.org"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WEB = f'proxies = ["127.0.0.1"]\nhosts = ["{HOST}"]'
#: what distributions put around the example
HTTP = """
pid {folder}/pid;
error_log {folder}/error.log info;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    gzip on; gzip_min_length 1; gzip_types *;
{example}
}}
"""


class Front:
    """A reverse proxy by TLS, before a site."""

    def __init__(self, site: Visited, ca: trustme.CA, folder: Path, plain: int, tls: int) -> None:
        self.site, self.folder, self.plain, self.tls = site, folder, plain, tls
        self._context = ssl.create_default_context()
        ca.configure_trust(self._context)

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """By TLS, under the name of the certificate."""
        plain = socket.create_connection(("127.0.0.1", self.tls), 20)
        with plain, self._context.wrap_socket(plain, server_hostname=HOST) as secure:
            asking = http.client.HTTPConnection(HOST)
            asking.sock = secure
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            asking.request(method, urlsplit(path)._replace(scheme="", netloc="").geturl(), body, {"Host": HOST} | given)
            answer = asking.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()

    def logged(self) -> str:
        """All that the proxy wrote."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """With each of these in another's place; each is there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """A proxy until the block ends."""
    said = (folder / "said").open("wb")
    with said, subprocess.Popen(command, stdout=said, stderr=said, cwd=folder, env={"HOME": str(folder)},
                                preexec_fn=end_with_parent) as process:  # fmt: skip  # noqa: PLW1509  # calls one function of libc
        try:
            wait_for(lambda: _answers(port) or process.poll() is not None)
            assert process.poll() is None, (folder / "said").read_text()
            yield
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def nginx(site: Visited, folder: Path) -> Iterator[Front]:
    program = needed("nginx", "/usr/sbin", "/usr/local/sbin")
    plain, tls = free_ports(2)
    ca = _certified(folder)
    example = replaced(
        (DEPLOY / "nginx.conf").read_text(), ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{tls} ssl;"), ("listen [::]:80;", ""), ("listen [::]:443 ssl;", ""),
        ("/etc/letsencrypt/live/papers.example.org", str(folder)), ("/var/log/nginx", str(folder)),
        ("http://127.0.0.1:8080", f"http://127.0.0.1:{site.port}"),
    )  # fmt: skip
    (folder / "nginx.conf").write_text(HTTP.format(folder=folder, example=example))
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off; master_process off;"]
    with running(command, tls, folder):
        yield Front(site, ca, folder, plain, tls)


@contextmanager
def caddy(site: Visited, folder: Path) -> Iterator[Front]:
    program = needed("caddy")
    plain, tls = free_ports(2)
    ca = _certified(folder)
    ours = f"\tadmin off\n\thttp_port {plain}\n\thttps_port {tls}\n\tstorage file_system {folder}\n"
    example = replaced(
        (DEPLOY / "Caddyfile").read_text(),
        ("papers.example.org {", f"papers.example.org {{\n\ttls {folder}/fullchain.pem {folder}/privkey.pem"),
        ("127.0.0.1:8080", f"127.0.0.1:{site.port}"), ("\tlog\n", f"\tlog {{\n\toutput file {folder}/access.log\n\t}}\n"),
        ("{\n\tlog {\n", f"{{\n{ours}\tlog {{\n\toutput file {folder}/error.log\n"),
        ("log_skip @", "skip_log @" if _older(program, (2, 8)) else "log_skip @"),
    )  # fmt: skip
    (folder / "Caddyfile").write_text(example)
    with running([program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], tls, folder):
        yield Front(site, ca, folder, plain, tls)


def _older(program: str, than: tuple[int, int]) -> bool:
    said = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v?(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) < than


def _certified(folder: Path) -> trustme.CA:
    ca = trustme.CA()
    own = ca.issue_cert(HOST)
    own.private_key_pem.write_to_path(folder / "privkey.pem")
    for blob in own.cert_chain_pems:
        blob.write_to_path(folder / "fullchain.pem", append=True)
    return ca


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    (tmp_path / "site").mkdir()
    (tmp_path / "front").mkdir()
    signup = "[signup]\nper_network = 3\n"
    with (
        visited(tmp_path / "site", "sqlite", web=WEB, more=signup) as site,
        request.param(site, tmp_path / "front") as made,
    ):
        site.papers(1, 2, 3)
        update_editions(site.app.store, site.app.feed_settings, now=site.app.clock())
        yield made


def test_pages_and_feeds_go_through_whole_packed_and_conditional(front: Front) -> None:
    for path in ("/", "/feed.xml", "/feed.json"):
        status, headers, body = front.ask(path)
        assert (status, headers["strict-transport-security"]) == (200, "max-age=31536000"), "it knows that TLS is asked"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        packed = front.ask(path, Accept_Encoding="gzip")
        assert (packed[1]["content-encoding"], gzip.decompress(packed[2])) == ("gzip", body)
        assert "Accept-Encoding" in packed[1]["vary"]
        for tag in (headers["etag"], packed[1]["etag"]):
            again = front.ask(path, If_None_Match=tag, Accept_Encoding="gzip")
            assert (again[0], again[2]) == (304, b"")
        assert front.ask(path, If_Modified_Since=headers["last-modified"])[0] == 304
        head = front.ask(path, "HEAD")
        assert (head[0], head[2], head[1]["content-length"]) == (200, b"", headers["content-length"])


def test_plain_http_leads_to_tls_with_the_whole_address(front: Front) -> None:
    asking = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=20)
    asking.request("GET", "/search?q=ti%3Ax", headers={"Host": HOST})
    with asking.getresponse() as answer:
        asking.close()
    assert answer.status in (301, 308)
    led = re.sub(r":\d+/", "/", answer.headers["Location"].removeprefix("https:"))
    assert led == f"//{HOST}/search?q=ti%3Ax"


def test_who_asks_is_the_proxys_word_and_no_header_of_the_client(front: Front) -> None:
    asked = [
        front.ask("/subscribe", "POST", urlencode({"email": f"a{n}@example.org"}).encode(),
                  X_Forwarded_For=f"198.51.{n}.1", Forwarded=f"for=198.51.{n}.1", X_Real_IP=f"198.51.{n}.1", **FORM)[0]
        for n in range(5)
    ]  # fmt: skip
    assert asked == [200, 200, 200, 429, 429]
    assert front.ask("/", Host="evil.example")[0] in (400, 421, 200)
    assert b"evil.example" not in front.ask("/", Host="evil.example")[2]


def test_one_click_works_through_it_and_no_log_tells_a_key(front: Front) -> None:
    welcome = front.site.subscribed()
    keys = {door: urlsplit(link(welcome, door)).path for door in "dfpu"}
    assert {front.ask(path)[0] for path in keys.values()} == {200}
    status, headers, _ = front.ask(keys["u"], "POST", b"List-Unsubscribe=One-Click", **FORM)
    assert (status, "location" in headers, "set-cookie" in headers) == (200, False, False)
    assert front.site.person("ada@example.org").status == "left"  # type: ignore[union-attr]  # they are there
    front.ask("/about")
    wait_for(lambda: "/about" in front.logged())
    assert not [path for path in keys.values() if path.split("/")[2] in front.logged()]


def test_what_is_too_large_is_refused_and_a_returned_mail_is_not(front: Front) -> None:
    assert front.ask("/subscribe", "POST", b"email=" + b"x" * 100_000, **FORM)[0] == 413
    assert front.ask("/bounces", "POST", b"x" * 900_000)[0] == 404, "it came to digestbot, which takes none here"


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_no_key_is_logged_while_digestbot_is_away(
    proxy: Callable[[Visited, Path], AbstractContextManager[Front]], tmp_path: Path
) -> None:
    with visited(tmp_path / "site", "sqlite", web=WEB) as site:
        key = urlsplit(link(site.subscribed(), "p")).path
    (tmp_path / "front").mkdir()
    with proxy(site, tmp_path / "front") as front:
        assert {front.ask(path)[0] for path in ("/about", key)} == {502}
        wait_for(lambda: re.search("connect.*/about", front.logged()))
        assert key.split("/")[2] not in front.logged()


def test_every_door_that_a_token_opens_is_kept_out_of_logs_and_search_engines(tmp_path: Path) -> None:
    with visited(tmp_path, "sqlite") as place:
        routes = [*people.routes(Site(place.live)), *reading.routes(Site(place.live))]
    doors = {route.path.split("{token}")[0] for route in routes if "{token}" in route.path}
    assert len(doors) >= 5
    skipped = re.search(r"@keys path (.+)", (DEPLOY / "Caddyfile").read_text())
    unlogged = re.search(r"~(\S+) 0;", (DEPLOY / "nginx.conf").read_text())
    assert skipped
    assert unlogged
    for door in doors:
        assert f"Disallow: {door}\n" in ROBOTS
        assert f"{door}*" in skipped[1].split()
        assert re.match(unlogged[1], f"{door}x")
        assert mask(f"GET https://papers.example.org{door}{'a' * 32}") == f"GET https://papers.example.org{door}***"
