-- How often somebody was wrong: with a mail address, whoever's it is, and from a network address. key: a
-- hash of either, so that nobody reads here who tries to log in. A row that says nothing any more is
-- deleted when others come.
create table log_in_attempts (
    key bytea primary key check (length(key) = 32),
    failures integer not null,
    last_at timestamptz not null,
    is_locked boolean not null default false
);
create index log_in_attempts_last on log_in_attempts (last_at);
grant select, insert, update, delete on log_in_attempts to chudan_app;
