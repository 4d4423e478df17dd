"""A mail server that is far away: a proxy that holds everything back, each way half a round trip."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Hand on what comes, in its order, `seconds` after it came."""
    loop = asyncio.get_running_loop()
    held: deque[tuple[float, bytes]] = deque()
    some = asyncio.Event()

    async def hand_on() -> None:
        while True:
            while not held:
                some.clear()
                await some.wait()
            due, data = held.popleft()
            await asyncio.sleep(due - loop.time())
            if not data:
                writer.close()
                return
            writer.write(data)

    task = asyncio.create_task(hand_on())
    data = b"-"
    while data:
        data = b""
        with suppress(OSError):
            data = await reader.read(2**16)
        held.append((loop.time() + seconds, data))
        some.set()
    with suppress(OSError):
        await task


async def _serve(server: int, seconds: float) -> None:
    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", server)
        await asyncio.gather(_carry(reader, far_writer, seconds), _carry(far_reader, writer, seconds))

    proxy = await asyncio.start_server(met, "127.0.0.1", 0)
    print(proxy.sockets[0].getsockname()[1], flush=True)
    await proxy.serve_forever()


@contextmanager
def at_a_distance(port: int, milliseconds: float) -> Iterator[int]:
    """The port of a proxy to `port`, `milliseconds` there and back; `port` itself for 0."""
    if not milliseconds:
        yield port
        return
    command = [sys.executable, "-m", "benchmarks.far_server", str(port), str(milliseconds / 2000)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.terminate()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
