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
        state in ('rendered', 'sending', 'sent', 'unknown', 'refused', 'expired')),
    constraint mails_ended_check check ((ended_at is null) = (state in ('rendered', 'sending'))),
    constraint mails_sealed_check check (
        (ended_at is null) = (sealed is not null and wrapped is not null and key_id is not null))
);
call guard_tenant_table('mails');
grant select, insert, update on mails to chudan_app;
grant select on mails to chudan_backup;
