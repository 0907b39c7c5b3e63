-- Who may come in: accounts, tokens, sessions, and the ways in. Plain tables and not events: a hash of a
-- secret does not belong in a log that is never changed (decisions/0005).

-- A credential must be resolved before its organisation is known. The functions below do that for the
-- application, for one exact secret at a time; they run as their owner. Forced row-level security holds
-- for an owner who is no superuser too, so the owner gets a policy of its own, on these tables, on the
-- two in which an organisation is registered, and on the checkpoints, which begin again with a table
-- that was lost; on nothing that holds a partner's business.
create procedure open_to_owner(name regclass) language plpgsql as $$
begin
    execute format('create policy owner on %s to current_user using (true) with check (true)', name);
end $$;
call open_to_owner('tenants');
call open_to_owner('heads');
call open_to_owner('checkpoints');

-- Head office is an organisation like a partner, of this id in every installation
-- (domain.people.partner.HEAD_OFFICE_ID), with a log in which its people and their roles are.
insert into tenants (tenant_id, code, code_key, name, zone)
values ('00000000-0000-0000-0000-000000000001', 'HEAD-OFFICE', 'HEAD-OFFICE', '总部', 'Asia/Shanghai');
insert into heads (tenant_id) values ('00000000-0000-0000-0000-000000000001');

-- The account of somebody on record: what it may do follows from the person's events alone. Who was
-- invited has no password before one is chosen.
create table users (
    user_id uuid primary key,
    tenant_id uuid not null references tenants,
    person_id text not null,
    email text not null,
    password_hash text,
    active boolean not null default true,
    created_at timestamptz not null default now(),
    unique nulls not distinct (tenant_id, email)
);
create unique index users_person on users (tenant_id, person_id);
create index users_email on users (email);
-- The application never reads a password hash but through find_login.
grant select (user_id, tenant_id, person_id, email, active, created_at) on users to chudan_app;

-- role: of a service; none where it is the own token of whose account made it, and has what they may.
create table tokens (
    token_id uuid primary key,
    tenant_id uuid not null references tenants,
    hash bytea not null unique check (length(hash) = 32),
    label text not null,
    role text,
    scopes text[],
    made_by uuid,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz,
    check (role is not null or made_by is not null)
);
grant select (token_id, tenant_id, label, role, scopes, made_by, created_at, expires_at, last_used_at,
    revoked_at) on tokens to chudan_app;

-- Listed and ended one by one: session_id stands where the hash of the secret must not. agent: what the
-- browser calls itself. A session is over at expires_at, and when it was not used for as long as the
-- program says; seen_at is to the minute.
create table sessions (
    hash bytea primary key check (length(hash) = 32),
    session_id uuid not null,
    tenant_id uuid not null references tenants,
    user_id uuid not null references users on delete cascade,
    agent text not null,
    created_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null
);
create index sessions_user on sessions (user_id);
create index sessions_expires on sessions (expires_at);
grant select (session_id, tenant_id, user_id, created_at, seen_at, expires_at, agent), delete
    on sessions to chudan_app;

-- Links by which somebody chooses a password: invited, or having lost it. Only the SHA-256 of the secret
-- is kept; a link that was used, and one that another took the place of, is deleted. One of nobody's
-- makes the first account, where there is none.
create table one_time_links (
    hash bytea primary key check (length(hash) = 32),
    tenant_id uuid not null references tenants,
    user_id uuid unique references users on delete cascade,
    expires_at timestamptz not null
);
create index one_time_links_expires on one_time_links (expires_at);

-- How often somebody was wrong: with a mail address, whoever's it is, and from a network address. key: a
-- hash of either, so that nobody reads here who tries to log in.
create table log_in_attempts (
    key bytea primary key check (length(key) = 32),
    failures integer not null,
    last_at timestamptz not null,
    is_locked boolean not null default false
);
create index log_in_attempts_last on log_in_attempts (last_at);
grant select, insert, update, delete on log_in_attempts to chudan_app;

-- One-time codes beside the password (RFC 6238): their secret is wrapped with the secret key. last_step: of
-- the last code that was good, which is good no more; null until one has shown that the secret arrived.
create table totps (
    tenant_id uuid not null references tenants,
    user_id uuid primary key references users on delete cascade,
    wrapped bytea not null,
    key_id text not null,
    last_step bigint
);
call guard_wrapped('totps');
grant select, insert, update, delete on totps to chudan_app;

-- For who lost what makes the codes: only the SHA-256 of each, which is deleted when it was used.
create table recovery_codes (
    tenant_id uuid not null references tenants,
    user_id uuid not null references users on delete cascade,
    hash bytea not null check (length(hash) = 32),
    primary key (user_id, hash)
);
grant select, insert, delete on recovery_codes to chudan_app;

-- Passkeys (WebAuthn). rp_id: the host at which one is good. sign_count: how often the authenticator says
-- that it signed, 0 of one that does not count.
create table passkeys (
    credential_id bytea primary key check (length(credential_id) between 1 and 1023),
    tenant_id uuid not null references tenants,
    user_id uuid not null references users on delete cascade,
    rp_id text not null,
    public_key bytea not null,
    sign_count bigint not null,
    name text not null,
    created_at timestamptz not null,
    last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id);
grant select, insert, delete on passkeys to chudan_app;

-- A log-in whose password was right and whose code is yet to come. hash: of its secret and of the browser
-- that began it. proof: a hash of what is kept of the password, since with another one it is over.
create table log_in_steps (
    hash bytea primary key check (length(hash) = 32),
    tenant_id uuid not null references tenants,
    user_id uuid not null references users on delete cascade,
    proof bytea not null,
    expires_at timestamptz not null
);
create index log_in_steps_user on log_in_steps (user_id);
create index log_in_steps_expires on log_in_steps (expires_at);

-- Challenges that a passkey has answered: good once.
create table spent_challenges (
    hash bytea primary key check (length(hash) = 32),
    expires_at timestamptz not null
);
create index spent_challenges_expires on spent_challenges (expires_at);
grant select, insert, delete on spent_challenges to chudan_app;

-- Who vouches for an account: provider and issuer say whose word subject is, which is nobody's name or mail
-- address. A copy of an installation's rows opens no door by it: the provider has to say it anew.
create table identities (
    provider text not null,
    issuer text not null,
    subject text not null,
    identity_id uuid not null default gen_random_uuid(),
    tenant_id uuid not null references tenants,
    user_id uuid not null references users on delete cascade,
    linked_at timestamptz not null,
    used_at timestamptz,
    primary key (provider, issuer, subject)
);
create index identities_user on identities (user_id);
grant select (identity_id, tenant_id, user_id, provider, linked_at, used_at) on identities to chudan_app;

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

do $$
declare guarded regclass;
begin
    foreach guarded in array array['users', 'tokens', 'sessions', 'one_time_links', 'totps',
        'recovery_codes', 'passkeys', 'log_in_steps', 'identities']::regclass[] loop
        call guard_tenant_table(guarded);
        call open_to_owner(guarded);
    end loop;
end $$;
grant select on users, tokens, totps, recovery_codes, passkeys, identities to chudan_backup;
