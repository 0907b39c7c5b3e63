-- Mails, each sent by a job of the same id, once or said to be unknown. sealed: what it says and to whom,
-- sealed with a key of its own that the secret key wraps; gone with its key once nobody will send it.
-- sending: the server is being told what it says, or whoever told it was killed. until: when it is of no
-- use any more.
create table mails (
    tenant_id uuid not null,
    id uuid not null,
    state text not null default 'rendered',
    sealed text,
    wrapped bytea,
    key_id text,
    until timestamptz not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (tenant_id, id),
    constraint mails_state_check check (
        state in ('rendered', 'sending', 'sent', 'unknown', 'refused', 'expired', 'failed')),
    constraint mails_ended_check check ((ended_at is null) = (state in ('rendered', 'sending'))),
    constraint mails_sealed_check check (
        (ended_at is null) = (sealed is not null and wrapped is not null and key_id is not null))
);
-- As the people's keys (0016): whoever did not notice that another secret key came into force is refused.
do $$
begin
    execute format('alter table mails add constraint wrapped_with_the_key_in_force check (key_id = %L)',
        (select key_id from secret_keys where in_force));
end $$;
call guard_tenant_table('mails');
grant select, insert, update on mails to chudan_app;
grant select on mails to chudan_backup;
