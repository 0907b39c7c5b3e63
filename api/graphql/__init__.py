"""The GraphQL door: the engine runs documents; each module of types is one capability."""
