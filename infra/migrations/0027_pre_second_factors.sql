-- One-time codes beside the password (RFC 6238): their secret is wrapped with the secret key. last_step: of
-- the last code that was good, which is good no more; null until one has shown that the secret arrived.
create table totps (
    tenant_id uuid not null references tenants,
    user_id uuid primary key references users on delete cascade,
    wrapped bytea not null,
    key_id text not null,
    last_step bigint
);
-- As the people's keys (0016): whoever did not notice that another secret key came into force is refused.
do $$
begin
    execute format('alter table totps add constraint wrapped_with_the_key_in_force check (key_id = %L)',
        (select key_id from secret_keys where in_force));
end $$;

-- For who lost what makes the codes: only the SHA-256 of each, which is deleted when it was used.
create table recovery_codes (
    tenant_id uuid not null references tenants,
    user_id uuid not null references users on delete cascade,
    hash bytea not null check (length(hash) = 32),
    primary key (user_id, hash)
);

-- Passkeys (WebAuthn). rp_id: the host at which one is good. sign_count: how often the authenticator says
-- that it signed, 0 of one that does not count.
create table passkeys (
    credential_id bytea primary key check (length(credential_id) between 1 and 1023),
    tenant_id uuid not null references tenants,
    user_id uuid not null references users on delete cascade,
    rp_id text not null,
    public_key bytea not null,
    sign_count bigint not null,
    name text not null,
    created_at timestamptz not null,
    last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id);

-- A log-in whose password was right and whose code is yet to come. hash: of its secret and of the browser
-- that began it. proof: a hash of what is kept of the password, since with another one it is over.
create table log_in_steps (
    hash bytea primary key check (length(hash) = 32),
    tenant_id uuid not null references tenants,
    user_id uuid not null references users on delete cascade,
    proof bytea not null,
    expires_at timestamptz not null
);
create index log_in_steps_user on log_in_steps (user_id);

-- Challenges that a passkey has answered: good once.
create table spent_challenges (
    hash bytea primary key check (length(hash) = 32),
    expires_at timestamptz not null
);

do $$
declare guarded regclass;
begin
    foreach guarded in array array['totps', 'recovery_codes', 'passkeys', 'log_in_steps']::regclass[] loop
        call guard_tenant_table(guarded);
        execute format('create policy owner on %s to %I using (true) with check (true)',
            guarded, current_user);
    end loop;
end $$;
grant select, insert, update, delete on totps to chudan_app;
grant select, insert, delete on recovery_codes, passkeys, spent_challenges to chudan_app;
grant select on totps, recovery_codes, passkeys to chudan_backup;

-- As in 0002, and whether a code is asked after the password.
drop function find_login(text);
create function find_login(address text)
    returns table (tenant_id uuid, user_id uuid, role text, name text, password_hash text,
                   zone text, has_code boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select u.tenant_id, u.user_id, u.role, u.name, u.password_hash, p.zone, t.last_step is not null
    from public.users u
    left join public.tenants p on p.tenant_id = u.tenant_id
    left join public.totps t on t.user_id = u.user_id
    where u.email = address and u.active
    order by u.created_at limit 5;
$$;

-- As in 0026, and never for a password alone where a code is asked.
create or replace function begin_session(who uuid, proof text, secret bytea, id uuid, browser text,
                                         at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.sessions s where s.user_id = who and s.expires_at <= at;
    insert into public.sessions (hash, tenant_id, user_id, session_id, agent, created_at, seen_at,
                                 expires_at)
    select secret, u.tenant_id, u.user_id, id, browser, at, at, until
    from public.users u where u.user_id = who and u.password_hash = proof and u.active
        and not exists (
            select from public.totps t where t.user_id = who and t.last_step is not null);
    return found;
end $$;

-- The hash that find_login answered proves that the caller has just checked the password.
create function begin_step(who uuid, proof text, secret bytea, at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.log_in_steps s where s.user_id = who and s.expires_at <= at;
    insert into public.log_in_steps (hash, tenant_id, user_id, proof, expires_at)
    select secret, u.tenant_id, u.user_id, sha256(convert_to(u.password_hash, 'UTF8')), until
    from public.users u where u.user_id = who and u.password_hash = proof and u.active;
    return found;
end $$;

create function find_step(secret bytea, at timestamptz)
    returns table (tenant_id uuid, user_id uuid, role text, name text, email text, zone text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.tenant_id, s.user_id, u.role, u.name, u.email, p.zone
    from public.log_in_steps s
    join public.users u on u.user_id = s.user_id and u.active
        and sha256(convert_to(u.password_hash, 'UTF8')) = s.proof
    join public.tenants p on p.tenant_id = s.tenant_id
    where s.hash = secret and s.expires_at > at;
$$;

-- A session for a code, which is spent with it: the step of a one-time code, or the hash of a recovery code.
create function begin_session_by_code(begun bytea, step bigint, recovery bytea, secret bytea, id uuid,
                                      browser text, at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid;
begin
    select s.user_id into who from public.log_in_steps s
        join public.users u on u.user_id = s.user_id and u.active
            and sha256(convert_to(u.password_hash, 'UTF8')) = s.proof
        where s.hash = begun and s.expires_at > at for update of s;
    if not found then
        return false;
    end if;
    if recovery is null then
        update public.totps t set last_step = step where t.user_id = who and t.last_step < step;
    else
        delete from public.recovery_codes c where c.user_id = who and c.hash = recovery;
    end if;
    if not found then
        return false;
    end if;
    delete from public.log_in_steps s where s.hash = begun;
    delete from public.sessions s where s.user_id = who and s.expires_at <= at;
    insert into public.sessions (hash, tenant_id, user_id, session_id, agent, created_at, seen_at,
                                 expires_at)
    select secret, u.tenant_id, u.user_id, id, browser, at, at, until
    from public.users u where u.user_id = who;
    return true;
end $$;

create function find_passkey(credential bytea)
    returns table (tenant_id uuid, user_id uuid, role text, name text, email text, zone text,
                   public_key bytea, sign_count bigint)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select k.tenant_id, k.user_id, u.role, u.name, u.email, p.zone, k.public_key, k.sign_count
    from public.passkeys k
    join public.users u on u.user_id = k.user_id and u.active
    join public.tenants p on p.tenant_id = k.tenant_id
    where k.credential_id = credential;
$$;

-- A session for the answer of a passkey to a challenge, once. count: what the authenticator says now.
create function begin_session_by_passkey(credential bytea, count bigint, challenge bytea,
                                         good_until timestamptz, secret bytea, id uuid, browser text,
                                         at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid;
begin
    delete from public.spent_challenges c where c.expires_at <= at;
    insert into public.spent_challenges (hash, expires_at) values (challenge, good_until)
        on conflict do nothing;
    if not found then
        return false;
    end if;
    update public.passkeys k set sign_count = count, last_used_at = at
        where k.credential_id = credential and (k.sign_count < count or k.sign_count = 0 and count = 0)
        returning k.user_id into who;
    delete from public.sessions s where s.user_id = who and s.expires_at <= at;
    insert into public.sessions (hash, tenant_id, user_id, session_id, agent, created_at, seen_at,
                                 expires_at)
    select secret, u.tenant_id, u.user_id, id, browser, at, at, until
    from public.users u where u.user_id = who and u.active;
    return found;
end $$;

revoke execute on function find_login, begin_step, find_step, begin_session_by_code, find_passkey,
    begin_session_by_passkey from public;
grant execute on function find_login, begin_step, find_step, begin_session_by_code, find_passkey,
    begin_session_by_passkey to chudan_app;

-- As in 0002, and, as begin_session, never for a password alone where a code is asked.
create or replace function open_session(who uuid, proof text, secret bytea, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.sessions s where s.user_id = who and s.expires_at <= now();
    insert into public.sessions (hash, tenant_id, user_id, expires_at)
    select secret, u.tenant_id, u.user_id, until
    from public.users u where u.user_id = who and u.password_hash = proof and u.active
        and not exists (
            select from public.totps t where t.user_id = who and t.last_step is not null);
    return found;
end $$;
