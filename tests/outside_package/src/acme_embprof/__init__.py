"""What Acme measures with embprof."""
