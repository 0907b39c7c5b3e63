-- Sessions are listed and ended one by one: session_id stands where the hash of the secret must not. agent:
-- what the browser calls itself. A session is over at expires_at, and when it was not used for as long as
-- the program says; seen_at is to the minute.
alter table sessions
    add column session_id uuid not null default gen_random_uuid(),
    add column seen_at timestamptz not null default now(),
    add column agent text not null default '';
grant select (session_id, tenant_id, user_id, created_at, seen_at, expires_at, agent), delete
    on sessions to chudan_app;

-- open_session and principal_of_session of 0002, told the instant; those of before stay until a later
-- migration for the programs of before.
create function begin_session(who uuid, proof text, secret bytea, id uuid, browser text,
                              at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.sessions s where s.user_id = who and s.expires_at <= at;
    insert into public.sessions (hash, tenant_id, user_id, session_id, agent, created_at, seen_at,
                                 expires_at)
    select secret, u.tenant_id, u.user_id, id, browser, at, at, until
    from public.users u where u.user_id = who and u.password_hash = proof and u.active;
    return found;
end $$;

create function find_session(secret bytea, at timestamptz, unused_since timestamptz)
    returns table (tenant_id uuid, user_id uuid, session_id uuid, role text, name text, email text,
                   seen_at timestamptz, expires_at timestamptz, zone text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.tenant_id, s.user_id, s.session_id, u.role, u.name, u.email, s.seen_at, s.expires_at,
        p.zone
    from public.sessions s
    join public.users u on u.user_id = s.user_id and u.active
    left join public.tenants p on p.tenant_id = s.tenant_id
    where s.hash = secret and s.expires_at > at and s.seen_at > unused_since;
$$;

create function see_session(secret bytea, at timestamptz) returns void
    language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update public.sessions s set seen_at = at where s.hash = secret and s.seen_at < at;
$$;

revoke execute on function begin_session, find_session, see_session from public;
grant execute on function begin_session, find_session, see_session to chudan_app;
