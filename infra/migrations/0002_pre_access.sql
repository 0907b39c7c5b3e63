-- Who may come in: users, bearer tokens, sessions. Plain tables and not events: a hash of a secret
-- does not belong in a log that is never changed (decisions/0005).

create table users (
    user_id uuid primary key,
    tenant_id uuid references tenants,
    email text not null,
    name text not null,
    role text not null,
    password_hash text not null,
    active boolean not null default true,
    created_at timestamptz not null default now(),
    unique nulls not distinct (tenant_id, email)
);
call guard_tenant_table('users');
create index users_email on users (email);
-- The application never reads a password hash but through find_login.
grant select (user_id, tenant_id, email, name, role, active, created_at) on users to chudan_app;

create table tokens (
    token_id uuid primary key,
    tenant_id uuid references tenants,
    hash bytea not null unique check (length(hash) = 32),
    label text not null,
    role text not null,
    scopes text[],
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
call guard_tenant_table('tokens');
grant select (token_id, tenant_id, label, role, scopes, created_at, expires_at, last_used_at,
    revoked_at) on tokens to chudan_app;

create table sessions (
    hash bytea primary key check (length(hash) = 32),
    tenant_id uuid references tenants,
    user_id uuid not null references users on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
call guard_tenant_table('sessions');
create index sessions_user on sessions (user_id);

-- A credential must be resolved before its tenant is known. The functions below do that for the
-- application, for one exact secret at a time; they run as their owner. Forced row-level security
-- holds for an owner who is no superuser too, so the owner gets a policy of its own, on these
-- tables, on the two in which a partner is registered, and on the checkpoints, which begin again with
-- a table that was lost; on nothing that holds a partner's business.
do $$
declare guarded text;
begin
    foreach guarded in array array['tenants', 'heads', 'checkpoints', 'users', 'tokens', 'sessions'] loop
        execute format('create policy owner on %I to %I using (true) with check (true)',
            guarded, current_user);
    end loop;
end $$;

create function principal_of_token(secret bytea)
    returns table (tenant_id uuid, token_id uuid, role text, scopes text[],
                   expires_at timestamptz, zone text)
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
    -- Once a minute is enough to see whether a token is in use; a write per request is not.
    update public.tokens t set last_used_at = now()
    where t.hash = secret and t.revoked_at is null and t.expires_at > now()
        and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
    return query
        select t.tenant_id, t.token_id, t.role, t.scopes, t.expires_at, p.zone
        from public.tokens t left join public.tenants p on p.tenant_id = t.tenant_id
        where t.hash = secret and t.revoked_at is null and t.expires_at > now();
end $$;

create function principal_of_session(secret bytea)
    returns table (tenant_id uuid, user_id uuid, role text, name text,
                   expires_at timestamptz, zone text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.tenant_id, s.user_id, u.role, u.name, s.expires_at, p.zone
    from public.sessions s
    join public.users u on u.user_id = s.user_id and u.active
    left join public.tenants p on p.tenant_id = s.tenant_id
    where s.hash = secret and s.expires_at > now();
$$;

-- One mail address may have an account with several partners; the password says which is meant.
create function find_login(address text)
    returns table (tenant_id uuid, user_id uuid, role text, name text, password_hash text,
                   zone text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select u.tenant_id, u.user_id, u.role, u.name, u.password_hash, p.zone
    from public.users u left join public.tenants p on p.tenant_id = u.tenant_id
    where u.email = address and u.active
    order by u.created_at limit 5;
$$;

-- The hash that find_login answered proves that the caller has just checked the password.
create function open_session(who uuid, proof text, secret bytea, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.sessions s where s.user_id = who and s.expires_at <= now();
    insert into public.sessions (hash, tenant_id, user_id, expires_at)
    select secret, u.tenant_id, u.user_id, until
    from public.users u where u.user_id = who and u.password_hash = proof and u.active;
    return found;
end $$;

create function close_session(secret bytea) returns void
    language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    delete from public.sessions s where s.hash = secret;
$$;

revoke execute on function principal_of_token, principal_of_session, find_login, open_session,
    close_session from public;
grant execute on function principal_of_token, principal_of_session, find_login, open_session,
    close_session to chudan_app;
