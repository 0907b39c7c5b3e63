select wanted.tenant_id, wanted.stream_id, stream.version, stream.topic, stream.class_version,
       stream.payload::text as payload, stream.recorded_at, person.wrapped
from unnest($1::uuid[], $2::text[]) as wanted (tenant_id, stream_id)
cross join lateral (
    select e.version, e.topic, e.class_version, e.payload, e.recorded_at
    from events e
    where e.tenant_id = wanted.tenant_id and e.stream_id = wanted.stream_id
    order by e.version
    offset 0
) as stream
left join lateral (
    select k.wrapped
    from person_keys k
    where k.tenant_id = wanted.tenant_id and k.person_id = wanted.stream_id
    limit 1
) as person on true
