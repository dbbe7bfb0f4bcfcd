"""What runs networks: one class for each ``conf/backend/*.yaml``."""
