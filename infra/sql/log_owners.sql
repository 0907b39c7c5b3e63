select c.tenant_id, c.kind, c.key, c.owner
from unnest($1::uuid[], $2::text[], $3::text[]) as wanted (tenant_id, kind, key)
join claims c on c.tenant_id = wanted.tenant_id and c.kind = wanted.kind and c.key = wanted.key
