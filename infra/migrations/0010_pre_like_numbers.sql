-- Numbers that differ in leading zeros alone are one's: who has 00147 claims 147 too, in the name of
-- 00147 (services/kernel/naming.py). Of those given before, two may be alike: nothing is claimed then.

alter table claims no force row level security;
insert into claims (tenant_id, kind, key, owner)
select tenant_id, kind, coalesce(nullif(ltrim(key, '0'), ''), '0'), '~' || min(key)
from claims where key ~ '^0[0-9]+$'
group by 1, 2, 3
on conflict do nothing;
alter table claims force row level security;
