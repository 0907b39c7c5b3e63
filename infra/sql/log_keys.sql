select k.tenant_id, k.person_id, k.wrapped
from unnest($1::uuid[], $2::text[]) as wanted (tenant_id, person_id)
join person_keys k on k.tenant_id = wanted.tenant_id and k.person_id = wanted.person_id
