-- limit 1 keeps the look-up an index probe per key: without statistics a join may scan the table.
select wanted.tenant_id, wanted.kind, wanted.key, claim.owner
from unnest($1::uuid[], $2::text[], $3::text[]) as wanted (tenant_id, kind, key)
cross join lateral (
    select c.owner
    from claims c
    where c.tenant_id = wanted.tenant_id and c.kind = wanted.kind and c.key = wanted.key
    limit 1
) as claim
