select e.tenant_id, e.stream_id, e.version, e.position, e.correlation_id
from unnest($1::uuid[], $2::text[], $3::integer[]) as wanted (tenant_id, stream_id, version)
join events e on e.tenant_id = wanted.tenant_id and e.stream_id = wanted.stream_id
    and e.version = wanted.version
