-- What head office sets for all partners: no tenant's data. Every partner's log is given a copy, so
-- that a position of a log names a whole state for ever; a checkpoint says up to which number.

create table head_office_schemes (
    number integer primary key,
    effective_from text not null unique,
    scheme jsonb not null,
    actor text not null,
    idempotency_key text unique,
    published_at timestamptz not null default now()
);
grant select, insert on head_office_schemes to chudan_head_office;
grant select on head_office_schemes to chudan_projector;
