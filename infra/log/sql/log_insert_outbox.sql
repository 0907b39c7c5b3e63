insert into outbox (tenant_id, id, kind, payload, created_at)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::timestamptz[])
