"""The GraphQL door: the engine runs documents, a module a capability has its types."""
