-- How somebody comes in: what a secret, a password, a code, a passkey, a link or a provider's word opens,
-- each for one who has just shown it. They run as their owner, since whose it is is known only after.

-- Of whom one-time codes are asked after the password. The functions alone read it; whoever else might one
-- day sees of it what the table shows them.
create view asked_for_codes with (security_invoker = true) as
    select t.user_id from totps t where t.last_step is not null;

-- Whether the password alone logs somebody in.
create function lacks_codes(who uuid) returns boolean
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from public.users u where u.user_id = who and u.password_hash is not null)
        and not exists (select from public.asked_for_codes a where a.user_id = who);
$$;

create function principal_of_token(secret bytea)
    returns table (tenant_id uuid, token_id uuid, role text, scopes text[],
                   expires_at timestamptz, zone text, person_id text, lacks_codes boolean)
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
begin
    -- Once a minute is enough to see whether a token is in use; a write per request is not.
    update public.tokens t set last_used_at = now()
    where t.hash = secret and t.revoked_at is null and t.expires_at > now()
        and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
    return query
        select t.tenant_id, t.token_id, t.role, t.scopes, t.expires_at, o.zone, u.person_id,
            public.lacks_codes(u.user_id)
        from public.tokens t
        join public.tenants o on o.tenant_id = t.tenant_id
        left join public.users u
            on u.tenant_id = t.tenant_id and u.user_id = t.made_by and u.active
        where t.hash = secret and t.revoked_at is null and t.expires_at > now()
            and (t.role is not null or u.person_id is not null);
end $$;

-- One mail address may have an account with several organisations; the password says which is meant.
-- has_code: a code is asked after the password.
create function find_login(address text)
    returns table (tenant_id uuid, user_id uuid, password_hash text, zone text, has_code boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select u.tenant_id, u.user_id, u.password_hash, o.zone,
        exists (select from public.asked_for_codes a where a.user_id = u.user_id)
    from public.users u
    join public.tenants o on o.tenant_id = u.tenant_id
    where u.email = address and u.active
    order by u.password_hash is null, u.created_at limit 5;
$$;

-- A session for a password alone, where no code is asked. The hash that find_login answered proves that the
-- caller has just checked the password. The lock: a password that is changed meanwhile ends what was opened
-- by the one before, and is waited for by what is yet to be opened.
create function begin_session(who uuid, proof text, secret bytea, id uuid, browser text,
                              at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    -- Codes that are turned on meanwhile end this session as well.
    perform from public.totps t where t.user_id = who for share;
    perform from public.users u where u.user_id = who and u.password_hash = proof
        and not exists (select from public.asked_for_codes a where a.user_id = who)
        for share of u;
    return found and public.add_session(who, secret, id, browser, at, until);
end $$;

-- The first half of a log-in by password and code.
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
    returns table (tenant_id uuid, user_id uuid, email text, zone text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.tenant_id, s.user_id, u.email, o.zone
    from public.log_in_steps s
    join public.users u on u.user_id = s.user_id and u.active
        and sha256(convert_to(u.password_hash, 'UTF8')) = s.proof
    join public.tenants o on o.tenant_id = s.tenant_id
    where s.hash = secret and s.expires_at > at;
$$;

-- A session for a code, which is spent with it: the step of a one-time code, or the hash of a recovery code.
create function begin_session_by_code(begun bytea, step bigint, recovery bytea, secret bytea,
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

create function find_passkey(credential bytea)
    returns table (tenant_id uuid, user_id uuid, email text, zone text, public_key bytea,
                   sign_count bigint)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select k.tenant_id, k.user_id, u.email, o.zone, k.public_key, k.sign_count
    from public.passkeys k
    join public.users u on u.user_id = k.user_id and u.active
    join public.tenants o on o.tenant_id = k.tenant_id
    where k.credential_id = credential;
$$;

-- A session for the answer of a passkey to a challenge, once. count: what the authenticator says now.
create function begin_session_by_passkey(credential bytea, count bigint, challenge bytea,
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

create function enter_by_identity(named text, by_whom text, its text, secret bytea, id uuid,
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

create function find_session(secret bytea, at timestamptz, unused_since timestamptz)
    returns table (tenant_id uuid, user_id uuid, session_id uuid, person_id text, email text,
                   seen_at timestamptz, expires_at timestamptz, zone text, lacks_codes boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.tenant_id, s.user_id, s.session_id, u.person_id, u.email, s.seen_at, s.expires_at,
        o.zone, public.lacks_codes(u.user_id)
    from public.sessions s
    join public.users u on u.user_id = s.user_id and u.active
    join public.tenants o on o.tenant_id = s.tenant_id
    where s.hash = secret and s.expires_at > at and s.seen_at > unused_since;
$$;

create function see_session(secret bytea, at timestamptz) returns void
    language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update public.sessions s set seen_at = at where s.hash = secret and s.seen_at < at;
$$;

create function close_session(secret bytea) returns void
    language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    delete from public.sessions s where s.hash = secret;
$$;

create function find_link(secret bytea, at timestamptz)
    returns table (tenant_id uuid, email text, person_id text, organisation text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select l.tenant_id, u.email, u.person_id, o.name
    from public.one_time_links l
    join public.users u on u.user_id = l.user_id and u.active
    join public.tenants o on o.tenant_id = l.tenant_id
    where l.hash = secret and l.expires_at > at;
$$;

-- Ends what a way in has opened that somebody has no more: sessions, but the one that is kept, and the own
-- tokens of programs.
create function end_opened(who uuid, kept uuid, at timestamptz) returns void
    language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    delete from public.sessions s where s.user_id = who and s.session_id is distinct from kept;
    update public.tokens t set revoked_at = at where t.made_by = who and t.role is null and t.revoked_at is null;
$$;

-- Whoever has the link chooses the password, by which alone one gets in from then on; whoever had the old
-- one is out. Answers whose link it was.
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
    perform public.end_opened(who, null, at);
    return who;
end $$;

-- Whoever has the link says by whom one signs in; whoever knew the password, or had another way in, is out.
create function use_link_by_identity(secret bytea, named text, by_whom text, its text, at timestamptz)
    returns text
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid; became text;
begin
    select l.user_id into who from public.one_time_links l
        where l.hash = secret and l.expires_at > at for update;
    if not found then
        return 'over';
    end if;
    -- Whoever reads somebody's mail would come in by a link without the code that is asked for.
    if exists (select from public.asked_for_codes a where a.user_id = who) then
        return 'codes';
    end if;
    became := public.link_identity(named, by_whom, its, who, at);
    if became = 'done' then
        delete from public.one_time_links l where l.hash = secret;
        delete from public.identities i where i.user_id = who
            and (i.provider, i.issuer, i.subject) <> (named, by_whom, its);
        delete from public.passkeys k where k.user_id = who;
        perform public.end_opened(who, null, at);
        update public.users u set password_hash = null where u.user_id = who;
    end if;
    return became;
end $$;

create function link_identity(named text, by_whom text, its text, who uuid, at timestamptz) returns text
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare whose uuid;
begin
    insert into public.identities (provider, issuer, subject, tenant_id, user_id, linked_at)
        select named, by_whom, its, u.tenant_id, u.user_id, at
        from public.users u where u.user_id = who and u.active
        on conflict do nothing;
    select i.user_id into whose from public.identities i
        where i.provider = named and i.issuer = by_whom and i.subject = its;
    return case when whose = who then 'done' when whose is null then 'over' else 'taken' end;
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
    -- The link first, as who uses it does, or each would wait for the other.
    perform from public.one_time_links l where l.user_id = who for update;
    perform from public.users u where u.user_id = who for update;
    update public.users u set password_hash = hashed
        from public.sessions s
        where u.user_id = who and u.active and s.user_id = who and s.session_id = kept and s.expires_at > at;
    if not found then
        return false;
    end if;
    delete from public.one_time_links l where l.user_id = who;
    perform public.end_opened(who, kept, at);
    return true;
end $$;

create function awaits_first_account(secret bytea, at timestamptz) returns boolean
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from public.one_time_links l where l.user_id is null and l.expires_at > at
                   and (secret is null or l.hash = secret))
        and not exists (select from public.users);
$$;

-- Of two who come at once with the link one finds it.
create function make_first_account(secret bytea, id uuid, organisation uuid, address text, person text,
                                   hashed text, at timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.one_time_links l
        where l.user_id is null and l.hash = secret and l.expires_at > at;
    if not found or exists (select from public.users) then
        return false;
    end if;
    insert into public.users (user_id, tenant_id, email, person_id, password_hash)
        values (id, organisation, address, person, hashed);
    return true;
end $$;

-- Of the people of the organisation whose transaction it is. is_accepted: there is a way in; before there is
-- one, link_until says until when that of the invitation is good.
create function log_ins_of(organisation uuid, people text[])
    returns table (person_id text, user_id uuid, email text, created_at timestamptz, is_accepted boolean,
                   link_until timestamptz)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select u.person_id, u.user_id, u.email, u.created_at,
        u.password_hash is not null
            or exists (select from public.identities i where i.user_id = u.user_id)
            or exists (select from public.passkeys k where k.user_id = u.user_id),
        l.expires_at
    from public.users u left join public.one_time_links l on l.user_id = u.user_id
    where u.tenant_id = organisation and organisation = nullif(current_setting('app.tenant', true), '')::uuid
        and u.person_id = any (people) and u.active;
$$;

-- Takes away what is over and nobody came back for, the oldest first, and guesses of before `forgotten`.
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

revoke execute on function lacks_codes, principal_of_token, find_login, begin_session, begin_step, find_step,
    begin_session_by_code, find_passkey, begin_session_by_passkey, enter_by_identity, add_session, find_session,
    see_session, close_session, find_link, end_opened, use_link, use_link_by_identity, link_identity,
    has_other_way_in, unlink_identity, remove_passkey, change_password, awaits_first_account,
    make_first_account, log_ins_of, sweep_ways_in from public;
grant execute on function lacks_codes, principal_of_token, find_login, begin_session, begin_step, find_step,
    begin_session_by_code, find_passkey, begin_session_by_passkey, enter_by_identity, find_session, see_session,
    close_session, find_link, use_link, use_link_by_identity, link_identity, unlink_identity,
    remove_passkey, change_password, awaits_first_account, make_first_account, log_ins_of to chudan_app;
grant execute on function sweep_ways_in to chudan_projector;
