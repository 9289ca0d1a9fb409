-- A gigabyte of orders: the demo's, copied with numbers, tokens and comments of their own until the database is as large.
\set ON_ERROR_STOP 1
SET session_replication_role = replica;
INSERT INTO ordering_order
SELECT copy.* FROM generate_series(1, :copies) AS n, ordering_order AS kept,
LATERAL jsonb_populate_record(kept, jsonb_build_object(
    'id', n::bigint * 1000000 + kept.id, 'number', 'B-' || to_hex(n::bigint * 1000000 + kept.id),
    'token', md5(n || ' ' || kept.id), 'comment', md5(kept.id || ' ' || n)
)) AS copy WHERE kept.id < 1000000;
INSERT INTO ordering_orderline
SELECT copy.* FROM generate_series(1, :copies) AS n, ordering_orderline AS kept,
LATERAL jsonb_populate_record(kept, jsonb_build_object(
    'id', n::bigint * 1000000 + kept.id, 'order_id', n::bigint * 1000000 + kept.order_id
)) AS copy WHERE kept.id < 1000000;
INSERT INTO ordering_orderevent
SELECT copy.* FROM generate_series(1, :copies) AS n, ordering_orderevent AS kept,
LATERAL jsonb_populate_record(kept, jsonb_build_object(
    'id', n::bigint * 1000000 + kept.id, 'order_id', n::bigint * 1000000 + kept.order_id
)) AS copy WHERE kept.id < 1000000;
ANALYZE;
