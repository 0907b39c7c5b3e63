insert into person_keys (tenant_id, person_id, wrapped)
select * from unnest($1::uuid[], $2::text[], $3::bytea[])
