select wanted.tenant_id, wanted.person_id, person.wrapped
from unnest($1::uuid[], $2::text[]) as wanted (tenant_id, person_id)
cross join lateral (
    select k.wrapped
    from person_keys k
    where k.tenant_id = wanted.tenant_id and k.person_id = wanted.person_id
    limit 1
) as person
