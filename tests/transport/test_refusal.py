"""Why a server refuses: its own words, short and plain, and never a key of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rows import rows

from digestbot.model import Fetched, ReadStatus, Request, Secret
from digestbot.testing.http_server import Reply, Site, running
from digestbot.transport.http import HttpTransport
from digestbot.transport.refusal import LARGEST, LONGEST, hidden, words

ASKED = Request(url="https://api.example/works", secrets={"api_key": Secret("k3y+/=")})


@rows(
    ("body", "said"),
    [(b'{"status":"failed","message":[{"type":"x","message":"Filter x specified but there is no such filter"}]}', "Filter x specified but there is no such filter"),
     (b'{"error":"Invalid query parameters error.","message":"x is not a valid field"}', "x is not a valid field"),
     (b'{"error":"API key invalid","api-key":"k3y+/="}', "API key invalid"), (b'{"error":{"code":400,"message":"No."}}', "No."),
     (b'{"errors":[{"detail":"One"},{"detail":"Two"}]}', "One; Two"), (b'{"status":400}', ""), (b"{broken", ""), (b"[" * 20_000, ""),
     (b"<feed><entry><id>http://arxiv.org/api/errors#x</id><title>Error</title><summary>incorrect id format</summary></entry></feed>", "incorrect id format"),
     (b"<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>", "Unable to obtain query #1"),
     (b"<!DOCTYPE html><html><body><p class='error'>No</p></body></html>", ""), (b"Rate exceeded.\nTry later", "Rate exceeded."), (b"", ""), (b"\xff\xfe\x00", "\ufffd\ufffd"),
     (b'{"message":"<b>No</b>\\u0000\\u202e\\nway"}', "No way"), (b'{"message":"%s"}' % (b"x" * 5000), "x" * LONGEST)],
)  # fmt: skip
def test_the_message_of_a_refusal_is_one_plain_line(body: bytes, said: str) -> None:
    assert words(body, ASKED) == said


@pytest.mark.parametrize("form", ["k3y+/=", "K3Y+/=", "k3y%2B%2F%3D", "k3y%2B/%3D"])
def test_a_key_that_is_repeated_is_hidden_however_it_is_written(form: str) -> None:
    assert words(f'{{"message":"The key {form} is unknown"}}'.encode(), ASKED) == "The key *** is unknown"


@pytest.mark.parametrize(
    "request_",
    [Request(url="https://me:s3cret@api.example/"), Request(url="https://api.example/?apikey=s3cret&q=x"), Request(url="https://api.example/?mailto=s3cret"),
     Request(url="https://api.example/", headers={"Authorization": "Bearer s3cret"})],
)  # fmt: skip
def test_what_a_person_wrote_into_address_or_headers_is_hidden_too(request_: Request) -> None:
    assert words(b"no such user: s3cret (x)", request_) == "no such user: *** (x)"


def test_nothing_is_hidden_where_nothing_is_kept() -> None:
    assert hidden("a b", ()) == "a b"


@pytest.fixture
def site() -> Iterator[tuple[Site, str]]:
    made = Site()
    with running(made) as web:
        yield made, web


async def get(web: str) -> Fetched:
    async with HttpTransport("", allow_private=True) as transport:
        return await transport.fetch(Request(url=f"{web}/works", secrets={"api_key": Secret("k3y")}))


async def test_a_refusal_is_told_in_the_servers_words(site: tuple[Site, str]) -> None:
    site[0].pages["/works"] = Reply(status=400, body=b'{"message":"Filter x is unknown to k3y"}')
    fetched = await get(site[1])
    assert (fetched.status, fetched.error) == (ReadStatus.UNREADABLE, "400 from 127.0.0.1: Filter x is unknown to ***")


@pytest.mark.parametrize(
    "reply", [Reply(status=404, body=b"no such page", cut=5), Reply(status=404, body=b"x" * (LARGEST + 1))]
)
async def test_a_message_that_is_cut_or_too_long_costs_only_itself(site: tuple[Site, str], reply: Reply) -> None:
    site[0].pages["/works"] = reply
    fetched = await get(site[1])
    assert (fetched.status, fetched.error) == (ReadStatus.UNREADABLE, "404 from 127.0.0.1")


async def test_a_server_that_is_not_well_is_told_by_its_status_alone(site: tuple[Site, str]) -> None:
    site[0].pages["/works"] = Reply(status=500, body=b"a stack trace")
    assert (await get(site[1])).error == "500 from 127.0.0.1"
