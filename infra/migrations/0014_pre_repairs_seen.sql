-- Whose read models pass over something is seen across tenants, as what is parked is.
create policy everybody on repairs for select to chudan_projector using (true);
grant select on repairs to chudan_projector;
