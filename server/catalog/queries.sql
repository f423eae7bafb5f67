-- name: generation()^
-- The generation that is shown.
SELECT coalesce(max(generation), 0) FROM catalog_generations;

-- name: product_versions(source, external_id)
-- What is stated of a product: as it is shown, and as the next generation has it where that differs.
SELECT i.id, p.since, p.title, p.description, p.brand, p.category, p.picture, p.variants, p.field_times, p.deleted_at
FROM product_ids i LEFT JOIN products p ON p.id = i.id
    AND p.until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations)
WHERE i.source = :source AND i.external_id = :external_id ORDER BY p.since;

-- name: feed_of(product_id)^
-- The time of the feed that says what is shown of a product.
SELECT s.stated_at FROM variants v JOIN catalog_sources s ON s.id = v.feed
WHERE v.product_id = :product_id AND v.row_hash IS NOT NULL LIMIT 1;

-- name: add_product_id(source, external_id)^
-- Give a new product its number.
INSERT INTO product_ids (source, external_id) VALUES (:source, :external_id) RETURNING id;

-- name: drop_product(id)!
-- Take a product away as it is shown and as it will be, before it is written anew.
DELETE FROM products WHERE id = :id AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations);

-- name: add_product(id, since, until, source, external_id, title, description, brand, category, picture, variants, field_times, deleted_at)*!
-- Keep a product for some generations.
INSERT INTO products (id, since, until, source, external_id, title, description, brand, category, picture, variants,
    field_times, deleted_at)
VALUES (:id, :since, :until, :source, :external_id, :title, :description, :brand, :category, :picture, :variants,
    :field_times, :deleted_at);

-- name: rows_of(product_id)
-- Every row of a product's variants that is shown or will be, whole.
SELECT product_id, sku, since, until, feed, row_hash, position, gtin, title, options, price, sale_price, currency, picture,
    brand, availability, stated_at
FROM variants WHERE product_id = :product_id
    AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations)
ORDER BY position;

-- name: drop_rows(product_id)!
-- Take those rows away, before they are written anew.
DELETE FROM variants WHERE product_id = :product_id
    AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations);

-- name: add_variant(product_id, sku, since, until, feed, row_hash, position, gtin, title, options, price, sale_price, currency, picture, brand, availability, stated_at)*!
-- Keep a variant, complete, for some generations.
INSERT INTO variants (product_id, sku, since, until, feed, row_hash, position, gtin, title, options, price, sale_price,
    currency, picture, brand, availability, stated_at)
VALUES (:product_id, :sku, :since, :until, :feed, :row_hash, :position, :gtin, :title, :options, :price, :sale_price,
    :currency, :picture, :brand, :availability, :stated_at);

-- name: product(id)^
-- A product as it is shown.
SELECT p.id, p.source, p.external_id, p.title, p.description, p.brand, p.category, l.hash
FROM products p LEFT JOIN picture_links l ON l.link = p.picture
WHERE p.id = :id AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN p.since AND p.until;

-- name: variants_of(product_id)
-- A product's variants in the order their source lists them, those that no feed has any more at the end.
SELECT v.sku, v.product_id, v.title, v.options, v.price, v.sale_price, v.currency, l.hash, v.brand, v.availability, v.gtin
FROM variants v LEFT JOIN picture_links l ON l.link = v.picture WHERE v.product_id = :product_id
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY coalesce(v.availability, '') = 'discontinued', v.position, v.sku;

-- name: product_of_sku(sku)^
-- The product whose statement of an SKU is the latest; what no feed has any more counts where nothing else does.
SELECT v.product_id, v.sku FROM variants v JOIN product_ids p ON p.id = v.product_id
WHERE v.sku = :sku AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY coalesce(v.availability, '') = 'discontinued', v.stated_at DESC, p.source, p.external_id LIMIT 1;

-- name: product_of_gtin(gtin)^
-- The same for the product and SKU of a GTIN.
SELECT v.product_id, v.sku FROM variants v JOIN product_ids p ON p.id = v.product_id
WHERE v.gtin = :gtin AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY coalesce(v.availability, '') = 'discontinued', v.stated_at DESC, p.source, p.external_id, v.position LIMIT 1;

-- name: put_stock(sku, store, quantity, updated_at, source)!
-- Keep a stock statement if it is newer than the one we hold.
INSERT INTO stock (sku, store, quantity, updated_at, source) VALUES (:sku, :store, :quantity, :updated_at, :source)
ON CONFLICT (sku, store) DO UPDATE SET
    quantity = excluded.quantity, updated_at = excluded.updated_at, source = excluded.source;

-- name: stock_of(sku, store)^
-- What a store has of an article.
SELECT quantity, updated_at, source FROM stock WHERE sku = :sku AND store = :store;

-- name: stock_in(store, sku, limit)
-- What a store has of the articles that follow one, some at a time.
SELECT sku, quantity, updated_at, source FROM stock WHERE store = :store AND sku > :sku ORDER BY sku LIMIT :limit;

-- name: count_of(store)^
-- The newest count of a store's stock, and that which came to its end.
SELECT c.holder, c.stated_at, c.counted_at, coalesce(s.name, c.store)
FROM stock_counts c LEFT JOIN stores s ON s.code = c.store WHERE c.store = :store;

-- name: begin_count(store, source, holder, stated_at)!
-- Begin to count a store's stock; whoever was at it before has to stop.
INSERT INTO stock_counts (store, source, holder, stated_at) VALUES (:store, :source, :holder, :stated_at)
ON CONFLICT (store) DO UPDATE SET source = excluded.source, holder = excluded.holder, stated_at = excluded.stated_at;

-- name: end_count(store, counted_at)!
-- A count came to its end.
UPDATE stock_counts SET counted_at = :counted_at WHERE store = :store;

-- name: picture(hash, size)
-- A picture in a size, or else the large one.
SELECT digest, media_type, content FROM pictures WHERE hash = :hash AND size IN (:size, 'large') ORDER BY size DESC LIMIT 1;

-- name: add_source(source)!
-- Know whose feeds come.
INSERT INTO catalog_sources (source) VALUES (:source) ON CONFLICT (source) DO NOTHING;

-- name: source(source)^
-- A source of feeds, and where its newest feed came from.
SELECT id, has_pictures, address, etag, last_modified FROM catalog_sources WHERE source = :source;

-- name: set_source(id, stated_at, address, etag, last_modified, has_pictures)!
-- Keep when the newest feed was true, and where it came from.
UPDATE catalog_sources SET stated_at = :stated_at, address = :address, etag = :etag, last_modified = :last_modified,
    has_pictures = :has_pictures
WHERE id = :id;

-- name: count_products(source)^
-- How many products a source ever had.
SELECT count(*) FROM product_ids WHERE source = :source;

-- name: known_rows(feed, sku, product_id, limit)
-- What a feed brought and is shown, some at a time.
SELECT row_hash, product_id, sku FROM variants
WHERE (sku, product_id) > (:sku, :product_id) AND feed = :feed AND coalesce(availability, '') <> 'discontinued'
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
ORDER BY sku, product_id LIMIT :limit;

-- name: unwritten_variants(sku, product_id, limit)
-- Rows of a generation that never came, some at a time.
SELECT sku, product_id, since FROM variants
WHERE (sku, product_id) > (:sku, :product_id)
    AND since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)
ORDER BY sku, product_id LIMIT :limit;

-- name: unwritten_products(id, limit)
-- Products of a generation that never came, some at a time.
SELECT id, since FROM products
WHERE id > :id AND since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)
ORDER BY id LIMIT :limit;

-- name: drop_variant(sku, product_id, since)*!
-- Take a row away.
DELETE FROM variants WHERE sku = :sku AND product_id = :product_id AND since = :since;

-- name: drop_version(id, since)*!
-- Take a product away as some generations have it.
DELETE FROM products WHERE id = :id AND since = :since;

-- name: end_variant(until, sku, product_id, since)*!
-- Let a row count up to a generation.
UPDATE variants SET until = :until WHERE sku = :sku AND product_id = :product_id AND since = :since;

-- name: end_version(until, id, since)*!
-- Let a product count up to a generation as it is.
UPDATE products SET until = :until WHERE id = :id AND since = :since;

-- name: set_row_hash(feed, row_hash, sku, product_id, since)*!
-- Keep that the newest feed says just this in other words.
UPDATE variants SET feed = :feed, row_hash = :row_hash WHERE sku = :sku AND product_id = :product_id AND since = :since;

-- name: ended_variants(least, most, limit)
-- Rows whose last generation is one of these.
SELECT sku, product_id, since FROM variants
WHERE until < 9223372036854775807 AND until BETWEEN :least AND :most LIMIT :limit;

-- name: ended_products(least, most, limit)
-- Products whose last generation is one of these.
SELECT id, since FROM products WHERE until < 9223372036854775807 AND until BETWEEN :least AND :most LIMIT :limit;

-- name: add_generation(generation, run_id, at)!
-- Switch.
INSERT INTO catalog_generations (generation, run_id, at) VALUES (:generation, :run_id, :at);

-- name: running()^
-- The run that is under way.
SELECT id, holder, heard_at, report FROM catalog_runs WHERE state = 'running';

-- name: add_run(source, feed, holder, heard_at, report)^
-- Begin a run.
INSERT INTO catalog_runs (source, feed, state, holder, heard_at, report)
VALUES (:source, :feed, 'running', :holder, :heard_at, :report) RETURNING id;

-- name: set_run(id, state, heard_at, report)!
-- Keep how far a run is.
UPDATE catalog_runs SET state = :state, heard_at = :heard_at, report = :report WHERE id = :id AND state = 'running';

-- name: hold_run(id, holder, heard_at)!
-- Go on with a run that another program began.
UPDATE catalog_runs SET holder = :holder, heard_at = :heard_at WHERE id = :id AND state = 'running';

-- name: note_unshown(id)!
-- Know that a run may have written rows that nobody is shown.
UPDATE catalog_runs SET unshown = 1 WHERE id = :id;

-- name: none_unshown()!
-- Know that there are no such rows.
UPDATE catalog_runs SET unshown = 0 WHERE unshown = 1;

-- name: unshown()^
-- Whether there may be such rows.
SELECT 1 FROM catalog_runs WHERE unshown = 1 LIMIT 1;

-- name: run(id)^
-- A run.
SELECT report, state, holder FROM catalog_runs WHERE id = :id;

-- name: runs(limit)
-- The latest runs.
SELECT report, state, holder FROM catalog_runs ORDER BY id DESC LIMIT :limit;

-- name: add_reject(run_id, number, line, field, value, rule)*!
-- Keep a row that was refused.
INSERT INTO catalog_rejects (run_id, number, line, field, value, rule)
VALUES (:run_id, :number, :line, :field, :value, :rule);

-- name: rejects(run_id, after, limit)
-- Rows that a run refused, some at a time.
SELECT number, line, field, value, rule FROM catalog_rejects
WHERE run_id = :run_id AND number > :after ORDER BY number LIMIT :limit;

-- name: forget_rejects(run_id, limit)!
-- Let go of what runs before one refused, some at a time.
DELETE FROM catalog_rejects WHERE (run_id, number) IN (
    SELECT run_id, number FROM catalog_rejects WHERE run_id < :run_id ORDER BY run_id, number LIMIT :limit);

-- name: want_picture(link, due_at, wanted_at, run_id, line)*!
-- Know that a picture is named; one that we have not is fetched anew.
INSERT INTO picture_links (link, due_at, wanted_at, run_id, line) VALUES (:link, :due_at, :wanted_at, :run_id, :line)
ON CONFLICT (link) DO UPDATE SET wanted_at = excluded.wanted_at,
    run_id = coalesce(excluded.run_id, picture_links.run_id), line = coalesce(excluded.line, picture_links.line),
    due_at = CASE WHEN picture_links.hash IS NULL THEN excluded.due_at ELSE picture_links.due_at END;

-- name: due_pictures(now, limit)
-- Links whose time has come; those of a feed that is being read come when it is over, as its report is its own till then.
SELECT link, hash, etag, last_modified, tries, run_id, line FROM picture_links
WHERE due_at IS NOT NULL AND due_at <= :now
    AND (run_id IS NULL OR run_id NOT IN (SELECT id FROM catalog_runs WHERE state = 'running'))
ORDER BY due_at LIMIT :limit;

-- name: count_due_pictures(now)^
-- How many there are.
SELECT count(*) FROM picture_links
WHERE due_at IS NOT NULL AND due_at <= :now
    AND (run_id IS NULL OR run_id NOT IN (SELECT id FROM catalog_runs WHERE state = 'running'));

-- name: take_picture(link, now, due_at)!
-- Say of a link whose time has come that somebody follows it, unless somebody else has.
UPDATE picture_links SET due_at = :due_at WHERE link = :link AND due_at IS NOT NULL AND due_at <= :now;

-- name: put_off_picture(link, due_at)*!
-- Say when a link is to be fetched.
UPDATE picture_links SET due_at = :due_at WHERE link = :link;

-- name: pictures_beside(first, last, limit)
-- Links that follow one, up to another, some at a time; not those of a feed that is being read, see due_pictures.
SELECT link, hash, etag, last_modified, tries, run_id, line FROM picture_links
WHERE link > :first AND link < :last
    AND (run_id IS NULL OR run_id NOT IN (SELECT id FROM catalog_runs WHERE state = 'running'))
ORDER BY link LIMIT :limit;

-- name: keep_picture(hash, size, digest, media_type, content)*!
-- Keep a picture in a size.
INSERT INTO pictures (hash, size, digest, media_type, content) VALUES (:hash, :size, :digest, :media_type, :content)
ON CONFLICT (hash, size) DO NOTHING;

-- name: set_link(link, hash, etag, last_modified, due_at)*!
-- Know what picture a link leads to.
UPDATE picture_links SET hash = :hash, etag = :etag, last_modified = :last_modified, due_at = :due_at, tries = 0
WHERE link = :link;

-- name: fail_link(link, due_at, tries)*!
-- Know that nothing came of a link, and when it is tried again.
UPDATE picture_links SET due_at = :due_at, tries = :tries WHERE link = :link;

-- name: named_pictures(sku, product_id, since, limit)
-- What pictures articles name, some articles at a time.
SELECT sku, product_id, since, picture FROM variants
WHERE (sku, product_id, since) > (:sku, :product_id, :since) ORDER BY sku, product_id, since LIMIT :limit;

-- name: named_by_products(id, since, limit)
-- The same of products.
SELECT id, since, picture FROM products WHERE (id, since) > (:id, :since) ORDER BY id, since LIMIT :limit;

-- name: links(link, limit)
-- All links, some at a time.
SELECT link, wanted_at, run_id FROM picture_links WHERE link > :link ORDER BY link LIMIT :limit;

-- name: forget_link(link, before)*!
-- Let go of a link that was not named again.
DELETE FROM picture_links WHERE link = :link AND wanted_at < :before;

-- name: unlinked_pictures(hash, limit)
-- Pictures that no link leads to, some at a time.
SELECT p.hash FROM pictures p
WHERE p.size = 'large' AND p.hash > :hash AND NOT EXISTS (SELECT 1 FROM picture_links l WHERE l.hash = p.hash)
ORDER BY p.hash LIMIT :limit;

-- name: forget_picture(hash)*!
-- Let go of a picture that no link leads to.
DELETE FROM pictures WHERE hash = :hash AND NOT EXISTS (SELECT 1 FROM picture_links l WHERE l.hash = pictures.hash);

-- name: last_reject(run_id)^
-- The number of the last row that a run refused.
SELECT coalesce(max(number), 0) FROM catalog_rejects WHERE run_id = :run_id;

-- name: set_report(id, report)!
-- Keep what is told of a run that is over.
UPDATE catalog_runs SET report = :report WHERE id = :id;

-- name: last_night()^
-- The latest night that was taken.
SELECT night FROM catalog_nights ORDER BY night DESC LIMIT 1;

-- name: night(night)^
-- What became of a night.
SELECT state, holder, until, tries, detail FROM catalog_nights WHERE night = :night;

-- name: take_night(night, due_at, holder, until, now)!
-- Take a night, unless another server has it or had it; one that waits, or that was left unfinished, when its time comes.
INSERT INTO catalog_nights (night, due_at, state, holder, until, tries)
VALUES (:night, :due_at, 'running', :holder, :until, 1)
ON CONFLICT (night) DO UPDATE SET
    state = 'running', holder = excluded.holder, until = excluded.until, tries = catalog_nights.tries + 1
WHERE catalog_nights.state IN ('running', 'waiting') AND catalog_nights.until <= :now;

-- name: note_night(night, holder, state, until, detail)!
-- Keep how far a night is, if it is still its holder's.
UPDATE catalog_nights SET state = :state, until = :until, detail = :detail
WHERE night = :night AND holder = :holder AND state = 'running';

-- name: raise_alarm(id, raised_at, body)!
-- Have something told to an operator.
INSERT INTO catalog_alarms (id, raised_at, body, tries, next_at) VALUES (:id, :raised_at, :body, 0, :raised_at)
ON CONFLICT (id) DO NOTHING;

-- name: due_alarms(now)
-- What is to be told now.
SELECT id, tries, body FROM catalog_alarms WHERE next_at IS NOT NULL AND next_at <= :now ORDER BY next_at, id;

-- name: take_alarm(id, tries, next_at)!
-- Tell it, unless another server does.
UPDATE catalog_alarms SET tries = tries + 1, next_at = :next_at WHERE id = :id AND tries = :tries AND next_at IS NOT NULL;

-- name: end_alarm(id)!
-- It was told, or is told no more.
UPDATE catalog_alarms SET next_at = NULL WHERE id = :id;
-- name: words_held(product_id)
-- What a product is found by, as it is shown and as it will be.
SELECT since, until, words FROM product_words WHERE product_id = :product_id
    AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations) ORDER BY since;

-- name: add_words(product_id, since, until, words)*!
-- Let a product be found by words for some generations.
INSERT INTO product_words (product_id, since, until, words) VALUES (:product_id, :since, :until, :words);

-- name: end_words(until, product_id)*!
-- Let a product be found by the words that it is found by now up to a generation.
UPDATE product_words SET until = :until WHERE product_id = :product_id AND :until BETWEEN since AND until;

-- name: drop_words_of(product_id)!
-- Take away what a product is found by as it is shown and as it will be, before it is written anew.
DELETE FROM product_words WHERE product_id = :product_id
    AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations);

-- name: unwritten_words(id, limit)
-- What products would have been found by in a generation that never came, some at a time.
SELECT id, words FROM product_words
WHERE id > :id AND since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)
ORDER BY id LIMIT :limit;

-- name: ended_words(least, most, limit)
-- What products were found by up to one of these generations.
SELECT id, words FROM product_words WHERE until < 9223372036854775807 AND until BETWEEN :least AND :most LIMIT :limit;

-- name: drop_words(id)*!
-- Find a product by these words no more.
DELETE FROM product_words WHERE id = :id;

-- name: keep_words(until, id)*!
-- Let words count up to a generation.
UPDATE product_words SET until = :until WHERE id = :id;

-- name: add_spoken(word)*!
-- A word that misspelt ones can be corrected to.
INSERT INTO product_vocabulary (word) VALUES (:word) ON CONFLICT DO NOTHING;

-- name: remove_spoken(word)*!
-- No product has this word any more.
DELETE FROM product_vocabulary WHERE word = :word;

-- name: spoken_after(id)
-- Words that came after one.
SELECT id, word FROM product_vocabulary WHERE id > :id ORDER BY id;

-- name: spoken_size()^
-- How many words there are, and the last one's id.
SELECT count(*), coalesce(max(id), 0) FROM product_vocabulary;

-- name: words_due(after, limit)
-- Products that have no words yet, some at a time.
SELECT product_id FROM product_words_due WHERE product_id > :after ORDER BY product_id LIMIT :limit;

-- name: drop_due(product_id)*!
-- A product has its words.
DELETE FROM product_words_due WHERE product_id = :product_id;

-- name: skus_from(first, last, limit)
-- Variants whose SKUs lie between two.
SELECT sku, product_id FROM variants WHERE sku >= :first AND sku <= :last
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
ORDER BY sku LIMIT :limit;

-- name: gtins_from(first, last, limit)
-- Variants whose GTINs lie between two.
SELECT sku, product_id FROM variants WHERE gtin >= :first AND gtin <= :last
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
ORDER BY gtin LIMIT :limit;
