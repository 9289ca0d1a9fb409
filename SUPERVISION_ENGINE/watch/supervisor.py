"""What supervisord is asked: whether somebody stops this service, and whether supervisord itself is going."""

from SUPERVISION_ENGINE.watch import http

SOCKET = "/run/oc-pizza-supervision.sock"
PATIENCE = 2.0
GOING = ("SHUTDOWN", "RESTARTING")
STOPPING = 40
"""supervisor.states.ProcessStates.STOPPING."""


def is_going(*, path: str = SOCKET) -> bool:
    """Whether supervisord has begun to end. A signal that it sends to a watch that it has just started is lost between
    its fork and the start of Python: whoever does not ask would be waited for.
    """
    try:
        # By its word in the answer: reading XML takes megabytes, and every watch asks this.
        said = _ask("supervisor.getState", "<params/>", path)
    except (OSError, http.NoAnswerError):
        return False
    return any(word in said for word in GOING)


def is_asked_to_stop(service: str, *, path: str = SOCKET) -> bool:
    """True for `supervisorctl stop`. False when supervisord itself ends or is gone, and for a signal from elsewhere."""
    # Megabytes, for a moment that few watches see.
    import xmlrpc.client  # nosec B411  # noqa: PLC0415 - of supervisord on its own socket, see below

    try:
        answer = _ask("supervisor.getProcessInfo", xmlrpc.client.dumps((service,)), path)
        # supervisord's own answer on a socket that is root's: nobody else can write there.
        told = xmlrpc.client.loads(answer)[0][0]
    except (OSError, http.NoAnswerError, xmlrpc.client.Error, ValueError):
        # One that shuts down refuses the question with a fault.
        return False
    return isinstance(told, dict) and told.get("state") == STOPPING


def _ask(method: str, params: str, path: str) -> str:
    """The body of the answer. Raises OSError and NoAnswerError."""
    body = f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName>{params}</methodCall>".encode()
    head = f"POST /RPC2 HTTP/1.0\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    with http.unix_socket(path, patience=PATIENCE) as connection:
        return http.ask(connection, head.encode() + body).body
