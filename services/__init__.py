"""Use cases: who may do what, and when. One module per capability, one handler per command.

May import the domain and libraries; adapters come in through the protocols of ports.py.
"""
