insert into claims (tenant_id, kind, key, owner)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
