-- Whoever backs up reads what the migrations made, of all tenants, and writes nothing (decision 0042).
-- A read model is not in a backup, nor a session: no table is read that is not granted. Of one
-- that should be, a backup says so.
create or replace procedure guard_tenant_table(name regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', name);
    execute format('alter table %s force row level security', name);
    execute format(
        'create policy tenant on %s to chudan_app, current_user'
        ' using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
        ' with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)',
        name);
    execute format('create policy backup on %s for select to chudan_backup using (true)', name);
end $$;

do $$
declare guarded regclass;
begin
    for guarded in
        select p.polrelid::regclass from pg_policy p
        join pg_class c on c.oid = p.polrelid and c.relnamespace = 'public'::regnamespace
        where p.polname = 'tenant'
    loop
        execute format(
            'create policy backup on %s for select to chudan_backup using (true)', guarded);
    end loop;
end $$;

grant select on tenants, heads, events, claims, commands, outbox, person_keys, checkpoints, repairs,
    seals, users, tokens, jobs, files, hq_what_ifs, head_office_schemes, head_office_what_ifs,
    calendar_years, secret_keys, schema_migrations to chudan_backup;
