"""Nothing on this site takes a file: one that is sent is refused before a byte of it is read or kept.

What is never taken needs no scanner, no quota and no place to serve it from. Pictures come with an update, by the operator
(operations/components). A page that shall take a file one day says so here, and draws it anew.
"""

from typing import Any, NoReturn

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler


class FileRefused(BadRequest):
    """A form was sent with a file in it; answered with 415 (shop/views/errors.py)."""


class RefuseFiles(FileUploadHandler):
    """The one handler of uploads (FILE_UPLOAD_HANDLERS)."""

    def new_file(self, *_described: Any, **_more: Any) -> NoReturn:
        raise FileRefused("a file was sent")

    def receive_data_chunk(self, _data: bytes, _start: int) -> NoReturn:
        raise FileRefused("a file was sent")

    def file_complete(self, _size: int) -> None:
        return None
