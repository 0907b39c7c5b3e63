-- The log of each partner, what is written with it, and the procedures by which tables are guarded. Formats
-- are frozen with this text since 2026-11-30: its checksum is the lineage (decisions 0058, 0060).

-- Row-level security for a tenant table. The application sees the tenant that its transaction names, and
-- so does the schema's owner: who hands a partner on to another installation needs all of its tables at
-- one moment. Whoever backs up reads of every tenant what it is granted, and writes nothing (decision
-- 0042).
create procedure guard_tenant_table(name regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', name);
    execute format('alter table %s force row level security', name);
    execute format(
        'create policy tenant on %s to chudan_app, current_user'
        ' using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
        ' with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)',
        name);
    execute format('create policy backup on %s for select to chudan_backup using (true)', name);
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
call guard_log_table('tenants');
create policy head_office on tenants for select to chudan_head_office using (true);
grant select on tenants to chudan_app, chudan_log, chudan_backup;
grant select (tenant_id, code, name) on tenants to chudan_head_office;

grant select on schema_migrations to chudan_backup;

create table heads (
    tenant_id uuid primary key,
    position bigint not null default 0,
    recorded_at timestamptz not null default '-infinity'
) with (fillfactor = 50);
call guard_log_table('heads');
create policy everybody on heads for select to chudan_projector using (true);
grant select on heads to chudan_app, chudan_projector, chudan_backup;
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
-- Whether a partner's first unsealed event has waited for long.
create policy everybody on events for select to chudan_projector using (true);
grant select on events to chudan_app, chudan_backup;
grant select, insert on events to chudan_log;
grant select (tenant_id, position, recorded_at) on events to chudan_projector;

create table claims (
    tenant_id uuid not null,
    kind text not null,
    key text not null,
    owner text not null,
    primary key (tenant_id, kind, key)
);
call guard_log_table('claims');
grant select on claims to chudan_app, chudan_backup;
grant select, insert, delete, update (owner) on claims to chudan_log;

-- Who seals has old answers expire.
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
grant select, insert, delete on commands to chudan_log;
grant select on commands to chudan_backup;

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
grant select on outbox to chudan_backup;

-- The secret keys in use, each by the id that follows from it, and a canary that it alone opens. One is
-- in force: it wraps the keys of new people. `chudan migrate` names the first by two settings of its
-- connection.
create table secret_keys (
    key_id text primary key,
    canary bytea not null,
    in_force boolean not null
);
create unique index secret_keys_in_force on secret_keys (in_force) where in_force;
grant select (key_id) on secret_keys to chudan_projector;
grant select on secret_keys to chudan_backup;
insert into secret_keys values
    (current_setting('app.key_id'), decode(current_setting('app.canary'), 'hex'), true);

-- A constraint refuses whatever a writer, who did not notice that another secret key came into force,
-- has wrapped with the one before; it is not validated before all of that one's are wrapped anew.
create procedure guard_wrapped(name regclass) language plpgsql as $$
begin
    execute format(
        'alter table %s add constraint wrapped_with_the_key_in_force check (key_id = %L)',
        name, (select key_id from secret_keys where in_force));
end $$;

-- A person's own key, wrapped with the secret key of key_id; destroying it erases the person.
create table person_keys (
    tenant_id uuid not null,
    person_id text not null constraint named_by_person check (length(person_id) = 36),
    wrapped bytea not null,
    key_id text not null,
    primary key (tenant_id, person_id)
);
call guard_wrapped('person_keys');
call guard_log_table('person_keys');
grant select on person_keys to chudan_app, chudan_backup;
grant select, insert, update (wrapped, key_id) on person_keys to chudan_log;

-- The seals of each partner's log (decision 0041): of the events after one position and up to another.
-- A chain goes by the numbers of its lines, since the block of one by which another key begins is empty
-- (decision 0044).
--
-- line: as it stands in the file outside. event_hashes: of the block's events, 32 bytes each.
-- answer_hashes: of the idempotency answers that it seals, 40 bytes each: the position, and the hash.
-- key: the public half of the key that signed the line.
create table seals (
    tenant_id uuid not null,
    number bigint not null,
    after bigint not null,
    until bigint not null check (until >= after),
    line text not null,
    key text not null,
    event_hashes bytea not null,
    answer_hashes bytea not null,
    primary key (tenant_id, number)
);
call guard_log_table('seals');
create policy everybody on seals for select to chudan_projector using (true);
grant select, insert on seals to chudan_log;
grant select (tenant_id, number, until, key) on seals to chudan_projector;
grant select on seals to chudan_backup;

-- built: whether a projection has once reached the head of the tenant's log; before that it may not
-- be read. until: where the stretch of the log ends that a reactor has begun; begun again, it must be
-- the same. tried_at: when a parked consumer tried last: the longer it has been parked, the longer until
-- it tries again. generation: how often the rows were made anew while the checkpoint may have stayed
-- where it was; what is remembered of a position is of its generation.
create table checkpoints (
    tenant_id uuid not null,
    projection text not null,
    position bigint not null default 0,
    built boolean not null default false,
    until bigint,
    parked_position bigint,
    parked_error text,
    parked_at timestamptz,
    tried_at timestamptz,
    generation bigint not null default 0,
    primary key (tenant_id, projection)
) with (fillfactor = 50);
call guard_tenant_table('checkpoints');
create policy everybody on checkpoints for select to chudan_projector using (true);
grant select, insert, update on checkpoints to chudan_app;
grant select on checkpoints to chudan_projector, chudan_backup;

-- The ways out that a parked projection was shown: tried again (retry), or let pass over what it
-- cannot digest (skip), from position to until. By whom, when and why; error: what it was parked for.
-- Whose read models pass over something is seen across tenants, as what is parked is.
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
create policy everybody on repairs for select to chudan_projector using (true);
grant select, insert on repairs to chudan_app;
grant select on repairs to chudan_projector, chudan_backup;
