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

-- Who the partners are.
create policy head_office on tenants for select to chudan_head_office using (true);
grant select (tenant_id, code, name) on tenants to chudan_head_office;
