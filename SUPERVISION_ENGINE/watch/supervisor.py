"""One question to supervisord: whether somebody asked for this service to be stopped, or the watch itself is going."""

from SUPERVISION_ENGINE.watch import http

SOCKET = "/run/oc-pizza-supervision.sock"
PATIENCE = 2.0
STOPPING = 40
"""supervisor.states.ProcessStates.STOPPING."""


def is_asked_to_stop(service: str, *, path: str = SOCKET) -> bool:
    """True for `supervisorctl stop`. False when supervisord itself ends or is gone, and for a signal from elsewhere."""
    # Megabytes, for a moment that few watches see.
    import xmlrpc.client  # noqa: PLC0415

    body = xmlrpc.client.dumps((service,), "supervisor.getProcessInfo").encode()
    head = f"POST /RPC2 HTTP/1.0\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    try:
        with http.unix_socket(path, patience=PATIENCE) as connection:
            answer = http.ask(connection, head.encode() + body)
        # supervisord's own answer on a socket that is root's: nobody else can write there.
        told = xmlrpc.client.loads(answer.body)[0][0]
    except (OSError, http.NoAnswerError, xmlrpc.client.Error, ValueError):
        # One that shuts down refuses the question with a fault.
        return False
    return isinstance(told, dict) and told.get("state") == STOPPING
