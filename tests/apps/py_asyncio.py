# SPDX-License-Identifier: BSD-2-Clause
"""server|client ADDRESS PORT FILE: a file sent over an asyncio stream."""
import asyncio
import sys

role, addr, port, path = sys.argv[1:5]


async def serve(reader, writer):
    with open(path, "rb") as f:
        writer.write(f.read())
    await writer.drain()
    writer.close()


async def main():
    if role == "server":
        server = await asyncio.start_server(serve, addr, int(port))
        async with server:
            await server.serve_forever()
    reader, writer = await asyncio.wait_for(asyncio.open_connection(addr, int(port)), 10)
    data = await reader.read(-1)
    with open(path, "wb") as f:
        f.write(data)
    writer.close()

asyncio.run(main())
