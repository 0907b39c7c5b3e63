-- Work that is done later, the files that it needs and makes, and the mails that it sends.

-- due_at: when the scheduler sends it (again): while queued the next time, while running or cancelling
-- (somebody cancelled it and its worker has yet to stop) the end of the worker's lease; null once it
-- is over. worker: the holder of the lease. kept: what it keeps, until it is over, for whoever begins
-- it again. error_params: the params of its refusal with their types, since JSON knows no days.
-- undone_by: the job that took an import back, of which nothing stands any more; state stays as it ended.
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
    undone_by uuid,
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
-- A partner's jobs in the order in which they were made: earlier imports are looked up by it.
create index jobs_made on jobs (tenant_id, created_at, id);
grant select, insert, update on jobs to chudan_app;
grant select (tenant_id, id, state, due_at) on jobs to chudan_projector;
grant select on jobs to chudan_backup;

-- needs: the permissions, over everything, that it takes to read it.
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
grant select on files to chudan_backup;

-- Mails, each sent by a job of the same id, once or said to be unknown. sealed: what it says and to whom,
-- sealed with a key of its own that the secret key wraps; gone with its key once nobody will send it.
-- sending: the server is being told what it says, or whoever told it was killed. until: when it is of no
-- use any more.
create table mails (
    tenant_id uuid not null,
    id uuid not null,
    state text not null default 'rendered',
    sealed text,
    wrapped bytea,
    key_id text,
    until timestamptz not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (tenant_id, id),
    constraint mails_state_check check (
        state in ('rendered', 'sending', 'sent', 'unknown', 'refused', 'expired', 'failed')),
    constraint mails_ended_check check ((ended_at is null) = (state in ('rendered', 'sending'))),
    constraint mails_sealed_check check (
        (ended_at is null) = (sealed is not null and wrapped is not null and key_id is not null))
);
call guard_wrapped('mails');
call guard_tenant_table('mails');
grant select, insert, update on mails to chudan_app;
grant select on mails to chudan_backup;
