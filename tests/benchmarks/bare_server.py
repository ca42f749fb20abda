"""A server that answers every POST as the API does and does nothing else, so that what is measured is the client.

    python tests/benchmarks/bare_server.py [LATENCY]

It prints its port. `GET /` tells how many requests came since the last `GET /`, when the first and the last did
(seconds of one clock), and how many the busiest second had.
"""

import asyncio
import json
import sys
import time
from array import array

BODY = b'{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}'
ANSWER = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY
TIMES = array("d")
LATENCY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0


class Protocol(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.loop = asyncio.get_running_loop()
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n")[0]) if at >= 0 else 0
            if len(self.received) < end + 4 + length:
                return
            self.received = self.received[end + 4 + length :]
            if head.startswith(b"get "):
                self.transport.write(summary())
                continue
            TIMES.append(time.monotonic())
            if LATENCY:
                self.loop.call_later(LATENCY, self.transport.write, ANSWER)
            else:
                self.transport.write(ANSWER)


def summary() -> bytes:
    busiest = start = 0
    for index, at in enumerate(TIMES):
        while TIMES[start] <= at - 1.0:
            start += 1
        busiest = max(busiest, index - start + 1)
    first, last = (TIMES[0], TIMES[-1]) if TIMES else (0.0, 0.0)
    body = json.dumps({"count": len(TIMES), "first": first, "last": last, "busiest": busiest}).encode()
    del TIMES[:]
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
