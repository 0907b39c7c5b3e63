-- undone_by: the job that took an import back, of which nothing stands any more. state stays as it
-- ended, so that a program of before reads it as ever.
alter table jobs add column undone_by uuid;

alter table jobs no force row level security;
update jobs set undone_by = undoing.id
from (
    select tenant_id, id, (payload ->> 'imported')::uuid as imported from jobs
    where kind = 'import.undo' and (result ->> 'undone')::bool
) as undoing
where jobs.tenant_id = undoing.tenant_id and jobs.id = undoing.imported;
alter table jobs force row level security;
