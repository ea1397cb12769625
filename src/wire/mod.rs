//! What travels between a client and the service, and the record of it.
