-- A job that somebody cancelled: cancelling while its worker has yet to stop, which due_at bounds as
-- it bounds the lease.
alter table jobs drop constraint jobs_state_check, drop constraint jobs_check;
alter table jobs
    add constraint jobs_state_check check (
        state in ('queued', 'running', 'cancelling', 'done', 'failed', 'cancelled')),
    add constraint jobs_due_check check ((due_at is null) = (state in ('done', 'failed', 'cancelled'))),
    add constraint jobs_worker_check check ((worker is null) = (state not in ('running', 'cancelling')));
