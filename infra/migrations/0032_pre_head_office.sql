-- Head office is an organisation like a partner, of this id in every installation
-- (domain.people.partner.HEAD_OFFICE_ID), with a log in which its people and their roles are.
insert into tenants (tenant_id, code, code_key, name, zone)
values ('00000000-0000-0000-0000-000000000001', 'HEAD-OFFICE', 'HEAD-OFFICE', '总部', 'Asia/Shanghai');
insert into heads (tenant_id) values ('00000000-0000-0000-0000-000000000001');

-- An account is somebody's who is on record: what it may do follows from the person's events alone.
delete from one_time_links where user_id is null;
delete from users where person_id is null;
alter table users drop column role, alter column tenant_id set not null,
    alter column person_id set not null;
update tokens set tenant_id = '00000000-0000-0000-0000-000000000001' where tenant_id is null;
alter table tokens alter column tenant_id set not null;
alter table sessions alter column tenant_id set not null;
alter table one_time_links alter column tenant_id set not null;
alter table identities alter column tenant_id set not null;

drop function principal_of_session, open_session, find_login, find_session, find_step, find_passkey,
    find_link, make_first_account;

-- As in 0027, without a role.
create function find_login(address text)
    returns table (tenant_id uuid, user_id uuid, name text, password_hash text, zone text,
                   has_code boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select u.tenant_id, u.user_id, u.name, u.password_hash, o.zone, t.last_step is not null
    from public.users u
    join public.tenants o on o.tenant_id = u.tenant_id
    left join public.totps t on t.user_id = u.user_id
    where u.email = address and u.active
    order by u.created_at limit 5;
$$;

-- As in 0026, with whose the account is in the place of a role. lacks_codes: whether the password alone logs
-- in.
create function find_session(secret bytea, at timestamptz, unused_since timestamptz)
    returns table (tenant_id uuid, user_id uuid, session_id uuid, person_id text, name text, email text,
                   seen_at timestamptz, expires_at timestamptz, zone text, lacks_codes boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.tenant_id, s.user_id, s.session_id, u.person_id, u.name, u.email, s.seen_at, s.expires_at,
        o.zone, u.password_hash is not null and not exists (
            select from public.totps t where t.user_id = u.user_id and t.last_step is not null)
    from public.sessions s
    join public.users u on u.user_id = s.user_id and u.active
    join public.tenants o on o.tenant_id = s.tenant_id
    where s.hash = secret and s.expires_at > at and s.seen_at > unused_since;
$$;

-- As in 0027, both without a role.
create function find_step(secret bytea, at timestamptz)
    returns table (tenant_id uuid, user_id uuid, name text, email text, zone text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.tenant_id, s.user_id, u.name, u.email, o.zone
    from public.log_in_steps s
    join public.users u on u.user_id = s.user_id and u.active
        and sha256(convert_to(u.password_hash, 'UTF8')) = s.proof
    join public.tenants o on o.tenant_id = s.tenant_id
    where s.hash = secret and s.expires_at > at;
$$;

create function find_passkey(credential bytea)
    returns table (tenant_id uuid, user_id uuid, name text, email text, zone text, public_key bytea,
                   sign_count bigint)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select k.tenant_id, k.user_id, u.name, u.email, o.zone, k.public_key, k.sign_count
    from public.passkeys k
    join public.users u on u.user_id = k.user_id and u.active
    join public.tenants o on o.tenant_id = k.tenant_id
    where k.credential_id = credential;
$$;

-- As in 0025: head office has a name, too.
create function find_link(secret bytea, at timestamptz)
    returns table (tenant_id uuid, email text, name text, organisation text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select l.tenant_id, u.email, u.name, o.name
    from public.one_time_links l
    join public.users u on u.user_id = l.user_id and u.active
    join public.tenants o on o.tenant_id = l.tenant_id
    where l.hash = secret and l.expires_at > at;
$$;

-- As in 0030, of a person.
create function make_first_account(secret bytea, id uuid, organisation uuid, address text, called text,
                                   person text, hashed text, at timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.one_time_links l
        where l.user_id is null and l.hash = secret and l.expires_at > at;
    if not found or exists (select from public.users) then
        return false;
    end if;
    insert into public.users (user_id, tenant_id, email, name, person_id, password_hash)
        values (id, organisation, address, called, person, hashed);
    return true;
end $$;

-- Of an organisation's people. is_accepted: there is a way in; before there is one, link_until says until
-- when that of the invitation is good.
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
    where u.tenant_id = organisation and u.person_id = any (people) and u.active;
$$;

revoke execute on function find_login, find_session, find_step, find_passkey, find_link,
    make_first_account, log_ins_of from public;
grant execute on function find_login, find_session, find_step, find_passkey, find_link,
    make_first_account, log_ins_of to chudan_app;
