insert into commands (tenant_id, idempotency_key, fingerprint, position, result, recorded_at)
select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::bigint[], $5::jsonb[],
                     $6::timestamptz[])
