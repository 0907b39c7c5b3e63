insert into events (tenant_id, position, stream_id, version, topic, class_version, payload, actor,
                    recorded_at, source, correlation_id, causation_id)
select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::integer[], $5::text[],
                     $6::smallint[], $7::jsonb[], $8::text[], $9::timestamptz[], $10::jsonb[],
                     $11::uuid[], $12::uuid[])
