-- How the tables of PostgreSQL are spread over machines with Citus: run once by hand, after `mostrador init`, while the
-- database is still empty. NOT RUN HERE: Debian has no Citus, so no test has tried these statements; what is tested is
-- that each table is named once and that each of its unique keys contains the column it is spread by.

-- What is a customer's lies on one machine with everything else of theirs.
SELECT create_distributed_table('customers', 'id');
SELECT create_distributed_table('customer_references', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('customer_words', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('consents_log', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('notes', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('views', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('orders', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('carts', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('cart_lines', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('wishlists', 'customer_id', colocate_with => 'customers');
SELECT create_distributed_table('wishlist_items', 'customer_id', colocate_with => 'customers');

-- What must be found before the customer is known is spread by its own key.
SELECT create_distributed_table('customer_keys', 'external_id', colocate_with => 'none');
SELECT create_distributed_table('snapshots', 'external_id', colocate_with => 'none');
SELECT create_distributed_table('identities', 'value', colocate_with => 'none');
SELECT create_distributed_table('idempotency_keys', 'key', colocate_with => 'none');
SELECT create_distributed_table('tombstones', 'mac', colocate_with => 'none');

-- Large, and found by its hash alone.
SELECT create_distributed_table('pictures', 'hash', colocate_with => 'none');

-- Small enough to lie whole on every machine.
SELECT create_reference_table('product_ids');
SELECT create_reference_table('products');
SELECT create_reference_table('variants');
SELECT create_reference_table('catalog_generations');
SELECT create_reference_table('catalog_sources');
SELECT create_reference_table('stock');
SELECT create_reference_table('stock_counts');
SELECT create_reference_table('stores');
SELECT create_reference_table('vocabulary');
SELECT create_reference_table('product_words');
SELECT create_reference_table('product_vocabulary');
SELECT create_reference_table('product_words_due');
SELECT create_reference_table('picture_links');
SELECT create_reference_table('devices');
SELECT create_reference_table('staff');
SELECT create_reference_table('staff_stores');
SELECT create_reference_table('sessions');
SELECT create_reference_table('kiosk_sessions');
SELECT create_reference_table('kiosk_codes');
SELECT create_reference_table('handoffs');

-- Has one order, or is read by operators alone: stays where it is.
SELECT citus_add_local_table_to_metadata('events_new');
SELECT citus_add_local_table_to_metadata('events');
SELECT citus_add_local_table_to_metadata('audit_chains');
SELECT citus_add_local_table_to_metadata('audit_looks');
SELECT citus_add_local_table_to_metadata('refused_records');
SELECT citus_add_local_table_to_metadata('enrolments');
SELECT citus_add_local_table_to_metadata('pin_tries');
SELECT citus_add_local_table_to_metadata('kiosk_challenges');
SELECT citus_add_local_table_to_metadata('help_calls');
SELECT citus_add_local_table_to_metadata('outbox');
SELECT citus_add_local_table_to_metadata('erasures');
SELECT citus_add_local_table_to_metadata('catalog_runs');
SELECT citus_add_local_table_to_metadata('catalog_rejects');
SELECT citus_add_local_table_to_metadata('catalog_nights');
SELECT citus_add_local_table_to_metadata('catalog_alarms');
SELECT citus_add_local_table_to_metadata('retention_runs');
SELECT citus_add_local_table_to_metadata('schema_migrations');
