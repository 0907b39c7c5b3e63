-- The seals of each partner's log (decision 0041): of the events after one position and up to another.
--
-- line: as it stands in the file outside. event_hashes: of the block's events, 32 bytes each.
-- answer_hashes: of the idempotency answers that it seals, 40 bytes each: the position, and the hash.
create table seals (
    tenant_id uuid not null,
    after bigint not null,
    until bigint not null check (until > after),
    line text not null,
    event_hashes bytea not null,
    answer_hashes bytea not null,
    primary key (tenant_id, after),
    unique (tenant_id, until)
);
call guard_log_table('seals');
create policy everybody on seals for select to chudan_projector using (true);
grant select, insert on seals to chudan_log;
grant select (tenant_id, until) on seals to chudan_projector;

-- Who seals has old answers expire, and reads the partner's row.
grant delete on commands to chudan_log;
create policy tenants on tenants to chudan_log
    using (tenant_id = any ((select string_to_array(
        nullif(current_setting('app.tenants', true), ''), ',')::uuid[])::uuid[]))
    with check (tenant_id = any ((select string_to_array(
        nullif(current_setting('app.tenants', true), ''), ',')::uuid[])::uuid[]));
grant select on tenants to chudan_log;
