-- The ways out that a parked projection was shown: tried again (retry), or let pass over what it
-- cannot digest (skip), from position to until. By whom, when and why; error: what it was parked for.
create table repairs (
    tenant_id uuid not null,
    repair_id uuid not null,
    projection text not null,
    way text not null check (way in ('retry', 'skip')),
    position bigint not null,
    until bigint not null,
    error text not null,
    reason text not null,
    actor text not null,
    made_at timestamptz not null default now(),
    primary key (tenant_id, repair_id)
);
call guard_tenant_table('repairs');
grant select, insert on repairs to chudan_app;
