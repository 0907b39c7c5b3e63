-- An import that was taken back: over, and nothing of it stands any more.

alter table jobs drop constraint jobs_state_check;
alter table jobs drop constraint jobs_due_check;
alter table jobs add constraint jobs_state_check check (
    state in ('queued', 'running', 'cancelling', 'done', 'failed', 'cancelled', 'undone'));
alter table jobs add constraint jobs_due_check check (
    (due_at is null) = (state in ('done', 'failed', 'cancelled', 'undone')));

alter table jobs no force row level security;
update jobs set state = 'undone'
from (
    select tenant_id, (payload ->> 'imported')::uuid as imported from jobs
    where kind = 'import.undo' and (result ->> 'undone')::bool
) as undoing
where jobs.tenant_id = undoing.tenant_id and jobs.id = undoing.imported;
alter table jobs force row level security;
