-- The schema's owner, in a transaction that names a tenant, sees and writes that one as the application
-- does: who hands a partner on to another installation needs all of its tables at one moment.
create or replace procedure guard_tenant_table(name regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', name);
    execute format('alter table %s force row level security', name);
    execute format(
        'create policy tenant on %s to chudan_app, current_user'
        ' using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
        ' with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)',
        name);
end $$;

do $$
declare guarded regclass;
begin
    for guarded in select polrelid from pg_policy where polname = 'tenant' loop
        execute format('alter policy tenant on %s to chudan_app, current_user', guarded);
    end loop;
end $$;
