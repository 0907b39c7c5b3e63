-- Links by which somebody chooses a password: invited, or having lost it. Only the SHA-256 of the secret
-- is kept; a link that was used, and one that another took the place of, is deleted. An account that was
-- invited has no password before.
alter table users alter column password_hash drop not null;

create table one_time_links (
    hash bytea primary key check (length(hash) = 32),
    tenant_id uuid references tenants,
    user_id uuid not null unique references users on delete cascade,
    expires_at timestamptz not null
);
call guard_tenant_table('one_time_links');
do $$ begin
    execute format('create policy owner on one_time_links to %I using (true) with check (true)',
        current_user);
end $$;

create function find_link(secret bytea, at timestamptz)
    returns table (tenant_id uuid, email text, name text, partner text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select l.tenant_id, u.email, u.name, p.name
    from public.one_time_links l
    join public.users u on u.user_id = l.user_id and u.active
    left join public.tenants p on p.tenant_id = l.tenant_id
    where l.hash = secret and l.expires_at > at;
$$;

-- Whoever has the link chooses the password; whoever had the old one is out.
create function use_link(secret bytea, hashed text, at timestamptz) returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare who uuid;
begin
    delete from public.one_time_links l where l.hash = secret and l.expires_at > at
        returning l.user_id into who;
    update public.users u set password_hash = hashed where u.user_id = who and u.active;
    if not found then
        return false;
    end if;
    delete from public.sessions s where s.user_id = who;
    return true;
end $$;

revoke execute on function find_link, use_link from public;
grant execute on function find_link, use_link to chudan_app;
