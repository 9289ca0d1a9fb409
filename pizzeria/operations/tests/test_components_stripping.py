"""A picture that the operator brings loses what is no picture, and not a pixel."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from pizzeria.operations.components.controller import Entry, Weight
from pizzeria.operations.components.kinds import checked_content
from pizzeria.operations.components.refusal import Refused
from pizzeria.operations.tests.components import GIF, JPEG, PNG, WEBP

SECRET = b"48.8534 N, chez Renata"
ORIENTATION, CAMERA, PLACE = 0x0112, 0x0110, 0x010E


def placed(name: str, data: bytes) -> bytes:
    return checked_content(Entry(line=1, weight=Weight.LIGHT, file=name, address="OC_PIZZA"), data)


def photo(form: str, **options: object) -> bytes:
    """A little picture of colours, with words of whoever took it."""
    picture = Image.new("RGB", (24, 16))
    for x in range(24):
        for y in range(16):
            picture.putpixel((x, y), (x * 10, y * 15, x * y % 256))
    exif = Image.Exif()
    exif[PLACE], exif[CAMERA], exif[ORIENTATION] = SECRET.decode(), "Téléphone de Renata", 6
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", SECRET.decode())
    given: dict[str, object] = {"exif": exif} if form != "GIF" else {"comment": SECRET}
    if form == "PNG":
        given["pnginfo"] = words
    written = io.BytesIO()
    picture.save(written, form, **given, **options)
    return written.getvalue()


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB").tobytes()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", photo("PNG")),
        ("a.jpg", photo("JPEG", comment=SECRET)),
        ("a.jpg", photo("JPEG", progressive=True, quality=90)),
        ("a.gif", photo("GIF")),
        ("a.webp", photo("WEBP", lossless=True)),
    ],
)
def test_the_words_of_whoever_took_it_go_and_every_pixel_stays(name: str, data: bytes) -> None:
    assert SECRET in data
    bare = placed(name, data)
    assert SECRET not in bare
    assert "Renata" not in bare.decode("latin-1")
    assert pixels(bare) == pixels(data)
    assert placed(name, bare) == bare


def test_a_photo_that_was_taken_sideways_still_stands_upright() -> None:
    with Image.open(io.BytesIO(placed("a.jpg", photo("JPEG")))) as picture:
        assert dict(picture.getexif()) == {ORIENTATION: 6}


def test_a_gif_that_moves_goes_on_moving() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "white", "green")]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], loop=0, duration=80, comment=SECRET)
    with Image.open(io.BytesIO(placed("a.gif", written.getvalue()))) as picture:
        assert (picture.n_frames, picture.info["loop"], picture.info["duration"]) == (3, 0, 80)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "data"), [("a.png", PNG), ("a.jpg", JPEG), ("a.gif", GIF), ("a.webp", WEBP)])
def test_a_picture_that_is_nothing_else_stays_as_it_is(name: str, data: bytes) -> None:
    assert placed(name, data) == data


def test_a_page_behind_the_end_of_a_picture_is_left_out_or_refused() -> None:
    page = b"<!doctype html><script>alert(1)</script>"
    chunk = struct.pack(">I", len(page)) + b"teXt" + page + struct.pack(">I", zlib.crc32(b"teXt" + page))
    end = b"\0\0\0\0IEND\xaeB`\x82"
    for name, data in (
        ("a.gif", photo("GIF") + page),
        ("a.jpg", photo("JPEG") + page + b"\xff\xd9"),
        ("a.png", photo("PNG").removesuffix(end) + end + chunk + end),
    ):
        assert b"<script>" not in placed(name, data)
    for name, data in (
        ("a.png", photo("PNG") + page),
        ("a.webp", photo("WEBP") + page),
        ("a.jpg", photo("JPEG") + page),
    ):
        with pytest.raises(Refused):
            placed(name, data)


def test_what_is_put_into_its_place_is_what_was_checked(tmp_path: Path) -> None:
    """The plan and the placing strip alike: their sums are compared (test_placing.py walks through both)."""
    data = photo("JPEG")
    (tmp_path / "a.jpg").write_bytes(data)
    assert placed("a.jpg", (tmp_path / "a.jpg").read_bytes()) == placed("A.JPG", data)
