select wanted.tenant_id, wanted.stream_id, last.version
from unnest($1::uuid[], $2::text[]) as wanted (tenant_id, stream_id)
cross join lateral (
    select e.version
    from events e
    where e.tenant_id = wanted.tenant_id and e.stream_id = wanted.stream_id
    order by e.version desc
    limit 1
) as last
