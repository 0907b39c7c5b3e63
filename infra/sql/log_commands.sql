select c.tenant_id, c.idempotency_key, c.fingerprint, c.position, c.result::text as result
from unnest($1::uuid[], $2::text[]) as wanted (tenant_id, idempotency_key)
join commands c on c.tenant_id = wanted.tenant_id and c.idempotency_key = wanted.idempotency_key
