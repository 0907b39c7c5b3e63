-- Who vouches for an account: provider and issuer say whose word subject is, which is nobody's name or mail
-- address. A copy of an installation's rows opens no door by it: the provider has to say it anew.
create table identities (
    provider text not null,
    issuer text not null,
    subject text not null,
    identity_id uuid not null default gen_random_uuid(),
    tenant_id uuid references tenants,
    user_id uuid not null references users on delete cascade,
    linked_at timestamptz not null,
    used_at timestamptz,
    primary key (provider, issuer, subject)
);
create index identities_user on identities (user_id);
call guard_tenant_table('identities');
do $$ begin
    execute format('create policy owner on identities to %I using (true) with check (true)', current_user);
end $$;
grant select (identity_id, tenant_id, user_id, provider, linked_at, used_at) on identities to chudan_app;
grant select on identities to chudan_backup;

-- Ways to a provider that are begun and not over. key: the hash of what only the browser has. link: of whose
-- one-time link an identity is to be linked. holder: a hash of the network address.
create table sign_ins_pending (
    key bytea primary key check (length(key) = 32),
    provider text not null,
    user_id uuid,
    link bytea,
    following text not null,
    holder bytea not null,
    expires_at timestamptz not null
);
create index sign_ins_pending_holder on sign_ins_pending (holder);
create index sign_ins_pending_expires on sign_ins_pending (expires_at);
grant select, insert, delete on sign_ins_pending to chudan_app;

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

-- Of whoever chooses a password by a link: by the password alone one gets in from then on. Whoever had the
-- old one may have made a passkey, which is a way in by itself.
create function drop_identities(secret bytea, at timestamptz) returns void
    language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    delete from public.passkeys k where k.user_id =
        (select l.user_id from public.one_time_links l where l.hash = secret and l.expires_at > at);
    delete from public.identities i where i.user_id =
        (select l.user_id from public.one_time_links l where l.hash = secret and l.expires_at > at);
$$;

create function enter_by_identity(named text, by_whom text, its text, secret bytea, id uuid, browser text,
                                  at timestamptz, until timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid;
begin
    update public.identities i set used_at = at
        where i.provider = named and i.issuer = by_whom and i.subject = its
        returning i.user_id into who;
    delete from public.sessions s where s.user_id = who and s.expires_at <= at;
    insert into public.sessions (hash, tenant_id, user_id, session_id, agent, created_at, seen_at,
                                 expires_at)
    select secret, u.tenant_id, u.user_id, id, browser, at, at, until
    from public.users u where u.user_id = who and u.active;
    return found;
end $$;

create function unlink_identity(who uuid, id uuid) returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare has_password boolean;
begin
    select u.password_hash is not null into has_password
        from public.users u where u.user_id = who for update;
    delete from public.identities i where i.user_id = who and i.identity_id = id and (has_password
        or exists (select from public.identities o where o.user_id = who and o.identity_id <> id));
    return not exists (
        select from public.identities i where i.user_id = who and i.identity_id = id);
end $$;

revoke execute on function link_identity, use_link_by_identity, drop_identities, enter_by_identity,
    unlink_identity from public;
grant execute on function link_identity, use_link_by_identity, drop_identities, enter_by_identity,
    unlink_identity to chudan_app;
