-- A link that is nobody's yet: by it the first account is made, where there is none.
alter table one_time_links alter column user_id drop not null;

create function awaits_first_account(secret bytea, at timestamptz) returns boolean
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from public.one_time_links l where l.user_id is null and l.expires_at > at
                   and (secret is null or l.hash = secret))
        and not exists (select from public.users);
$$;

-- Of two who come at once with the link one finds it.
create function make_first_account(secret bytea, id uuid, address text, called text, its_role text, hashed text,
                                   at timestamptz)
    returns boolean
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.one_time_links l
        where l.user_id is null and l.hash = secret and l.expires_at > at;
    if not found or exists (select from public.users) then
        return false;
    end if;
    insert into public.users (user_id, email, name, role, password_hash)
        values (id, address, called, its_role, hashed);
    return true;
end $$;

revoke execute on function awaits_first_account, make_first_account from public;
grant execute on function awaits_first_account, make_first_account to chudan_app;
