-- The ideal order: what a program written for nothing else would ask of the same tables, one round trip a
-- statement: six stock rows locked and updated, one order, three lines, one event.
\set store random(:first_store, :last_store)
\set item random(:first_item, :last_item - 5)
\set unique random(1, 281474976710655)
BEGIN;
SELECT id, available FROM stock_stockitem WHERE id BETWEEN :item AND :item + 5 ORDER BY id FOR UPDATE;
UPDATE stock_stockitem SET available = available - 1 WHERE id BETWEEN :item AND :item + 5 AND available >= 1;
INSERT INTO ordering_order (number, token, store_id, status, version, fulfilment, payment_method, payment_status,
    subtotal, delivery_fee, total, first_name, last_name, phone, email, street, complement, postal_code, town, comment,
    language, placed_at, promised_at)
VALUES (to_hex(:unique::bigint), to_hex(:unique::bigint), :store, 'to_prepare', 1, 'collection', 'cash', 'unpaid',
    30, 0, 30, 'Ideal', 'Client', '0639981234', '', '', '', '', '', '', 'fr', now(), now() + interval '20 minutes')
RETURNING id AS order_id \gset
INSERT INTO ordering_orderline (order_id, variant_id, quantity, comment, label, unit_price, amount, vat_percent)
VALUES (:order_id, :variant, 1, '', 'Pizza', 10, 10, 10), (:order_id, :variant, 1, '', 'Pizza', 10, 10, 10),
    (:order_id, :variant, 1, '', 'Pizza', 10, 10, 10);
INSERT INTO ordering_orderevent (order_id, from_status, to_status, at, role, reason)
VALUES (:order_id, '', 'to_prepare', now(), 'customer', '');
COMMIT;
