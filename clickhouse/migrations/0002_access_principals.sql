-- Who may call. Versions of a principal and events of a key are only ever added; what counts now is the last version, and whether a key was revoked.
CREATE TABLE IF NOT EXISTS principals
(
    id String,
    kind Enum8('person' = 1, 'machine' = 2),
    roles Array(LowCardinality(String)),
    at DateTime64(6, 'UTC'),
    -- The principal that wrote this version.
    by String
)
ENGINE = ReplacingMergeTree
ORDER BY (id, at);

CREATE TABLE IF NOT EXISTS api_keys
(
    id String,
    event Enum8('created' = 1, 'revoked' = 2),
    principal String,
    -- SHA-256 of the secret, in hexadecimal; the secret itself is nowhere.
    secret_hash String,
    -- 1970-01-01 for a key that does not expire.
    expires_at DateTime64(6, 'UTC'),
    at DateTime64(6, 'UTC'),
    by String
)
ENGINE = ReplacingMergeTree
ORDER BY (id, event);
