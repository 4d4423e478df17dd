"""A mail server that is far away: a proxy that holds everything back, each way half a round trip; and the peer that is
measured there, aiosmtplib with as many connections, each sending one mail after the other.

    python -m benchmarks sending --round-trip 20
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import aiosmtplib

LINE = b"What was done, and what was found: some words of a digest of ten papers, as long as a line.\r\n"
BODY = b"Subject: Papers\r\n\r\n" + LINE * 500  #: about as long as a digest


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
    command = [sys.executable, "-m", "benchmarks.far_server", "proxy", str(port), str(milliseconds / 2000)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.terminate()


async def _send(port: int, connections: int, mails: int) -> float:
    """Mails a second of aiosmtplib: one connection each, one mail after the other."""
    left = iter(range(mails))

    async def one() -> None:
        smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await smtp.connect()
        for number in left:
            await smtp.sendmail("papers@example.org", [f"reader{number}@example.org"], BODY)
        await smtp.quit()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return mails / (time.perf_counter() - began)


def peer_rate(port: int, connections: int, mails: int) -> float:
    """The peer in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.far_server", "peer", str(port), str(connections), str(mails)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.far_server")
    parser.add_argument("part", choices=("proxy", "peer"))
    parser.add_argument("numbers", nargs="+", type=float)
    given = parser.parse_args()
    port, *rest = given.numbers
    if given.part == "proxy":
        asyncio.run(_serve(int(port), rest[0]))
    else:
        print(asyncio.run(_send(int(port), int(rest[0]), int(rest[1]))))
