-- What head office asks of a draft of a scheme over all partners: no tenant's data. partners: the
-- tenants that there were, each with the position that its answer is pinned to; spread: how many of
-- them have been given their job.
create table head_office_what_ifs (
    id uuid primary key,
    asked jsonb not null,
    happened_by date not null,
    partners jsonb not null,
    spread integer not null default 0,
    actor text not null,
    requested_at timestamptz not null default now(),
    cancelled_at timestamptz
);
create index head_office_what_ifs_open on head_office_what_ifs (requested_at)
    where cancelled_at is null and spread < jsonb_array_length(partners);
grant select, insert, update (spread, cancelled_at) on head_office_what_ifs to chudan_head_office;
grant select on head_office_what_ifs to chudan_projector;

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
grant select on hq_what_ifs to chudan_head_office;
