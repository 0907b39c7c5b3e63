-- Whose an account is: the person (of the partner's log) from whose stream follows what the account may
-- do. An account without one, as of head office, has the role of its row.
alter table users add column person_id text;
create unique index users_person on users (tenant_id, person_id);
grant select (person_id) on users to chudan_app;
