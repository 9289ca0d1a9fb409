"""What every process counts as it works; `pizzeria.supervision` adds up the processes and tells it.

With PROMETHEUS_MULTIPROC_DIR in the environment the counts are in files there, one set a process, and outlive it.
Otherwise (a command, a test) they are in memory, and nobody else's. Prometheus's rules for names: base units, and
`_total` behind what only grows, which the library adds. Labels are of sets that are small and ours: no address, no name,
no number.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

# A series more for each, that says when it began: nobody here asks.
disable_created_metrics()

IN_MEMORY = CollectorRegistry()
"""What this process has counted, where nothing is kept in files."""

REQUESTS = Counter(
    "oc_pizza_http_requests",
    "Answers, by the view that gave them, the method and the class of the status.",
    ["view", "method", "status"],
    registry=IN_MEMORY,
)
REQUEST_SECONDS = Histogram(
    "oc_pizza_http_request_duration_seconds",
    "How long an answer took inside the site, by the view that gave it.",
    ["view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=IN_MEMORY,
)
UNHANDLED_ERRORS = Counter(
    "oc_pizza_unhandled_errors", "Requests that raised what nothing had foreseen.", registry=IN_MEMORY
)
ORDERS_PLACED = Counter(
    "oc_pizza_orders_placed", "Orders placed, by point of sale and channel.", ["store", "channel"], registry=IN_MEMORY
)
ORDERS_REFUSED = Counter(
    "oc_pizza_orders_refused", "Orders refused, by the code of the refusal.", ["code"], registry=IN_MEMORY
)
ORDERS_LATE = Counter(
    "oc_pizza_orders_late",
    "Orders handed over after the time that was promised, by point of sale.",
    ["store"],
    registry=IN_MEMORY,
)
_MINUTE = 60
_ORDER_BUCKETS = tuple(_MINUTE * minutes for minutes in (2, 5, 10, 15, 20, 25, 30, 40, 50, 60, 90, 120))
ORDER_READY_SECONDS = Histogram(
    "oc_pizza_order_ready_seconds",
    "From placing an order to its pizzas being ready, by point of sale.",
    ["store"],
    buckets=_ORDER_BUCKETS,
    registry=IN_MEMORY,
)
ORDER_DOOR_SECONDS = Histogram(
    "oc_pizza_order_door_seconds",
    "From placing an order to handing it over at the client's door, by point of sale.",
    ["store"],
    buckets=_ORDER_BUCKETS,
    registry=IN_MEMORY,
)
LIVE_CONNECTIONS = Gauge(
    "oc_pizza_live_connections",
    "Pages that listen to live events.",
    multiprocess_mode="livesum",
    registry=IN_MEMORY,
)
WEBHOOKS = Counter(
    "oc_pizza_webhooks",
    "Messages to others about orders: arrived, refused (each attempt), given up.",
    ["outcome"],
    registry=IN_MEMORY,
)
NOTICES = Counter(
    "oc_pizza_notices",
    "Messages to clients about their orders, by channel: sent, unconfirmed, refused (each attempt), failed, dropped.",
    ["channel", "outcome"],
    registry=IN_MEMORY,
)
