"""What the API itself refuses, before or beside the rules of the house."""

from pizzeria.errors import BusinessError


class MalformedBody(BusinessError):
    code = "malformed_body"
    status = 400


class Unauthenticated(BusinessError):
    code = "unauthenticated"
    status = 401


class Forbidden(BusinessError):
    code = "forbidden"
    status = 403


class InsufficientScope(BusinessError):
    """`details["scope"]` is the scope that the token lacks."""

    code = "insufficient_scope"
    status = 403


class StoreNotFound(BusinessError):
    code = "store_not_found"
    status = 404


class BodyTooLarge(BusinessError):
    code = "body_too_large"
    status = 413


class WrongMediaType(BusinessError):
    code = "wrong_media_type"
    status = 415


class InvalidRequest(BusinessError):
    """`details["fields"]` maps the path of a field to what is wrong with it."""

    code = "invalid_request"
    status = 422
