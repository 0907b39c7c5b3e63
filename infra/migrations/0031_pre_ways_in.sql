-- As in 0025 and 0027, in one, and says whose the link was: of whoever chooses a password by it, by that alone
-- one gets in from then on.
drop function use_link(bytea, text, timestamptz);
drop function drop_identities(bytea, timestamptz);
create function use_link(secret bytea, hashed text, at timestamptz) returns uuid
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid;
begin
    delete from public.one_time_links l where l.hash = secret and l.expires_at > at
        returning l.user_id into who;
    update public.users u set password_hash = hashed where u.user_id = who and u.active;
    if not found then
        return null;
    end if;
    delete from public.passkeys k where k.user_id = who;
    delete from public.identities i where i.user_id = who;
    delete from public.sessions s where s.user_id = who;
    return who;
end $$;

create function add_session(who uuid, secret bytea, id uuid, browser text, at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into public.sessions (hash, tenant_id, user_id, session_id, agent, created_at, seen_at,
                                 expires_at)
    select secret, u.tenant_id, u.user_id, id, browser, at, at, until
    from public.users u where u.user_id = who and u.active;
    return found;
end $$;

-- As in 0028, without taking away what is over, which is swept. The locks: a password that is changed
-- meanwhile ends what was opened by the one before, and is waited for by what is yet to be opened.
create or replace function begin_session(who uuid, proof text, secret bytea, id uuid, browser text,
                                         at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from public.users u where u.user_id = who and u.password_hash = proof
        and not exists (
            select from public.totps t where t.user_id = who and t.last_step is not null)
        for share of u;
    return found and public.add_session(who, secret, id, browser, at, until);
end $$;

create or replace function begin_session_by_code(begun bytea, step bigint, recovery bytea, secret bytea,
                                                 id uuid, browser text, at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid;
begin
    select s.user_id into who from public.log_in_steps s
        join public.users u on u.user_id = s.user_id and u.active
            and sha256(convert_to(u.password_hash, 'UTF8')) = s.proof
        where s.hash = begun and s.expires_at > at for update of s for share of u;
    if recovery is null then
        update public.totps t set last_step = step where t.user_id = who and t.last_step < step;
    else
        delete from public.recovery_codes c where c.user_id = who and c.hash = recovery;
    end if;
    if not found then
        return false;
    end if;
    delete from public.log_in_steps s where s.hash = begun;
    return public.add_session(who, secret, id, browser, at, until);
end $$;

create or replace function begin_session_by_passkey(credential bytea, count bigint, challenge bytea,
                                                    good_until timestamptz, secret bytea, id uuid,
                                                    browser text, at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid;
begin
    insert into public.spent_challenges (hash, expires_at) values (challenge, good_until)
        on conflict do nothing;
    if not found then
        return false;
    end if;
    update public.passkeys k set sign_count = count, last_used_at = at
        where k.credential_id = credential and (k.sign_count < count or k.sign_count = 0 and count = 0)
        returning k.user_id into who;
    return public.add_session(who, secret, id, browser, at, until);
end $$;

-- As in 0027.
create or replace function enter_by_identity(named text, by_whom text, its text, secret bytea, id uuid,
                                             browser text, at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid;
begin
    update public.identities i set used_at = at
        where i.provider = named and i.issuer = by_whom and i.subject = its
        returning i.user_id into who;
    return public.add_session(who, secret, id, browser, at, until);
end $$;

-- Whether somebody gets in without one of the identities or passkeys. offered: providers by which one can
-- sign in; host: where passkeys are good.
create function has_other_way_in(who uuid, identity uuid, passkey bytea, offered text[], host text)
    returns boolean
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from public.users u where u.user_id = who and u.password_hash is not null)
        or exists (select from public.identities i where i.user_id = who
                   and i.provider = any(offered) and i.identity_id is distinct from identity)
        or exists (select from public.passkeys k where k.user_id = who
                   and k.rp_id = host and k.credential_id is distinct from passkey);
$$;

-- The last way in is not taken off. The lock: of two that are taken off at once each would count the other.
drop function unlink_identity(uuid, uuid);
create function unlink_identity(who uuid, id uuid, offered text[], host text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from public.users u where u.user_id = who for update;
    delete from public.identities i where i.user_id = who and i.identity_id = id
        and public.has_other_way_in(who, id, null, offered, host);
    return not exists (
        select from public.identities i where i.user_id = who and i.identity_id = id);
end $$;

create function remove_passkey(who uuid, id bytea, offered text[], host text) returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from public.users u where u.user_id = who for update;
    delete from public.passkeys k where k.user_id = who and k.credential_id = id
        and public.has_other_way_in(who, null, id, offered, host);
    return not exists (
        select from public.passkeys k where k.user_id = who and k.credential_id = id);
end $$;

-- Another password by whoever is logged in, as long as that session stands: all others end, and a link that
-- is under way.
create function change_password(who uuid, kept uuid, hashed text, at timestamptz) returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from public.users u where u.user_id = who for update;
    update public.users u set password_hash = hashed
        from public.sessions s
        where u.user_id = who and u.active and s.user_id = who and s.session_id = kept and s.expires_at > at;
    if not found then
        return false;
    end if;
    delete from public.one_time_links l where l.user_id = who;
    delete from public.sessions s where s.user_id = who and s.session_id <> kept;
    return true;
end $$;

-- What is over and nobody came back for, the oldest first, and guesses of before `forgotten`.
create index sessions_expires on sessions (expires_at);
create index log_in_steps_expires on log_in_steps (expires_at);
create index one_time_links_expires on one_time_links (expires_at);
create index spent_challenges_expires on spent_challenges (expires_at);

create function sweep_ways_in(at timestamptz, forgotten timestamptz, most integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare place record; gone integer; total integer := 0;
begin
    for place in select * from (values ('sessions', 'hash'), ('log_in_steps', 'hash'),
        ('one_time_links', 'hash'), ('spent_challenges', 'hash'), ('sign_ins_pending', 'key'))
        as places (name, key)
    loop
        execute format('delete from public.%1$I where %2$I in (select %2$I from public.%1$I
            where expires_at <= $1 order by expires_at limit $2 for update skip locked)',
            place.name, place.key) using at, most;
        get diagnostics gone = row_count;
        total := total + gone;
    end loop;
    delete from public.log_in_attempts a where a.key in (select f.key from public.log_in_attempts f
        where f.last_at < forgotten and not f.is_locked order by f.last_at limit most for update skip locked);
    get diagnostics gone = row_count;
    return total + gone;
end $$;

revoke execute on function use_link, add_session, has_other_way_in, unlink_identity, remove_passkey, change_password,
    sweep_ways_in from public;
grant execute on function use_link, unlink_identity, remove_passkey, change_password to chudan_app;
grant execute on function sweep_ways_in to chudan_projector;
