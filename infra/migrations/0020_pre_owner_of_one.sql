-- The schema's owner, in a transaction that names a tenant, sees and writes that one as the application
-- does: who hands a partner on to another installation needs all of its tables at one moment. Tables
-- to come are guarded so from 0021 on.
do $$
declare guarded regclass;
begin
    for guarded in select polrelid from pg_policy where polname = 'tenant' loop
        execute format('alter policy tenant on %s to chudan_app, current_user', guarded);
    end loop;
end $$;
