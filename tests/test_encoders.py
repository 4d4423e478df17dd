"""Sentence encoders: a service, a model on this machine, and what both promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from digestbot.encoders import Encoded, Encoder
from digestbot.encoders.endpoint import EndpointEncoder
from digestbot.encoders.local import LocalEncoder
from digestbot.model import Secret
from digestbot.testing.encoders import EncoderContract, FakeEncoder, embeddings_service
from digestbot.testing.http_server import Reply, Site, running

KEY = "sk-very-secret-1234"
TEXTS = ["one", "two"]
OURS = LocalEncoder()  #: read once


class TestFake(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return FakeEncoder()


class TestEndpoint(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Iterator[Encoder]:
        with running(embeddings_service(KEY)) as address:
            yield EndpointEncoder(url=f"{address}/v1", model="small", key=Secret(KEY))


class TestLocal(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return OURS


async def test_the_service_is_asked_for_the_model_with_the_key_in_the_header_alone() -> None:
    site = embeddings_service(KEY)
    with running(site) as address:
        await EndpointEncoder(url=f"{address}/v1/", model="small", key=Secret(KEY)).encode(TEXTS)
    [asked] = site.asked
    assert (asked.path, asked.headers["authorization"]) == ("/v1/embeddings", f"Bearer {KEY}")
    assert json.loads(asked.posted) == {"model": "small", "input": TEXTS, "encoding_format": "float"}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=401, body=KEY.encode()), "refuses the key (401)"),
        (Reply(status=404), "has no model small"),
        (Reply(status=503), "503 from 127.0.0.1"),
        (Reply(status=302, headers={"Location": "http://169.254.169.254/"}), "302 from 127.0.0.1"),
        (Reply(body=b"<html>"), "does not answer as /embeddings should"),
        (Reply(body=b"[" * 100_000), "does not answer as /embeddings should"),
        (Reply(body=b'{"data": [{"index": 0, "embedding": [1]}]}'), "does not answer as /embeddings should"),
        (Reply(body=json.dumps({"data": [{"embedding": [1.0] * 9}, {"embedding": [float("nan")] * 9}]}).encode()), "does not answer"),
        (Reply(body=json.dumps({"data": [{"embedding": [1.0] * 9}, {"embedding": [1.0] * 8}]}).encode()), "have 9 numbers"),
        (Reply(body=json.dumps({"data": [{"embedding": [1.0]}, {"embedding": [1.0]}]}).encode()), "have 1 numbers, not 8 to 4096"),
        (Reply(body=b"{}", delay=5), "no whole answer from 127.0.0.1 within 0.3 s"),
        (Reply(body=b"{}" * 50, drip=0.1), "no whole answer"),
        (Reply(body=b" " * (17 * 2**20)), "sends more than 16 MB"),
    ],
)  # fmt: skip
async def test_what_a_service_does_wrong_is_said_without_the_key(reply: Reply, said: str) -> None:
    with running(Site(to_post=lambda _: reply)) as address:
        seconds = 0.3 if reply.delay or reply.drip else 30.0
        made = await EndpointEncoder(url=address, model="small", key=Secret(KEY), seconds=seconds).encode(TEXTS)
    assert said in made.error
    assert KEY not in made.error
    assert not made.vectors


async def test_a_service_that_is_not_there_is_an_error_and_no_exception() -> None:
    with running(Site()) as address:
        pass
    made = await EndpointEncoder(url=address, model="small").encode(TEXTS)
    assert made.error.startswith("127.0.0.1 cannot be reached")


async def test_a_folder_without_a_model_is_told_by_its_path(tmp_path: Path) -> None:
    encoder = LocalEncoder(tmp_path)
    assert await encoder.encode(TEXTS) == Encoded(error=f"there is no file {tmp_path / 'model.onnx'}")


async def test_a_file_that_is_no_model_is_an_error_and_no_exception(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model")
    (tmp_path / "tokenizer.json").write_text("{}")
    encoder = LocalEncoder(tmp_path)
    assert (await encoder.encode(TEXTS)).error.startswith(f"the model {encoder.name} failed")


def test_another_model_in_the_folder_is_another_encoder(tmp_path: Path) -> None:
    encoder = LocalEncoder(tmp_path)
    before = encoder.name
    (tmp_path / "model.onnx").write_bytes(b"another")
    assert encoder.name != before
