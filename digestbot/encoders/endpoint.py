"""An encoder at a service: any that answers POST /embeddings as OpenAI's does (vLLM, Ollama, LM Studio, text-embeddings-inference).

https://platform.openai.com/docs/api-reference/embeddings/create
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from digestbot.encoders import DIMENSIONS, Encoded, readable
from digestbot.model import Secret
from digestbot.transport.proxies import proxy_for

SECONDS = 30.0  #: for one answer, whole
LARGEST = 16 * 1024 * 1024  #: bytes of one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointEncoder:
    """The contract is `encoders.Encoder`. The key goes to the host of `url` alone, and stands in no error."""

    url: str  #: without /embeddings
    model: str
    key: Secret = field(default_factory=lambda: Secret(""))
    proxy: str = ""
    seconds: float = SECONDS

    @property
    def name(self) -> str:
        """`text-embedding-3-small at api.openai.com`."""
        return f"{self.model} at {self.host}"

    @property
    def host(self) -> str:
        """The service."""
        return urlsplit(self.url).hostname or "the service"

    async def encode(self, texts: Sequence[str]) -> Encoded:
        """As the contract says."""
        import aiohttp

        try:
            async with asyncio.timeout(self.seconds):
                status, body = await self._ask(list(map(readable, texts)))
        except TimeoutError:
            return Encoded(error=f"no whole answer from {self.host} within {self.seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Encoded(error=f"{self.host} cannot be reached: {type(error).__name__}")
        if status != 200:
            return Encoded(error=_refused(status, self.host, self.model))
        if body is None:
            return Encoded(error=f"{self.host} sends more than {LARGEST // 2**20} MB")
        return self._read(body, len(texts))

    async def _ask(self, texts: Sequence[str]) -> tuple[int, bytes | None]:
        import aiohttp

        asked = {"model": self.model, "input": list(texts), "encoding_format": "float"}
        headers = {"Authorization": f"Bearer {self.key.reveal()}"} if self.key.reveal() else {}
        address = f"{self.url.rstrip('/')}/embeddings"
        async with (
            aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(
                address, json=asked, headers=headers, allow_redirects=False, proxy=proxy_for(address, self.proxy) or None
            ) as reply,
        ):  # fmt: skip
            body = b""
            async for part in reply.content.iter_chunked(65536):
                body += part
                if len(body) > LARGEST:
                    return reply.status, None
            return reply.status, body

    def _read(self, body: bytes, count: int) -> Encoded:
        try:
            rows = json.loads(body)["data"]
            made = {int(row.get("index", at)): _vector(row["embedding"]) for at, row in enumerate(rows)}
            vectors = [made[n] for n in range(count)]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            return Encoded(error=f"{self.host} does not answer as /embeddings should")
        size = len(vectors[0]) if vectors else DIMENSIONS.start
        if size not in DIMENSIONS or any(len(vector) != size for vector in vectors):
            said = f"{DIMENSIONS.start} to {DIMENSIONS.stop - 1} numbers"
            return Encoded(error=f"the vectors of {self.model} have {size} numbers, not {said}")
        return Encoded(vectors)


def _vector(given: Any) -> list[float]:
    """Raises ValueError for what is no vector."""
    vector = [float(number) for number in given]
    if not all(map(math.isfinite, vector)):
        raise ValueError
    return vector


def _refused(status: int, host: str, model: str) -> str:
    """Never the service's own words: they may repeat the key."""
    if status in (401, 403):
        return f"{host} refuses the key ({status}): see key_file of [encoder]"
    if status == 404:
        return f"{host} has no model {model}, or no /embeddings at this address (404): see [encoder]"
    return f"{status} from {host}"
