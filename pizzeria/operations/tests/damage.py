"""What disks and people do to a file that is kept."""

from pathlib import Path

DAMAGES = ("missing", "truncated", "bit-flipped", "zero-byte")


def damage(file: Path, how: str) -> None:
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    if how == "missing":
        file.unlink()
    elif how == "bit-flipped":
        content[middle] ^= 0x01
        file.write_bytes(content)
    else:
        file.write_bytes(content[: middle if how == "truncated" else 0])
