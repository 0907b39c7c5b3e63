-- One group of appends written by one statement, on the assumption that nothing stands in its way.
--
-- What does stand in the way (a version, claim or key that is taken, a tenant, an expected version or
-- a claim to be handed over that is not there) ends the statement with an error and leaves nothing;
-- infra/log/tenant_append.py then decides append by append. The caller's own rights and the policies
-- hold, as everywhere.
--
-- Lists of text come joined by the separator U+001F, which costs a tenth of an array. tenants: in
-- order, so that no two groups deadlock. counts: events of each. In rows, a tenant is its place in
-- tenants, and a position is counted from the tenant's head. Answers the heads' positions before.

create function log_append(
    tenants uuid[], counts integer[],
    event_tenants text, event_offsets text, streams text, versions text, topics text,
    class_versions text, payloads text, actors text, sources text, correlations text,
    causations text, lasts text,
    expected_tenants text, expected_streams text, expected_versions text,
    claim_tenants text, claim_kinds text, claim_keys text, claim_owners text,
    handed_tenants text, handed_kinds text, handed_keys text, handed_owners text,
    command_tenants text, command_offsets text, command_keys text, fingerprints text, results text,
    person_tenants text, people text, wrapped_keys text, key_ids text,
    effect_tenants text, effect_ids text, effect_kinds text, effect_payloads text)
returns bigint[]
language plpgsql as $$
declare
    heads_were bigint[];
    nows timestamptz[];
    handed bigint;
begin
    execute format('set local app.tenants = %L', array_to_string(tenants, ','));
    select array_agg(head.position), array_agg(head.now) into heads_were, nows
    from (
        select h.position, greatest(h.recorded_at, clock_timestamp()) as now
        from heads h where h.tenant_id = any (tenants) order by h.tenant_id for update
    ) as head;
    if cardinality(heads_were) is distinct from cardinality(tenants) then
        raise unique_violation using message = 'tenant';
    end if;
    if expected_streams is not null and exists (
        select from unnest(
            string_to_array(expected_tenants, e'\x1f')::integer[],
            string_to_array(expected_streams, e'\x1f'),
            string_to_array(expected_versions, e'\x1f')::integer[]
        ) as wanted (tenant, stream_id, version)
        where wanted.version is distinct from coalesce((
            select e.version from events e
            where e.tenant_id = tenants[wanted.tenant] and e.stream_id = wanted.stream_id
                and e.version > 0
            order by e.version desc limit 1), 0)
    ) then
        raise unique_violation using message = 'expected';
    end if;
    insert into events (tenant_id, position, stream_id, version, topic, class_version, payload,
                        actor, recorded_at, source, correlation_id, causation_id, is_last)
    select tenants[e.tenant], heads_were[e.tenant] + e.place, e.stream_id, e.version, e.topic,
           e.class_version, e.payload, e.actor, nows[e.tenant], e.source,
           nullif(e.correlation_id, '')::uuid, nullif(e.causation_id, '')::uuid, e.is_last
    from unnest(
        string_to_array(event_tenants, e'\x1f')::integer[],
        string_to_array(event_offsets, e'\x1f')::bigint[],
        string_to_array(streams, e'\x1f'),
        string_to_array(versions, e'\x1f')::integer[],
        string_to_array(topics, e'\x1f'),
        string_to_array(class_versions, e'\x1f')::smallint[],
        string_to_array(payloads, e'\x1f')::jsonb[],
        string_to_array(actors, e'\x1f'),
        string_to_array(sources, e'\x1f')::jsonb[],
        string_to_array(correlations, e'\x1f'),
        string_to_array(causations, e'\x1f'),
        string_to_array(lasts, e'\x1f')::boolean[]
    ) as e (tenant, place, stream_id, version, topic, class_version, payload, actor, source,
            correlation_id, causation_id, is_last);
    if claim_keys is not null then
        insert into claims (tenant_id, kind, key, owner)
        select tenants[c.tenant], c.kind, c.key, c.owner
        from unnest(
            string_to_array(claim_tenants, e'\x1f')::integer[],
            string_to_array(claim_kinds, e'\x1f'),
            string_to_array(claim_keys, e'\x1f'),
            string_to_array(claim_owners, e'\x1f')
        ) as c (tenant, kind, key, owner);
    end if;
    if handed_keys is not null then
        update claims c set owner = h.owner
        from unnest(
            string_to_array(handed_tenants, e'\x1f')::integer[],
            string_to_array(handed_kinds, e'\x1f'),
            string_to_array(handed_keys, e'\x1f'),
            string_to_array(handed_owners, e'\x1f')
        ) as h (tenant, kind, key, owner)
        where c.tenant_id = tenants[h.tenant] and c.kind = h.kind and c.key = h.key;
        get diagnostics handed = row_count;
        if handed <> cardinality(string_to_array(handed_keys, e'\x1f')) then
            raise unique_violation using message = 'handed over';
        end if;
    end if;
    if command_keys is not null then
        insert into commands (tenant_id, idempotency_key, fingerprint, position, result,
                              recorded_at)
        select tenants[c.tenant], c.key, decode(c.fingerprint, 'hex'),
               heads_were[c.tenant] + c.place, c.result, nows[c.tenant]
        from unnest(
            string_to_array(command_tenants, e'\x1f')::integer[],
            string_to_array(command_keys, e'\x1f'),
            string_to_array(fingerprints, e'\x1f'),
            string_to_array(command_offsets, e'\x1f')::bigint[],
            string_to_array(results, e'\x1f')::jsonb[]
        ) as c (tenant, key, fingerprint, place, result);
    end if;
    if people is not null then
        insert into person_keys (tenant_id, person_id, wrapped, key_id)
        select tenants[p.tenant], p.person_id, decode(p.wrapped, 'hex'), p.key_id
        from unnest(
            string_to_array(person_tenants, e'\x1f')::integer[],
            string_to_array(people, e'\x1f'),
            string_to_array(wrapped_keys, e'\x1f'),
            string_to_array(key_ids, e'\x1f')
        ) as p (tenant, person_id, wrapped, key_id);
    end if;
    if effect_ids is not null then
        insert into outbox (tenant_id, id, kind, payload, created_at)
        select tenants[o.tenant], o.id, o.kind, o.payload, nows[o.tenant]
        from unnest(
            string_to_array(effect_tenants, e'\x1f')::integer[],
            string_to_array(effect_ids, e'\x1f')::uuid[],
            string_to_array(effect_kinds, e'\x1f'),
            string_to_array(effect_payloads, e'\x1f')::jsonb[]
        ) as o (tenant, id, kind, payload);
    end if;
    update heads h set position = n.position + n.count, recorded_at = n.now
    from unnest(tenants, heads_were, counts, nows) as n (tenant_id, position, count, now)
    where h.tenant_id = n.tenant_id;
    return heads_were;
end $$;

revoke execute on function log_append from public;
grant execute on function log_append to chudan_log;
