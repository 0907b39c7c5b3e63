-- A chain of seals goes by the numbers of its lines, since the block of one by which another key
-- begins is empty (decision 0044); those of before are not read. key: the public half of the key that signed the line.
truncate seals;
alter table seals
    add column number bigint not null,
    add column key text not null,
    drop constraint seals_pkey,
    drop constraint seals_tenant_id_until_key,
    drop constraint seals_check,
    add check (until >= after),
    add primary key (tenant_id, number);
grant select (number, key) on seals to chudan_projector;

-- Whether a partner's first unsealed event has waited for long.
create policy everybody on events for select to chudan_projector using (true);
grant select (tenant_id, position, recorded_at) on events to chudan_projector;
