"""A service of embeddings that needs no model, and one suite for all encoders.

The vector of a text is the sum of its words' vectors, which come of their letters: texts that share words are near each other,
everywhere and always alike.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b

import pytest

from digestbot.encoders import DIMENSIONS, Encoded, Encoder, readable
from digestbot.testing.http_server import Asked, Reply, Site

SIZE = 64


def fake_vector(text: str) -> list[float]:
    """The sum of a vector for each word."""
    total = [0.0] * SIZE
    for word in text.casefold().split():
        for at, byte in enumerate(blake2b(word.encode(), digest_size=SIZE).digest()):
            total[at] += byte / 127.5 - 1
    return total


class FakeEncoder:
    """The contract is `encoders.Encoder`. `error`: what it answers instead."""

    def __init__(self, name: str = "fake", error: str = "") -> None:
        self.name, self.error = name, error
        self.asked: list[str] = []

    async def encode(self, texts: Sequence[str]) -> Encoded:
        """The texts' vectors, or the error."""
        self.asked += texts
        return (
            Encoded(error=self.error) if self.error else Encoded([fake_vector(text) for text in map(readable, texts)])
        )


def embeddings_service(key: str = "") -> Site:
    """A site that answers POST …/embeddings as OpenAI's does. Without the right key, where there is one, 401 with the key in it."""
    site = Site()

    def answer(posted: Asked) -> Reply:
        given = posted.headers.get("authorization", "").removeprefix("Bearer ")
        if key and given != key:
            return Reply(status=401, body=json.dumps({"error": {"message": f"wrong key {given}"}}).encode())
        if not posted.path.endswith("/embeddings"):
            return Reply(status=404, body=b"{}")
        asked = json.loads(posted.posted)
        rows = [
            {"object": "embedding", "index": n, "embedding": fake_vector(text)} for n, text in enumerate(asked["input"])
        ]
        return Reply(body=json.dumps({"object": "list", "model": asked["model"], "data": rows[::-1]}).encode())

    site.to_post = answer
    return site


class EncoderContract:
    """What `encoders.Encoder` promises; subclass it and say how yours is made."""

    @pytest.fixture
    def encoder(self) -> Encoder:
        """An encoder that works."""
        raise NotImplementedError("say how your encoder is made")

    async def test_every_text_has_one_finite_vector_of_the_same_length_in_order(self, encoder: Encoder) -> None:
        texts = ["Graph networks for molecules", "", "x" * 100_000, "Growth of \x00 \ud83d grain in dry summers"]
        together = await encoder.encode(texts)
        assert not together.error
        assert len(together.vectors) == len(texts)
        assert {len(vector) for vector in together.vectors} <= set(DIMENSIONS)
        assert len({len(vector) for vector in together.vectors}) == 1
        [alone] = (await encoder.encode(texts[:1])).vectors
        assert list(together.vectors[0]) == pytest.approx(
            list(alone), abs=0.05
        )  # int8 runs differ by how they are filled

    async def test_papers_of_one_subject_are_nearer_than_others(self, encoder: Encoder) -> None:
        texts = [
            "Graph neural networks predict properties of molecules", "Molecules as graphs: neural networks for properties",
            "Rainfall and the yield of wheat in southern Spain",
        ]  # fmt: skip
        one, like, other = (await encoder.encode(texts)).vectors

        def near(a: Sequence[float], b: Sequence[float]) -> float:
            lengths = sum(x * x for x in a) * sum(x * x for x in b)
            return float(sum(x * y for x, y in zip(a, b, strict=True)) / lengths**0.5)

        assert near(one, like) > near(one, other) + 0.1

    async def test_no_text_is_no_vector(self, encoder: Encoder) -> None:
        assert await encoder.encode([]) == Encoded([])
