-- Work that is done later, and the files that it needs and makes.

-- due_at: when the scheduler sends it (again): while queued the next time, while running or cancelling
-- (somebody cancelled it and its worker has yet to stop) the end of the worker's lease; null once it
-- is over. worker: the holder of the lease. kept: what it keeps, until it is over, for whoever begins
-- it again.
create table jobs (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    payload jsonb not null,
    state text not null default 'queued',
    done bigint not null default 0,
    total bigint not null default 0,
    attempts integer not null default 0,
    sent integer not null default 0,
    due_at timestamptz default now(),
    worker uuid,
    kept jsonb,
    result jsonb,
    error text,
    error_params jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    constraint jobs_state_check check (
        state in ('queued', 'running', 'cancelling', 'done', 'failed', 'cancelled')),
    constraint jobs_due_check check ((due_at is null) = (state in ('done', 'failed', 'cancelled'))),
    constraint jobs_worker_check check ((worker is null) = (state not in ('running', 'cancelling')))
);
call guard_tenant_table('jobs');
create policy everybody on jobs for select to chudan_projector using (true);
create index jobs_due on jobs (due_at) where due_at is not null;
grant select, insert, update on jobs to chudan_app;
grant select (tenant_id, id, state, due_at) on jobs to chudan_projector;

create table files (
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    media_type text not null,
    sha256 text not null check (length(sha256) = 64),
    size bigint not null,
    needs text[] not null check (needs <> '{}'),
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
call guard_tenant_table('files');
grant select, insert on files to chudan_app;
