-- The jobs of a partner in the order in which they were made: earlier imports are looked up by it.
create index jobs_made on jobs (tenant_id, created_at, id);
