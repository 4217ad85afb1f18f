"""A key management entity: keys over ETSI GS QKD 014 to the applications of a test-bed."""
