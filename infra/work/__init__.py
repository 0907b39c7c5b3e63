"""Jobs: outbox, leases, worker, scheduler, broker, and each kind of job."""
