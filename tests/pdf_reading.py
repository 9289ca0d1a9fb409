"""What a PDF of ours says and how it is tagged, read from its bytes as a reader does: no more of the format than typst writes."""

import re
import zlib
from dataclasses import dataclass, field

STREAM = re.compile(rb"\bstream\r?\n")
OBJECT = re.compile(rb"(?<![0-9])(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
LITERAL = rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
STRING = re.compile(rb"<([0-9A-Fa-f]*)>|(" + LITERAL + rb")", re.DOTALL)
SHOWN = re.compile(
    rb"/(?P<font>[A-Za-z0-9_]+) [\d.]+ Tf"
    rb"|\[(?P<several>(?:<[0-9A-Fa-f]*>|" + LITERAL + rb"|[^\[\]<>()])*)\]\s*TJ"
    rb"|(?P<one><[0-9A-Fa-f]*>|" + LITERAL + rb")\s*Tj",
    re.DOTALL,
)


@dataclass
class Pdf:
    """`words` is the text in the order in which it is read out, without spaces; `tags` are the kinds of its parts."""

    words: str = ""
    tags: set[str] = field(default_factory=set)
    language: str = ""
    title: str = ""
    is_tagged: bool = False
    is_universal: bool = False
    pages: int = 0


def read_pdf(content: bytes) -> Pdf:
    assert content.startswith(b"%PDF-"), content[:20]
    objects = _objects(content)
    everything = b"\n".join(objects.values())
    xmp = b"".join(_inflated(body) for body in objects.values() if b"/Type/Metadata" in body.replace(b" ", b""))
    language = re.search(rb"/Lang ?\((\w+)", everything)
    title = re.search(rb"<dc:title>.*?<rdf:li[^>]*>(.*?)</rdf:li>", xmp, re.DOTALL)
    return Pdf(
        words=_words(objects),
        tags={tag.decode() for tag in re.findall(rb"/S ?/(\w+)", everything)},
        language=language[1].decode() if language else "",
        title=title[1].decode() if title else "",
        is_tagged=bool(re.search(rb"/Marked true", everything)) and b"/StructTreeRoot" in everything,
        is_universal=bool(re.search(rb"pdfuaid:part(>|=\")1", xmp)),
        pages=len(re.findall(rb"/Type ?/Page\b", everything)),
    )


def _objects(content: bytes) -> dict[int, bytes]:
    found = {int(number): body for number, body in OBJECT.findall(content)}
    for body in list(found.values()):
        if re.search(rb"/Type ?/ObjStm", body):
            found |= _packed(body)
    return found


def _packed(body: bytes) -> dict[int, bytes]:
    """The objects that stand in a stream of objects."""
    first = re.search(rb"/First (\d+)", body)
    assert first
    inside, start = _inflated(body), int(first[1])
    numbers = [int(number) for number in inside[:start].split()]
    places = [*numbers[1::2], len(inside) - start]
    return {
        number: inside[start + place : start + end]
        for number, place, end in zip(numbers[::2], places, places[1:], strict=False)
    }


def _inflated(body: bytes) -> bytes:
    begins = STREAM.search(body)
    if not begins:
        return b""
    stream = body[begins.end() :]
    return zlib.decompressobj().decompress(stream) if b"FlateDecode" in body else stream


def _words(objects: dict[int, bytes]) -> str:
    letters = {number: _letters(objects, body) for number, body in objects.items() if b"/ToUnicode" in body}
    named = {
        name: letters[int(number)]
        for body in objects.values()
        for fonts in re.findall(rb"/Font ?<<(.*?)>>", body, re.DOTALL)
        for name, number in re.findall(rb"/(\w+) (\d+) 0 R", fonts)
        if int(number) in letters
    }
    said = ""
    for number in sorted(objects):
        content = _inflated(objects[number])
        if b" Tf" in content and b"BT" in content:
            said += _shown(content, named)
    return said


def _letters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    """What each glyph of a font says."""
    named = re.search(rb"/ToUnicode (\d+) 0 R", font)
    assert named
    table, found = _inflated(objects[int(named[1])]), dict[int, str]()
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for glyph, text in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for offset in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + offset] = chr(int(text, 16) + offset)
    return found


def _shown(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    said, letters = "", dict[int, str]()
    for match in SHOWN.finditer(content):
        if match["font"]:
            letters = fonts.get(match["font"], {})
        for hexadecimal, literal in STRING.findall(match["several"] or match["one"] or b""):
            glyphs = bytes.fromhex(hexadecimal.decode()) if hexadecimal else _unescaped(literal[1:-1])
            codes = [int.from_bytes(glyphs[at : at + 2], "big") for at in range(0, len(glyphs), 2)]
            said += "".join(letters.get(code, "") for code in codes)
    return said


def _unescaped(literal: bytes) -> bytes:
    special = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def plain(match: re.Match[bytes]) -> bytes:
        told = match[1]
        return bytes([int(told, 8)]) if told.isdigit() else special.get(told, told)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, literal, flags=re.DOTALL)
