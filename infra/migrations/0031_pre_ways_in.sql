-- As in 0027. Whoever had the password may have made a passkey, which is a way in by itself: by what is
-- chosen with the link alone one gets in from then on.
create or replace function drop_identities(secret bytea, at timestamptz) returns void
    language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    delete from public.passkeys k where k.user_id =
        (select l.user_id from public.one_time_links l where l.hash = secret and l.expires_at > at);
    delete from public.identities i where i.user_id =
        (select l.user_id from public.one_time_links l where l.hash = secret and l.expires_at > at);
$$;

create or replace function use_link_by_identity(secret bytea, named text, by_whom text, its text,
                                                at timestamptz)
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
    if exists (select from public.totps t where t.user_id = who and t.last_step is not null) then
        return 'codes';
    end if;
    became := public.link_identity(named, by_whom, its, who, at);
    if became = 'done' then
        delete from public.one_time_links l where l.hash = secret;
        delete from public.identities i where i.user_id = who
            and (i.provider, i.issuer, i.subject) <> (named, by_whom, its);
        delete from public.passkeys k where k.user_id = who;
        delete from public.sessions s where s.user_id = who;
        update public.users u set password_hash = null where u.user_id = who;
    end if;
    return became;
end $$;

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
