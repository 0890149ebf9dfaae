"""What SQLite's full-text index and triggers do, in PostgreSQL's words."""

from __future__ import annotations

# As FTS5's tokenizer "porter unicode61 remove_diacritics 2": letters and digits, lower case, without accents; Porter's
# endings off, no stop words, words of one or two letters as they are. Each column begins with the mark ^, which keeps
# words of two columns apart and finds what a column begins with. A title's words have the label A.
WORD_INDEX = r"""
CREATE TEXT SEARCH DICTIONARY flywheel_porter (TEMPLATE = snowball, LANGUAGE = porter);
CREATE FUNCTION flywheel_stem(word TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(CASE WHEN length(word) < 3 OR length(word) > 64 THEN word
                ELSE (ts_lexize('flywheel_porter', word))[1] END, 500)
$$;
CREATE FUNCTION flywheel_words(said TEXT) RETURNS SETOF TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT word[1] FROM regexp_matches(
        normalize(regexp_replace(
            normalize(lower(said COLLATE "und-x-icu"), NFKD), '[\u0300-\u036f]', '', 'g'
        ), NFC) COLLATE "und-x-icu",
        '[[:alnum:]]+', 'g'
    ) AS found(word)
$$;
CREATE FUNCTION flywheel_vector(said TEXT, label "char") RETURNS TSVECTOR LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(CAST(
        '''^'':1 ' || coalesce(
            string_agg(quote_literal(flywheel_stem(word)) || ':' || least(place + 1, 16383), ' '), ''
        ) AS tsvector), label)
    FROM flywheel_words(said) WITH ORDINALITY AS found(word, place)
$$;
CREATE TABLE items_fts (
    rowid BIGINT PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX items_fts_words ON items_fts USING gin (words);
CREATE FUNCTION index_item() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM items_fts WHERE rowid = old.position;
    END IF;
    IF TG_OP <> 'DELETE' AND new.available = 1 AND new.removed = 0 THEN
        INSERT INTO items_fts (rowid, words) VALUES (
            new.position,
            flywheel_vector(new.title, 'A') || flywheel_vector(new.tags || ' ' || new.search, 'B')
            || flywheel_vector(new.type, 'C') || flywheel_vector(new.style, 'D')
        );
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER items_written AFTER INSERT OR DELETE
    OR UPDATE OF item_id, position, title, tags, type, style, search, available, removed ON items
    FOR EACH ROW EXECUTE FUNCTION index_item();
"""

HYPOTHESES_STAY = """
CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER hypotheses_stay BEFORE DELETE ON hypotheses FOR EACH ROW
    EXECUTE FUNCTION refuse('a hypothesis is never deleted: a failed one is what was learned');
CREATE TRIGGER claims_stay
    BEFORE UPDATE OF filed_at, filed_by, statement, model, data, metric, threshold, deadline, max_train_s ON hypotheses
    FOR EACH ROW EXECUTE FUNCTION refuse('a claim is never reworded once it is filed: file another');
CREATE TRIGGER verdicts_stay BEFORE UPDATE ON hypotheses FOR EACH ROW WHEN (old.verdict IN ('holds', 'fails'))
    EXECUTE FUNCTION refuse('a verdict is final: file the claim again to have it judged on newer data');
"""
