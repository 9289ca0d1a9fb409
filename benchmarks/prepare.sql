-- Every store open round the clock, and stock that no benchmark empties.
DELETE FROM stores_openinghours;
INSERT INTO stores_openinghours (store_id, weekday, opens, closes)
SELECT id, weekday, '00:00', '00:00' FROM stores_store, generate_series(0, 6) AS weekday;
UPDATE stock_stockitem SET available = 2000000000;
UPDATE stock_makeable SET count = 99;
UPDATE stores_store SET menu_version = menu_version + 1;
