-- What a product is found by in the generations from `since` to `until`: words of its title, brand and category, of its
-- variants' options, and what their SKUs have in common.
CREATE TABLE product_words (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    words TEXT NOT NULL
);
CREATE INDEX product_words_product ON product_words (product_id);
CREATE INDEX product_words_ended ON product_words (until) WHERE until < 9223372036854775807;
-- Words are letters and digits alone, folded before they come here.
CREATE VIRTUAL TABLE product_words_index USING fts5 (
    words, content='product_words', content_rowid='id', detail=none, columnsize=0, prefix='1', tokenize="ascii"
);
-- The index keeps no words of its own: it must be told the very ones that it was told before. None is ever changed.
CREATE TRIGGER product_words_added AFTER INSERT ON product_words BEGIN
    INSERT INTO product_words_index (rowid, words) VALUES (new.id, new.words);
END;
CREATE TRIGGER product_words_removed AFTER DELETE ON product_words BEGIN
    INSERT INTO product_words_index (product_words_index, rowid, words) VALUES ('delete', old.id, old.words);
END;

-- Words of titles, brands, categories and options: a misspelt one is corrected to them.
CREATE TABLE product_vocabulary (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    word TEXT NOT NULL UNIQUE
);

-- Products that came before there were words of them: each gets its own from whoever opens this database next.
CREATE TABLE product_words_due (product_id INTEGER PRIMARY KEY);
INSERT INTO product_words_due (product_id) SELECT DISTINCT id FROM products;
