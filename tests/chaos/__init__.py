"""`chudan serve` under load, its parts killed again and again, and nothing lost or done twice.

`plan` draws what is sent and who is killed, `clients` send it as integrations do, `killing` kills
and times, `checking` lays what was acknowledged beside the log.
"""
