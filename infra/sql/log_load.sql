select e.tenant_id, e.stream_id, e.version, e.topic, e.class_version, e.payload::text as payload,
       e.recorded_at, k.wrapped
from unnest($1::uuid[], $2::text[]) as wanted (tenant_id, stream_id)
join events e on e.tenant_id = wanted.tenant_id and e.stream_id = wanted.stream_id
left join person_keys k on k.tenant_id = e.tenant_id and k.person_id = e.stream_id
order by e.tenant_id, e.stream_id, e.version
