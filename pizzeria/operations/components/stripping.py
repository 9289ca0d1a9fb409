"""Pictures without what is no picture: where and with what they were taken, comments, whatever hangs behind their end.

Nothing is drawn anew, so that no pixel changes: parts are left out. A picture that has none of that stays as it is, byte
for byte. Called with what `pictures` has followed to its end.
"""

import io
import struct
from collections.abc import Callable

from PIL import Image

from pizzeria.operations.components.pictures import (
    GIF_END,
    GIF_EXTENSION,
    GIF_IMAGE,
    JPEG_FILL,
    JPEG_LONE,
    JPEG_SCAN,
    PNG,
    gif_table,
)

PNG_KEPT = frozenset(
    {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"hIST", b"sPLT", b"cICP"}
    | {b"acTL", b"fcTL", b"fdAT"}
)
"""What changes how a PNG looks, or moves; a chunk whose name begins with a capital always does."""
JPEG_END = 0xD9
JPEG_WORDS = frozenset({*range(0xE0, 0xF0), 0xFE})
"""Applications' own segments, and comments."""
JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""Of them, what changes how it looks."""
ORIENTATION = 0x0112
GIF_CONTROL, GIF_APPLICATION = 0xF9, 0xFF
GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
WEBP_WORDS = frozenset({b"EXIF", b"XMP "})
WEBP_FLAGS = 0b1100
"""Those that announce them."""


UNREADABLE = (ValueError, IndexError, struct.error, OSError, Image.DecompressionBombError)
"""What `bare` raises for a picture whose inside is not as its outside promises."""


def bare(extension: str, data: bytes) -> bytes:
    """The picture alone; a file of another kind as it is."""
    strip = STRIPS.get(extension)
    return strip(data) if strip else data


def _bare_png(data: bytes) -> bytes:
    kept, at = [PNG], len(PNG)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if kind[:1].isupper() or kind in PNG_KEPT:
            kept.append(data[at:end])
        if kind == b"IEND":
            break
        at = end
    return b"".join(kept)


def _bare_jpeg(data: bytes) -> bytes:
    kept, at = [data[:2], _orientation(data)], 2
    while data[at + 1] != JPEG_END:
        marker = data[at + 1]
        if marker == JPEG_FILL:
            at += 1
            continue
        end = at + 2 if marker in JPEG_LONE else at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if marker == JPEG_SCAN:
            end = _scan_end(data, end)
        if marker not in JPEG_WORDS or data[at + 4 :].startswith(JPEG_KEPT.get(marker, b"\xff\xff")):
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at : at + 2]])


def _scan_end(data: bytes, at: int) -> int:
    """Where the next marker stands: behind 0xFF, what is no marker is 0, or a restart."""
    while True:
        at = data.index(0xFF, at)
        if data[at + 1] and data[at + 1] not in JPEG_LONE:
            return at
        at += 2


def _orientation(data: bytes) -> bytes:
    """Which way up the camera was held, alone of all that it says: without, the picture would lie on its side."""
    with Image.open(io.BytesIO(data)) as picture:
        turned = int(picture.getexif().get(ORIENTATION, 1))
    if turned not in range(2, 9):
        return b""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, turned, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


def _bare_gif(data: bytes) -> bytes:
    at = 13 + gif_table(data[10])
    kept = [data[:at]]
    while data[at] != GIF_END:
        end = _gif_block_end(data, at)
        if _shows(data, at):
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at : at + 1]])


def _gif_block_end(data: bytes, at: int) -> int:
    at += 11 + gif_table(data[at + 9]) if data[at] == GIF_IMAGE else 2
    while size := data[at]:
        at += 1 + size
    return at + 1


def _shows(data: bytes, at: int) -> bool:
    if data[at] != GIF_EXTENSION or data[at + 1] == GIF_CONTROL:
        return True
    return data[at + 1] == GIF_APPLICATION and data[at + 3 : at + 14] in GIF_LOOPS


def _bare_webp(data: bytes) -> bytes:
    kept, at = [], 12
    while at < len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if kind == b"VP8X":
            kept.append(data[at : at + 8] + bytes([data[at + 8] & ~WEBP_FLAGS]) + data[at + 9 : end])
        elif kind not in WEBP_WORDS:
            kept.append(data[at:end])
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


STRIPS: dict[str, Callable[[bytes], bytes]] = {
    "png": _bare_png,
    "jpg": _bare_jpeg,
    "jpeg": _bare_jpeg,
    "gif": _bare_gif,
    "webp": _bare_webp,
}
