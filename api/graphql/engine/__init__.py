"""How a document is read, limited, permitted and run, whatever the schema says."""
