-- +goose Up
CREATE TABLE weir_versions (
    topic TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);

-- Users and roles. Verifiers are hexadecimal; empty is no password. require and attributes are JSON objects.
CREATE TABLE weir_accounts (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'role')),
    plugin TEXT NOT NULL,
    native TEXT NOT NULL,
    sha2 TEXT NOT NULL,
    locked INTEGER NOT NULL,
    require TEXT NOT NULL,
    attributes TEXT NOT NULL
);

-- Who holds which role: a user, or another role.
CREATE TABLE weir_role_members (
    role_name TEXT NOT NULL,
    member TEXT NOT NULL,
    admin_option INTEGER NOT NULL,
    is_default INTEGER NOT NULL,
    PRIMARY KEY (role_name, member)
);

-- What has been granted. An empty database is all of them, an empty table all of the database, an empty column all of the table.
CREATE TABLE weir_grants (
    grantee TEXT NOT NULL,
    privilege TEXT NOT NULL,
    database_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    PRIMARY KEY (grantee, privilege, database_name, table_name, column_name)
);

-- +goose Down
DROP TABLE weir_grants;
DROP TABLE weir_role_members;
DROP TABLE weir_accounts;
DROP TABLE weir_versions;
