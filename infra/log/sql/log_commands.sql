select wanted.tenant_id, wanted.idempotency_key, done.fingerprint, done.position,
       done.result::text as result
from unnest($1::uuid[], $2::text[]) as wanted (tenant_id, idempotency_key)
cross join lateral (
    select c.fingerprint, c.position, c.result
    from commands c
    where c.tenant_id = wanted.tenant_id and c.idempotency_key = wanted.idempotency_key
    limit 1
) as done
