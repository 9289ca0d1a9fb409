"""Whether a picture or a PDF is what its name says: by its own structure, from its first byte to its last.

A file cut by a transfer has the right first bytes; so the ends are looked at too.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from pizzeria.operations.components.refusal import Refused

PNG = b"\x89PNG\r\n\x1a\n"
JPEG_LONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers that carry no length: TEM and the restarts."""
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_SCAN = 0xDA
JPEG_FILL = 0xFF
"""Every marker begins with it, and may be padded with more of it."""
GIF_IMAGE, GIF_EXTENSION, GIF_END = 0x2C, 0x21, 0x3B
GIF_TABLE = 0x80


def _demand(whole: object) -> None:
    """Inside these checks: what is asked does not hold."""
    if not whole:
        raise ValueError


def structured(name: str, read: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """A check that raises Refused where `read` cannot follow the file's structure to its end."""

    def check(data: bytes) -> None:
        try:
            read(data)
        except (ValueError, IndexError, struct.error):
            raise Refused(_("Ce n’est pas un fichier %(name)s entier.") % {"name": name}) from None

    return check


def read_png(data: bytes) -> None:
    _demand(data.startswith(PNG))
    chunks = list(_png_chunks(data))
    kinds = [kind for kind, _body in chunks]
    _demand(kinds[0] == b"IHDR" and kinds[-1] == b"IEND" and b"IDAT" in kinds)
    _demand(all(struct.unpack(">II", chunks[0][1][:8])))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        (checksum,) = struct.unpack_from(">I", data, end)
        _demand(zlib.crc32(data[at + 4 : end]) == checksum)
        yield data[at + 4 : at + 8], data[at + 8 : end]
        at = end + 4


def read_jpeg(data: bytes) -> None:
    _demand(data.startswith(b"\xff\xd8") and data.rstrip(b"\0").endswith(b"\xff\xd9"))
    at, framed = 2, False
    while (marker := _jpeg_marker(data, at)) != JPEG_SCAN:
        if marker in JPEG_LONE or marker == JPEG_FILL:
            at += 1 if marker == JPEG_FILL else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in JPEG_FRAMES:
            _demand(all(struct.unpack_from(">HH", data, at + 5)))
            framed = True
        at += 2 + length
    _demand(framed)


def _jpeg_marker(data: bytes, at: int) -> int:
    _demand(data[at] == JPEG_FILL)
    return data[at + 1]


def read_gif(data: bytes) -> None:
    _demand(data[:6] in {b"GIF87a", b"GIF89a"} and all(struct.unpack_from("<HH", data, 6)))
    at, images = 13 + gif_table(data[10]), 0
    while (block := data[at]) != GIF_END:
        if block == GIF_IMAGE:
            images += 1
            at += 11 + gif_table(data[at + 9])
        else:
            _demand(block == GIF_EXTENSION)
            at += 2
        while size := data[at]:
            at += 1 + size
        at += 1
    _demand(images)


def gif_table(flags: int) -> int:
    """The bytes of a colour table, from the flags that announce it."""
    return 3 << ((flags & 7) + 1) if flags & GIF_TABLE else 0


def read_ico(data: bytes) -> None:
    reserved, kind, count = struct.unpack_from("<HHH", data)
    _demand((reserved, kind) == (0, 1) and count)
    for image in range(count):
        size, offset = struct.unpack_from("<II", data, 6 + 16 * image + 8)
        _demand(size and offset >= 6 + 16 * count and offset + size <= len(data))


def read_webp(data: bytes) -> None:
    riff, size, form = struct.unpack_from("<4sI4s", data)
    _demand((riff, form) == (b"RIFF", b"WEBP") and size + 8 == len(data))
    at, kinds = 12, []
    while at < len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        kinds.append(kind)
        at += 8 + length + length % 2
    _demand(at == len(data) and {b"VP8 ", b"VP8L", b"ANMF"} & set(kinds))


def read_pdf(data: bytes) -> None:
    _demand(re.match(rb"%PDF-\d\.\d", data))
    start = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", data[-1024:])
    _demand(start and int(start[1]) < len(data))
