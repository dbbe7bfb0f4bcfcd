"""Tables of vectors in PostgreSQL with pgvector: how they are made, indexed and asked."""
