update claims set owner = handed.owner
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as handed (tenant_id, kind, key, owner)
where claims.tenant_id = handed.tenant_id and claims.kind = handed.kind and claims.key = handed.key
