-- The tenant log and the two procedures with which every later table is guarded.

-- Row-level security for a tenant table: the application sees the tenant that its transaction names.
create procedure guard_tenant_table(name regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', name);
    execute format('alter table %s force row level security', name);
    execute format(
        'create policy tenant on %s to chudan_app'
        ' using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
        ' with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)',
        name);
end $$;

-- The same for the log's writer, which commits the commands of several tenants together.
-- The subquery is evaluated once for a statement; Citus refuses one in a policy, and is told another
-- form (infra/database/distribution.py).
create procedure guard_log_table(name regclass) language plpgsql as $$
declare
    named text := $named$tenant_id = any ((select string_to_array(
        nullif(current_setting('app.tenants', true), ''), ',')::uuid[])::uuid[])$named$;
begin
    call guard_tenant_table(name);
    execute format(
        'create policy tenants on %s to chudan_log using (%s) with check (%s)', name, named, named);
end $$;

create table tenants (
    tenant_id uuid primary key,
    code text not null,
    -- As domain.kernel.values.number_key folds it: `tw`, `TW` and `t w` are one code.
    code_key text not null unique,
    name text not null,
    zone text not null,
    created_at timestamptz not null default now()
);
call guard_tenant_table('tenants');
grant select on tenants to chudan_app;

create table heads (
    tenant_id uuid primary key,
    position bigint not null default 0,
    recorded_at timestamptz not null default '-infinity'
) with (fillfactor = 50);
call guard_log_table('heads');
create policy everybody on heads for select to chudan_projector using (true);
grant select on heads to chudan_app, chudan_projector;
grant select, insert, update on heads to chudan_log;

-- is_last: of the events of its command; at any other position half of a command is known.
create table events (
    tenant_id uuid not null,
    position bigint not null,
    stream_id text not null,
    version integer not null,
    topic text not null,
    class_version smallint not null default 1,
    payload jsonb not null,
    actor text not null,
    recorded_at timestamptz not null,
    source jsonb not null,
    correlation_id uuid,
    causation_id uuid,
    is_last boolean not null default true,
    primary key (tenant_id, position),
    unique (tenant_id, stream_id, version)
);
call guard_log_table('events');
grant select on events to chudan_app;
grant select, insert on events to chudan_log;

create table claims (
    tenant_id uuid not null,
    kind text not null,
    key text not null,
    owner text not null,
    primary key (tenant_id, kind, key)
);
call guard_log_table('claims');
grant select on claims to chudan_app;
grant select, insert, delete, update (owner) on claims to chudan_log;

create table commands (
    tenant_id uuid not null,
    idempotency_key text not null,
    fingerprint bytea not null,
    position bigint not null,
    result jsonb not null,
    recorded_at timestamptz not null,
    primary key (tenant_id, idempotency_key)
);
create index commands_position on commands (tenant_id, position);
call guard_log_table('commands');
grant select, insert on commands to chudan_log;

create table outbox (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    payload jsonb not null,
    created_at timestamptz not null,
    primary key (tenant_id, id)
);
call guard_log_table('outbox');
create policy everybody on outbox for select to chudan_projector using (true);
grant select, delete on outbox to chudan_app;
grant select (tenant_id, id, created_at) on outbox to chudan_projector;
grant select, insert on outbox to chudan_log;

-- A person's own key, wrapped with the installation's; destroying it erases the person.
create table person_keys (
    tenant_id uuid not null,
    person_id text not null,
    wrapped bytea not null,
    primary key (tenant_id, person_id)
);
call guard_log_table('person_keys');
grant select on person_keys to chudan_app;
grant select, insert on person_keys to chudan_log;

-- built: whether a projection has once reached the head of the tenant's log; before that it may not
-- be read. until: where the stretch of the log ends that a reactor has begun; begun again, it must be
-- the same.
create table checkpoints (
    tenant_id uuid not null,
    projection text not null,
    position bigint not null default 0,
    built boolean not null default false,
    until bigint,
    parked_position bigint,
    parked_error text,
    parked_at timestamptz,
    primary key (tenant_id, projection)
) with (fillfactor = 50);
call guard_tenant_table('checkpoints');
create policy everybody on checkpoints for select to chudan_projector using (true);
grant select, insert, update on checkpoints to chudan_app;
grant select on checkpoints to chudan_projector;
