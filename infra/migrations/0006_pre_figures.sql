-- Figures along groups, stored for one evening and one state of a partner.

create table kpi_series (
    tenant_id uuid not null,
    series text collate "C" not null,
    way text collate "C" not null,
    key text collate "C" not null,
    numerator bigint not null,
    denominator bigint not null,
    floor json,
    ceiling json,
    is_final boolean not null,
    final_on date,
    versions json not null,
    rounding text not null,
    primary key (tenant_id, series, way, key)
) with (fillfactor = 80);
call guard_tenant_table('kpi_series');
grant select, insert, update, delete on kpi_series to chudan_app;

-- What head office sees of them: of all and by month, no batch and nobody. month: '' for all.
create table hq_series (
    tenant_id uuid not null,
    series text collate "C" not null,
    month text collate "C" not null,
    numerator bigint not null,
    denominator bigint not null,
    is_final boolean not null,
    rounding text not null,
    primary key (tenant_id, series, month)
) with (fillfactor = 80);
call guard_tenant_table('hq_series');
create policy head_office on hq_series for select to chudan_head_office using (true);
create index hq_series_by_month on hq_series (series, month);
grant select, insert, update, delete on hq_series to chudan_app;
grant select on hq_series to chudan_head_office;

-- What a series shows: the evening, and the position of the read models that it is made of; null
-- where it must be filled. ends_at: when that day ends for the partner.
create table series_checkpoints (
    tenant_id uuid not null,
    series text collate "C" not null,
    position bigint,
    day date,
    ends_at timestamptz,
    made_of text,
    filled_at timestamptz,
    primary key (tenant_id, series)
) with (fillfactor = 50);
call guard_tenant_table('series_checkpoints');
create policy everybody on series_checkpoints for select to chudan_projector using (true);
create policy head_office on series_checkpoints for select to chudan_head_office using (true);
grant select, insert, update on series_checkpoints to chudan_app;
grant select on series_checkpoints to chudan_projector, chudan_head_office;

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
grant select on head_office_schemes to chudan_projector, chudan_backup;

-- What head office asks of a draft of a scheme over all partners: no tenant's data. partners: the
-- tenants that there were, each with the position that its answer is pinned to; spread: how many of
-- them have been given their job.
create table head_office_what_ifs (
    id uuid primary key,
    asked jsonb not null,
    happened_by date not null,
    partners jsonb not null,
    spread integer not null default 0,
    asked_by jsonb not null,
    requested_at timestamptz not null default now(),
    cancelled_at timestamptz
);
create index head_office_what_ifs_open on head_office_what_ifs (requested_at)
    where cancelled_at is null and spread < jsonb_array_length(partners);
grant select, insert, update (spread, cancelled_at) on head_office_what_ifs to chudan_head_office;
grant select on head_office_what_ifs to chudan_projector, chudan_backup;

-- A partner's answer: figures, and nobody. done: months; months: null until all are there. error:
-- why they never will be.
create table hq_what_ifs (
    tenant_id uuid not null,
    what_if_id uuid not null,
    done integer not null default 0,
    months jsonb,
    error text,
    primary key (tenant_id, what_if_id)
);
call guard_tenant_table('hq_what_ifs');
create policy head_office on hq_what_ifs for select to chudan_head_office using (true);
create index hq_what_ifs_by_what_if on hq_what_ifs (what_if_id);
grant select, insert, update on hq_what_ifs to chudan_app;
grant select on hq_what_ifs to chudan_head_office, chudan_backup;
